import type { Plain } from '../../src/model/module.ts';
import { taskName } from '../../src/playbook/select.ts';
import type { Node, Play, RawVars, Shared, Task } from '../../src/playbook/types.ts';
import type { Value } from '../../src/value/value.ts';
import { TYPED_PY, askOracle, typed } from '../yaml/_oracle.ts';

/** What ansible-core makes of a playbook: its refusal, or its tasks with everything they inherited. */
export type Reading = { readonly error: string } | { readonly plays: readonly PlayReading[] };
interface PlayReading {
  readonly name: string;
  readonly tasks: Plain;
  readonly handlers: Plain;
}

const SHARED = {
  become: 'become', become_user: 'becomeUser', become_method: 'becomeMethod', remote_user: 'remoteUser', connection: 'connection', port: 'port',
  delegate_to: 'delegateTo', delegate_facts: 'delegateFacts', run_once: 'runOnce', ignore_errors: 'ignoreErrors',
  ignore_unreachable: 'ignoreUnreachable', any_errors_fatal: 'anyErrorsFatal', check_mode: 'checkMode', diff: 'diff', no_log: 'noLog',
  throttle: 'throttle', timeout: 'timeout',
} as const satisfies Record<string, keyof Shared>; // prettier-ignore

const PROGRAM = `
import json, os, sys
from ansible import context
from ansible.utils.context_objects import CLIArgs
context.CLIARGS = CLIArgs({'tags': ('all',), 'skip_tags': (), 'syntax': True})
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.sentinel import Sentinel
from ansible.vars.manager import VariableManager
init_plugin_loader()
${TYPED_PY}
question = json.load(sys.stdin)
def merged(list_):
    out = {}
    for item in list_ or []:
        if isinstance(item, dict): out.update(item)
        else: out[str(item)] = '*'
    return out
def shared(task, name):
    value = task._get_parent_attribute(name)
    return None if value is Sentinel or value is None else typed(value)
def read(task, path):
    loop = task.loop_with.split('.')[-1] if task.loop_with else ('loop' if task.loop is not None else None)
    return {
        'path': path, 'name': task.get_name(), 'args': typed(dict(sorted(task.args.items()))), 'tags': sorted(set(str(t) for t in task.tags)),
        'when': list({json.dumps(typed(w)): typed(w) for w in task.when}.values()), 'environment': typed(merged(task.environment)),
        'vars': typed(dict(sorted(task.get_vars().items()))), 'register': task.register, 'loop': [loop, typed(task.loop)],
        'notify': typed(task.notify if isinstance(task.notify, list) else [] if task.notify is None else [task.notify]),
        'until': typed(task.until if isinstance(task.until, list) else [task.until]), 'role': task._role._role_name if task._role else None,
        **{name: shared(task, name) for name in question['shared']},
    }
def walk(nodes, path):
    for node in nodes:
        if isinstance(node, Block):
            inner = path if node._implicit or not node.get_ds() or not Block.is_block(node.get_ds()) else path + 'B'
            yield from walk(node.block, inner)
            yield from walk(node.rescue, inner + 'r')
            yield from walk(node.always, inner + 'a')
        elif not node.implicit or node.args.get('_raw_params') == 'role_complete':
            yield read(node, path) if not node.implicit else {'end': node._role._role_name}
def play_of(play, loader, variables):
    every = variables.get_vars(play=play)
    play.post_validate(Templar(loader=loader, variables=every))
    handlers = play.compile_roles_handlers() + play.handlers
    return {'name': play.get_name(), 'tasks': list(walk(play.compile(), '')), 'handlers': [{**handler, 'path': ''} for handler in walk(handlers, '')]}
answers = []
for path in question['playbooks']:
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[question['inventory']])
    variables = VariableManager(loader=loader, inventory=inventory)
    try:
        book = Playbook.load(path, variable_manager=variables, loader=loader)
        plays = []
        for play in book.get_plays():
            loader.set_basedir(play._included_path or os.path.realpath(os.path.dirname(path)))
            plays.append(play_of(play, loader, variables))
        answers.append({'plays': plays})
    except (AnsibleError, TypeError, AttributeError, RecursionError) as error:
        answers.append({'error': str(error)})
json.dump(answers, sys.stdout)
`;

const SELECT = `
import json, os, sys
from ansible import context
from ansible.utils.context_objects import CLIArgs
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.plugins.loader import init_plugin_loader
from ansible.vars.manager import VariableManager
init_plugin_loader()
question = json.load(sys.stdin)
loader = DataLoader()
inventory = InventoryManager(loader=loader, sources=['localhost,'])
variables = VariableManager(loader=loader, inventory=inventory)
answers = []
for tags, skip in question['selections']:
    context.CLIARGS = CLIArgs({'tags': tuple(tags or ['all']), 'skip_tags': tuple(skip), 'syntax': True})
    play = Playbook.load(question['playbook'], variable_manager=variables, loader=loader).get_plays()[0]
    blocks = [block.filter_tagged_tasks({}) for block in play.compile()]
    answers.append([task.name for block in blocks for task in block.get_tasks() if not task.implicit])
json.dump(answers, sys.stdout)
`;

type Selected = readonly (readonly [tags: readonly string[], skipTags: readonly string[]])[];
/** Names of the tasks that are left of the first play, for each selection. */
export const selectByAnsible = (playbook: string, selections: Selected): readonly (readonly string[])[] =>
  askOracle(SELECT, { playbook, selections }) as unknown as readonly (readonly string[])[];

const RUN = `
import json, os, sys
question = json.load(sys.stdin)
answer = os.fdopen(os.dup(1), 'w')
quiet = os.open(os.devnull, os.O_WRONLY)
os.dup2(quiet, 1)
os.dup2(quiet, 2)
from ansible import context
from ansible.utils.context_objects import CLIArgs
context.CLIARGS = CLIArgs({
    'tags': ('all',), 'skip_tags': (), 'syntax': False, 'forks': 1, 'check': False, 'diff': False, 'start_at_task': None, 'verbosity': 0,
    'listhosts': False, 'listtasks': False, 'listtags': False, 'connection': 'local', 'become': False, 'subset': None, 'step': False})
from ansible.errors import AnsibleError
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.vars.manager import VariableManager
init_plugin_loader()
def run(path):
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[question['inventory']])
    variables = VariableManager(loader=loader, inventory=inventory)
    try:
        return PlaybookExecutor([path], inventory, variables, loader, {}).run()
    except AnsibleError:
        return 1
codes = [run(path) for path in question['playbooks']]
json.dump(codes, answer)
answer.close()
`;

/** Exit codes of real runs on this machine. */
export const runByAnsible = (playbooks: readonly string[]): readonly number[] =>
  askOracle(RUN, { playbooks, inventory: 'localhost,' }) as unknown as readonly number[];

export const readByAnsible = (playbooks: readonly string[], inventory = 'localhost,'): readonly Reading[] =>
  askOracle(PROGRAM, { playbooks, inventory, shared: Object.keys(SHARED) }) as unknown as readonly Reading[];

/** The same reading of a compiled play. */
export const readCompiled = (play: Play): PlayReading => ({
  name: play.name,
  tasks: play.sections.flatMap(({ nodes }) => walk(nodes, '')),
  handlers: play.handlers.flat().map(handler => read(handler, '')),
});

const walk = (nodes: readonly Node[], path: string): Plain[] =>
  nodes.flatMap(node => {
    if (node.kind === 'block')
      return [...walk(node.block, `${path}B`), ...walk(node.rescue, `${path}Br`), ...walk(node.always, `${path}Ba`)];
    return [node.implicit ? { end: node.role?.name ?? null } : read(node, path)];
  });

const read = (task: Task, path: string): Plain => ({
  path,
  name: taskName(task),
  args: typed(sorted(new Map([...task.args].map(([name, { value }]) => [name, value])))),
  tags: [...task.tags].toSorted(),
  when: task.when.map(({ value }) => typed(value)),
  environment: typed(merged(task.environment.map(({ value }) => value))),
  vars: typed(sorted(new Map([...task.outerVars.flatMap(layer => [...layer]), ...task.vars]))),
  register: task.register ?? null,
  loop: [task.loop?.style ?? null, task.loop ? typed(task.loop.items.value) : null],
  notify: task.notify.map(({ value }) => typed(value)),
  until: (task.until ?? []).map(({ value }) => typed(value)),
  role: task.role?.name ?? null,
  ...Object.fromEntries(Object.entries(SHARED).map(([name, property]) => [name, task[property] ? typed(task[property].value) : null])),
});
const sorted = (vars: RawVars): Value => new Map([...vars].toSorted(([left], [right]) => (left < right ? -1 : 1)));
const merged = (list: readonly Value[]): Value =>
  new Map(list.flatMap((item): [Value, Value][] => (item instanceof Map ? [...item] : [[String(item), '*']])));
