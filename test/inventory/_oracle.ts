import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Plain } from '../../src/model/module.ts';
import { askOracle } from '../yaml/_oracle.ts';
import type { Case } from './_cases.ts';

/** A folder with the case's files, and its sources there; gone when the test is over. */
export const laidOut = ({ files, sources }: Case): { readonly folder: string; readonly sources: readonly string[] } => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-inventory-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return { folder, sources: sources.map(source => (source.includes(',') ? source : join(folder, source))) };
};

export interface Answer {
  readonly list: string;
  readonly graph: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly matches: Readonly<Record<string, readonly string[] | null>>;
}
export interface Question {
  readonly sources: readonly string[];
  /** Where group_vars and host_vars of the playbook are. */
  readonly playbookDir?: string;
  readonly patterns: readonly (readonly [pattern: string, limit: string | null])[];
}

/** What ansible-inventory prints and which hosts patterns match; null where a source is refused. One Python process for all. */
export const askInventories = (questions: readonly Question[]): readonly (Answer | null)[] =>
  askOracle(PROGRAM, questions as unknown as Plain) as unknown as readonly (Answer | null)[];

const PROGRAM = `
import json, sys
from ansible.errors import AnsibleError
from ansible.utils.display import Display
Display.display = lambda *a, **k: None
from ansible import context
from ansible.cli import CLI
from ansible.cli.inventory import InventoryCLI
from ansible.parsing.dataloader import DataLoader
from ansible.inventory.manager import InventoryManager
from ansible.vars.manager import VariableManager
from ansible.plugins.loader import init_plugin_loader
cli = InventoryCLI(['ansible-inventory', '--graph'])
cli.parse()
init_plugin_loader()
def ask(question):
    loader = DataLoader()
    loader.set_basedir(question.get('playbookDir') or '/nonexistent')
    trial = InventoryManager(loader, sources=[])
    if not all([trial.parse_source(source) for source in question['sources']]): return None
    cli.loader, cli.inventory = loader, InventoryManager(loader, sources=list(question['sources']))
    cli.vm = VariableManager(loader, cli.inventory, version_info=CLI.version_info(gitinfo=False))
    def match(pattern, limit):
        try:
            cli.inventory.subset(limit)
            return [h.name for h in cli.inventory.get_hosts(pattern)]
        except Exception as e: return None
    answer = {
        'list': cli.dump(cli.json_inventory(cli._get_group('all'))),
        'graph': cli.inventory_graph() if cli._get_group('all') else '',
        'groups': {n: [h.name for h in g.get_hosts()] for n, g in cli.inventory.groups.items()},
        'matches': {p + ' limited to ' + str(l): match(p, l) for p, l in question['patterns']},
    }
    return answer
def answer(question):
    try: return ask(question)
    except AnsibleError: return None
print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
`;

/** One command line of ansible-inventory, run in a folder. */
export interface Line {
  readonly cwd: string;
  readonly args: readonly string[];
}
export interface Printed {
  readonly code: number;
  readonly stdout: string;
}

/** What ansible-inventory prints and ends with: each line by a child of one Python process, which has loaded everything. */
export const runInventories = (lines: readonly Line[]): readonly Printed[] =>
  askOracle(RUNS, lines as unknown as Plain) as unknown as readonly Printed[];

const RUNS = `
import json, os, sys, tempfile
from ansible.cli.inventory import InventoryCLI
from ansible.errors import AnsibleError, AnsibleOptionsError, AnsibleParserError
from ansible.plugins.loader import init_plugin_loader, inventory_loader
import ansible.parsing.yaml.dumper
init_plugin_loader()
loaded = [inventory_loader.get(name) for name in 'host_list script auto yaml ini constructed'.split()]
def status(args):
    try:
        InventoryCLI(['ansible-inventory', *args]).run()
    except SystemExit as end:
        return end.code or 0
    except AnsibleOptionsError:
        return 5
    except AnsibleParserError:
        return 4
    except AnsibleError:
        return 1
    return 0
def run(line):
    with tempfile.TemporaryFile() as out, open(os.devnull, 'w') as none:
        child = os.fork()
        if child == 0:
            code = 250
            try:
                os.chdir(line['cwd'])
                os.dup2(out.fileno(), 1)
                os.dup2(none.fileno(), 2)
                code = status(line['args'])
                sys.stdout.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        return {'code': code, 'stdout': out.read().decode()}
lines = json.load(sys.stdin)
print(json.dumps([run(line) for line in lines]))
`;
