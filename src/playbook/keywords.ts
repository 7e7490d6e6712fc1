/**
 * Which keywords may stand where: the FieldAttributes of ansible-core 2.18's playbook classes (printed from `Task.fattributes` and its
 * like), and kplay's own `guard` and `rolling` beside them.
 */
const BASE = [
  'name', 'connection', 'port', 'remote_user', 'vars', 'module_defaults', 'environment', 'no_log', 'run_once', 'ignore_errors',
  'ignore_unreachable', 'check_mode', 'diff', 'any_errors_fatal', 'throttle', 'timeout', 'debugger', 'become', 'become_method',
  'become_user', 'become_flags', 'become_exe',
] as const; // prettier-ignore
const DELEGATED = ['delegate_to', 'delegate_facts'] as const;
const TASK = [
  ...BASE, ...DELEGATED, 'when', 'tags', 'collections', 'notify', 'action', 'local_action', 'args', 'async', 'async_val', 'changed_when', 'delay',
  'failed_when', 'loop', 'loop_control', 'loop_with', 'poll', 'register', 'retries', 'until', 'guard',
] as const; // prettier-ignore
const INCLUDE = [
  'action', 'local_action', 'args', 'collections', 'debugger', 'ignore_errors', 'loop', 'loop_control', 'loop_with', 'name', 'no_log',
  'register', 'run_once', 'tags', 'timeout', 'vars', 'when', 'guard',
] as const; // prettier-ignore

/** By the name Ansible gives the thing in its messages. */
export const KEYWORDS = {
  Play: [
    ...BASE, 'tags', 'collections', 'hosts', 'gather_facts', 'gather_subset', 'gather_timeout', 'fact_path', 'vars_files', 'vars_prompt', 'roles',
    'handlers', 'pre_tasks', 'post_tasks', 'tasks', 'force_handlers', 'max_fail_percentage', 'serial', 'strategy', 'order', 'user', 'guard',
    'rolling',
  ], // prettier-ignore
  Block: [...BASE, ...DELEGATED, 'when', 'tags', 'collections', 'notify', 'block', 'rescue', 'always', 'guard'],
  Task: TASK,
  Handler: [...TASK, 'listen'],
  TaskInclude: INCLUDE,
  HandlerTaskInclude: [...INCLUDE, 'listen'],
  IncludeRole: INCLUDE,
  RoleInclude: [...BASE, ...DELEGATED, 'when', 'tags', 'collections', 'role', 'guard'],
  PlaybookInclude: [...BASE, 'when', 'tags', 'import_playbook'],
  RoleMetadata: [...BASE, 'collections', 'allow_duplicates', 'argument_specs', 'dependencies', 'galaxy_info'],
  Rolling: ['canary', 'batch', 'max_unavailable', 'unavailable', 'gate', 'soak', 'rollback'],
  LoopControl: ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when'],
} as const;
export type Holder = keyof typeof KEYWORDS;
const sets = new Map<Holder, ReadonlySet<string>>(Object.entries(KEYWORDS).map(([holder, names]) => [holder as Holder, new Set(names)]));
export const isKeyword = (holder: Holder, name: string): boolean => sets.get(holder)?.has(name) ?? false;

/** Keywords whose value Ansible refuses at load time when it is a list or a mapping. */
export const TEXT_KEYWORDS: readonly string[] = [
  'name', 'connection', 'remote_user', 'debugger', 'become_method', 'become_user', 'become_flags', 'become_exe', 'delegate_to', 'register',
  'loop_with', 'strategy', 'order', 'fact_path', 'loop_var', 'index_var', 'label', 'import_playbook',
]; // prettier-ignore

/** What `with_` can be followed by: ansible.builtin's lookups and the old names that moved to community.general. */
export const LOOP_STYLES: readonly string[] = [
  'config', 'csvfile', 'dict', 'env', 'file', 'fileglob', 'first_found', 'indexed_items', 'ini', 'inventory_hostnames', 'items', 'lines',
  'list', 'nested', 'password', 'pipe', 'random_choice', 'sequence', 'subelements', 'template', 'together', 'unvault', 'url', 'varnames',
  'vars', 'cartesian', 'flattened', 'dig', 'dnstxt', 'etcd', 'filetree', 'hiera', 'redis', 'shelvefile', 'keyring', 'passwordstore',
]; // prettier-ignore

const PYTHON_WORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);
/** A variable's name: an ASCII Python identifier that is no word of the language. */
export const isIdentifier = (name: unknown): boolean => typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name) && !PYTHON_WORDS.has(name);
