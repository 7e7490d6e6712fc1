import { dirname } from 'node:path';
import type { Value } from '../value/value.ts';
import type { Build, PlayDraft, Site } from './build.ts';
import { Fields, asText, holdsTemplate, isTrue, located, locatedList, spelled } from './fields.ts';
import { didYouMean } from '../model/nearest.ts';
import { findFile } from './paths.ts';
import { rollingOf } from './rolling.ts';
import { roleEntry } from './roles.ts';
import type { CompiledRole } from './roles.ts';
import { NOTHING_SHARED, checkKeywords, inherit, varsOf } from './inherit.ts';
import { handlerLists, taskList } from './tasks.ts';
import type { Located, Node, Play, Prompt, RawVars } from './types.ts';

/** What an import_playbook statement hands to the plays it brings. */
export interface Import {
  readonly when: readonly Located[];
  readonly tags: readonly string[];
  readonly vars: RawVars;
}

/** One play of a playbook in `folder`. */
export const compilePlay = (fields: Fields, folder: string, imported: Import, build: Build): Play => {
  const { findings } = build;
  checkKeywords(fields, 'Play', findings);
  const hosts = hostsOf(fields, build);
  const vars: RawVars = new Map([...varsOf(fields, 'Play', findings), ...imported.vars]);
  const varsFiles = locatedList(fields.get('vars_files'));
  const draft: PlayDraft = { folder, vars: withFiles(vars, varsFiles, fields, folder, build), roles: [], handlers: [] };
  const own = inherit(NOTHING_SHARED, fields, findings);
  const shared = { ...own, ...userOf(fields, build), tags: [...new Set([...imported.tags, ...own.tags])] };
  const site: Site = {
    build, play: draft, shared, notify: [], outerVars: [], includeParams: [], includedFrom: [], handlers: false, chain: [],
    dependents: [],
  }; // prettier-ignore
  const tasksSite = { ...site, shared: { ...shared, when: imported.when } };
  const roles = rolesOf(fields, tasksSite);
  draft.roles.unshift(...roles.map(({ role }) => role));
  const handlers = handlerLists(fields.get('handlers'), site);
  const list = (name: string): readonly Node[] => taskList(fields.get(name), name, tasksSite);
  const sections = [
    { name: 'pre_tasks', nodes: list('pre_tasks') },
    { name: 'tasks', nodes: [...roles.flatMap(({ nodes }) => nodes), ...list('tasks')] },
    { name: 'post_tasks', nodes: list('post_tasks') },
  ] as const;
  const rolling = rollingOf(fields, tasksSite);
  return {
    at: fields.at,
    name: fields.text('name')?.value || locatedList(fields.get('hosts')).map(({ value }) => spelled(value)).join(','),
    hosts,
    vars,
    varsFiles,
    varsPrompt: promptsOf(fields, build),
    folder,
    modulePath: build.modulePath,
    importWhen: imported.when,
    ...settings(fields),
    serial: locatedList(fields.get('serial')).map(({ value }) => value),
    strategy: strategyOf(fields, build),
    ...(rolling && { rolling }),
    shared,
    roles: draft.roles,
    sections,
    handlers: [...roles.flatMap(role => role.handlers), ...handlers, ...draft.handlers],
  }; // prettier-ignore
};

/** `user` is an old word for remote_user. */
const userOf = (fields: Fields, { findings }: Build): { remoteUser?: Located } => {
  const user = fields.located('user');
  if (user && fields.has('remote_user')) {
    const message = "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed";
    findings.error('E_SYNTAX', user.at, message);
  }
  return user ? { remoteUser: user } : {};
};

const SETTINGS = {
  gather_facts: 'gatherFacts', gather_subset: 'gatherSubset', gather_timeout: 'gatherTimeout', fact_path: 'factPath',
  max_fail_percentage: 'maxFailPercentage', any_errors_fatal: 'anyErrorsFatal', force_handlers: 'forceHandlers', order: 'order',
} as const; // prettier-ignore
type Settings = Partial<Record<(typeof SETTINGS)[keyof typeof SETTINGS], Located>>;
const settings = (fields: Fields): Settings => {
  const found: Settings = {};
  for (const [keyword, property] of Object.entries(SETTINGS)) {
    const value = fields.located(keyword);
    if (value) found[property] = value;
  }
  return found;
};

const hostsOf = (fields: Fields, { findings }: Build): Located => {
  const node = fields.get('hosts');
  if (!node) {
    findings.error('E_SYNTAX', fields.at, "the field 'hosts' is required but was not set");
    return { value: [], at: fields.at };
  }
  const wrong = node.kind === 'sequence' ? node.items().find(item => asText(item.value) === undefined) : undefined;
  if (node.value === null || node.value === '' || (node.kind === 'sequence' && node.items().length === 0))
    findings.error('E_SYNTAX', node.at, 'Hosts list cannot be empty. Please check your playbook');
  else if (wrong?.value === null)
    findings.error('E_SYNTAX', wrong.at, "Hosts list cannot contain values of 'None'. Please check your playbook");
  else if (wrong) findings.error('E_SYNTAX', wrong.at, `Hosts list contains an invalid host value: '${spelled(wrong.value)}'`);
  else if (node.kind === 'mapping' || (node.kind === 'scalar' && asText(node.value) === undefined))
    findings.error('E_SYNTAX', node.at, 'Hosts list must be a sequence or string. Please check your playbook.');
  return located(node);
};

const STRATEGIES = ['linear', 'free', 'host_pinned', 'debug'];
const strategyOf = (fields: Fields, { findings }: Build): Play['strategy'] => {
  const strategy = fields.text('strategy');
  const name = (strategy?.value ?? 'linear').replace(/^ansible\.builtin\./, '');
  if (name === 'free' || name === 'host_pinned') return name;
  if (strategy && !STRATEGIES.includes(name) && !holdsTemplate(name))
    findings.error('E_SYNTAX', strategy.at, `Invalid play strategy specified: ${strategy.value}`, didYouMean(name, STRATEGIES));
  return 'linear';
};

const rolesOf = (fields: Fields, site: Site): readonly CompiledRole[] => {
  const node = fields.get('roles');
  if (!node || node.value === null) return [];
  if (node.kind !== 'sequence') {
    site.build.findings.error('E_SYNTAX', node.at, 'A malformed role declaration was encountered: roles must be a list');
    return [];
  }
  return node.items().flatMap(item => roleEntry(item, site) ?? []);
};

/** The play's variables with those of its vars_files that can be read now; of a list of files in it, the first that is there. */
const withFiles = (vars: RawVars, files: readonly Located[], fields: Fields, folder: string, build: Build): RawVars => {
  const all = new Map(vars);
  for (const { value, at } of files) {
    const names = (Array.isArray(value) ? value : [value]).map(each => staticPath(each, all, build));
    const known = names.slice(0, names.includes(undefined) ? names.indexOf(undefined) : undefined).filter(name => name !== undefined);
    const found = known
      .map(name => findFile(name, 'vars', [dirname(fields.at.file)], folder, build.options.files).path)
      .find(path => path !== undefined);
    if (found === undefined && known.length === names.length)
      build.findings.warn('E_FILE', at, `vars file ${known.join(', ')} was not found, and is left out as Ansible does`);
    const root = found === undefined ? undefined : build.load(found, at);
    for (const entry of root?.entries() ?? []) all.set(spelled(entry.key.value), entry.value.value);
  }
  return all;
};
/** Undefined when the name depends on a host. */
const staticPath = (value: Value, vars: RawVars, { options }: Build): string | undefined => {
  const text = asText(value);
  return text === undefined || !holdsTemplate(text) ? text : asText(tryRender(text, vars, options));
};
const tryRender = (text: string, vars: RawVars, { render }: Build['options']): Value | undefined => {
  try {
    return render(text, vars);
  } catch {
    // Ansible too leaves such a file for later: its name may come from a host's facts.
    return undefined;
  }
};

const PROMPT_KEYS = ['name', 'prompt', 'default', 'private', 'confirm', 'encrypt', 'salt_size', 'salt', 'unsafe'];
const promptsOf = (fields: Fields, build: Build): readonly Prompt[] => {
  const node = fields.get('vars_prompt');
  if (!node || node.value === null) return [];
  const items = node.kind === 'sequence' ? node.items() : [node];
  return items.flatMap(item => promptOf(new Fields(item), build) ?? []);
};
const promptOf = (fields: Fields, { findings }: Build): Prompt | undefined => {
  for (const key of fields.names())
    if (!PROMPT_KEYS.includes(key))
      findings.error(
        'E_SYNTAX',
        fields.keyAt(key),
        `Invalid vars_prompt data structure, found unsupported key '${key}'`,
        didYouMean(key, PROMPT_KEYS),
      );
  const name = fields.text('name')?.value;
  if (name === undefined) return void findings.error('E_SYNTAX', fields.at, "Invalid vars_prompt data structure, missing 'name' key");
  const [preset, encrypt, salt, size] = [
    fields.located('default'),
    fields.text('encrypt'),
    fields.text('salt'),
    fields.located('salt_size'),
  ];
  return {
    name,
    prompt: fields.text('prompt')?.value ?? name,
    private: isTrue(fields.get('private')?.value, true),
    confirm: isTrue(fields.get('confirm')?.value, false),
    unsafe: isTrue(fields.get('unsafe')?.value, false),
    ...(preset ? { default: preset.value } : {}),
    ...(encrypt ? { encrypt: encrypt.value } : {}),
    ...(salt ? { salt: salt.value } : {}),
    ...(size ? { saltSize: Number(spelled(size.value)) } : {}),
  };
};
