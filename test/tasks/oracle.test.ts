import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Fields } from '../../src/model/module.ts';
import { catalog } from '../../src/tasks/index.ts';
import { type Case, cases, sources } from './_cases.ts';
import { runAction, runOnce } from './_converge.ts';
import { systemCases } from './_system_cases.ts';

const bin = process.env['KPLAY_ORACLE'];
const root = mkdtempSync(join(tmpdir(), 'kplay-oracle-'));
const known = [...cases, ...systemCases].filter(({ module }) => catalog().get(module) !== undefined);
type Run = 'check' | 'first' | 'second';
/** Twice; some in check mode before: each of Ansible's tasks costs half a second. */
const runsOf = (i: number): readonly Run[] => (i % 3 === 0 ? ['check', 'first', 'second'] : ['first', 'second']);

const folderOf = (who: 'ansible' | 'kplay', i: number): string => join(root, who === 'ansible' ? 'them' : 'self', String(i));
const filled = (args: Case['args'], dir: string): Record<string, unknown> =>
  JSON.parse(JSON.stringify(args).replaceAll('{dir}', dir)) as Record<string, unknown>;

interface Told {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly fields: Fields;
}

/** Every path below with what it is; times and the names of backups vary. */
const treeOf = (dir: string): unknown =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map(name => {
      const path = join(dir, name);
      const { mode, uid, gid, nlink } = lstatSync(path);
      const about = {
        name: name.replace(/\b(?:them|self)\b/, 'who').replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/, '.BACKUP'),
        mode: mode.toString(8),
        uid,
        gid,
      };
      if ((mode & 0o170000) === 0o120000) return { ...about, to: readlinkSync(path).replaceAll(dir, '') };
      return (mode & 0o170000) === 0o040000 ? about : { ...about, nlink, content: readFileSync(path, 'latin1') };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const toldOf = (fields: Fields): Told => ({ changed: fields['changed'] === true, failed: fields['failed'] === true, fields });

interface Order {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly check: boolean;
}
const ordersOf = (module: string): readonly Order[] =>
  known.flatMap((one, i) =>
    one.module !== module
      ? []
      : runsOf(i).map(run => ({ name: `${i} ${run}`, args: filled(one.args, folderOf('ansible', i)), check: run === 'check' })),
  );

/** Modules with an action plugin of their own run in a play; it costs half a second a task. */
const PLUGINS = ['copy', 'template', 'fetch'];
const playing = (module: string, orders: readonly Order[]): ReadonlyMap<string, Told> => {
  if (orders.length === 0) return new Map();
  const tasks = orders.map(({ name, args, check }) => ({
    name,
    [`ansible.builtin.${module}`]: args,
    check_mode: check,
    ignore_errors: true,
  }));
  const play = join(root, `${module}.json`);
  writeFileSync(play, JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]));
  const env = {
    ...process.env,
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_PIPELINING: 'true',
    ANSIBLE_HOME: join(root, 'home'),
  };
  const argv = ['-i', 'localhost,', '-e', 'ansible_python_interpreter={{ ansible_playbook_python }}', play];
  const { stdout, stderr } = spawnSync(join(bin ?? '', 'ansible-playbook'), argv, { env, encoding: 'utf8', cwd: root, maxBuffer: 1 << 28 });
  const start = stdout.indexOf('{');
  if (start < 0) throw new Error(stderr || stdout);
  const { plays } = JSON.parse(stdout.slice(start)) as { plays: { tasks: { task: { name: string }; hosts: { localhost: Fields } }[] }[] };
  return new Map(plays[0]?.tasks.map(({ task, hosts }) => [task.name, toldOf(hosts.localhost)]));
};

/** The others run as they are, each in a fork of one Python that has imported them. */
const DRIVER = `
import importlib, json, os, sys
from ansible.module_utils import basic
order = json.load(sys.stdin)
module = importlib.import_module(order['module'])
def run(args):
    basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': args}).encode()
    try:
        try:
            module.main()
        except Exception:
            sys.excepthook(*sys.exc_info())
    except SystemExit:
        pass
    sys.stdout.flush()
told = {}
for task in order['orders']:
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(into, 1)
        run({**task['args'], '_ansible_check_mode': task['check'], '_ansible_remote_tmp': order['tmp']})
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as stream:
        told[task['name']] = stream.read()
    os.waitpid(child, 0)
json.dump(told, sys.stdout)
`;
const running = (module: string, orders: readonly Order[]): ReadonlyMap<string, Told> => {
  if (orders.length === 0) return new Map();
  const [collection] = catalog().get(module)?.collections ?? [];
  const python = collection === undefined ? `ansible.modules.${module}` : `ansible_collections.${collection}.plugins.modules.${module}`;
  const input = JSON.stringify({ module: python, orders, tmp: join(root, 'tmp') });
  const { stdout, stderr } = spawnSync(join(bin ?? '', 'python3'), ['-c', DRIVER], {
    input,
    encoding: 'utf8',
    cwd: root,
    maxBuffer: 1 << 28,
  });
  const told = Object.entries(JSON.parse(stdout || '{}') as Record<string, string>);
  if (told.length === 0) throw new Error(stderr);
  return new Map(told.map(([name, text]) => [name, toldOf((text === '' ? { failed: true } : JSON.parse(text)) as Fields)]));
};

const kplay = async ({ module, args }: Case, i: number, run: Run): Promise<Told> => {
  const task = catalog().get(module);
  if (task === undefined || task.kind === 'api') throw new Error(`no module ${module}`);
  const raw = Object.fromEntries(
    Object.entries(filled(args, folderOf('kplay', i))).map(([key, value]) => [task.aliases?.[key] ?? key, value]),
  );
  const find = (name: string): string => {
    if (!existsSync(join(root, 'files', name))) throw new KplayError('E_FILE', `Could not find or access '${name}'`);
    return join(root, 'files', name);
  };
  const mode = { check: run === 'check', diff: false };
  try {
    const { changes, result } =
      task.kind === 'module'
        ? await runOnce(task, raw, { mode, controller: { find } })
        : { changes: [], result: await runAction(task, raw, { mode }) };
    return {
      changed: result['changed'] === undefined ? changes.length > 0 : result['changed'] === true,
      failed: result['failed'] === true,
      fields: result,
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { changed: false, failed: true, fields: { msg: error.message, ...(error instanceof KplayError && error.fields) } };
  }
};

/** Fields that any two runs agree on. */
const FIELDS = [
  'dest',
  'path',
  'mode',
  'owner',
  'group',
  'uid',
  'gid',
  'size',
  'state',
  'checksum',
  'md5sum',
  'msg',
  'found',
  'rc',
  'content',
  'matched',
  'examined',
  'skipped',
  'file',
  'cron_file',
  'handler',
  'jobs',
  'envs',
  'name',
  'fstype',
  'opts',
  'dump',
  'passno',
  'fstab',
  'boot',
];
/** Elsewhere the source is a copy that Ansible made. */
const SOURCE: Readonly<Record<string, readonly string[]>> = { mount: ['src'] };
/** What a failure tells besides its words, which are each tool's own. */
const ABOUT_PATH = [
  'path',
  'dest',
  'src',
  'state',
  'mode',
  'owner',
  'group',
  'uid',
  'gid',
  'size',
  'checksum',
  'exit_status',
  'stdout',
  'stderr',
];
const VARYING = ['atime', 'mtime', 'ctime', 'inode', 'blocks', 'version', 'dev', 'attributes', 'attr_flags'];
const plain = (text: string, dir: string): string => text.replaceAll(dir, '').replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.BACKUP');
const comparable = ({ failed, fields }: Told, module: string, dir: string): unknown => {
  // Of directories, the order in which their names are kept.
  const files = (fields['files'] ?? []) as readonly { readonly path: string }[];
  const ordered = { ...fields, ...(fields['files'] !== undefined && { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }) };
  const kept = Object.entries(ordered).filter(([key]) =>
    (failed ? ABOUT_PATH : [...FIELDS, ...(SOURCE[module] ?? []), 'stat', 'files']).includes(key),
  );
  return JSON.parse(
    plain(
      JSON.stringify(Object.fromEntries(kept), (key, value: unknown) => (VARYING.includes(key) ? undefined : value)),
      dir,
    ),
  );
};

const sameCase = async (one: Case, i: number, theirs: ReadonlyMap<string, Told>): Promise<void> => {
  for (const run of runsOf(i)) {
    const [us, them] = [await kplay(one, i, run), theirs.get(`${i} ${run}`)];
    if (them === undefined) throw new Error('Ansible did not run it');
    const said = `${run}: ${JSON.stringify(them.fields)} / ${JSON.stringify(us.fields)}`;
    expect({ failed: us.failed }, said).toEqual({ failed: them.failed });
    if (one.unlike !== undefined) continue;
    expect({ run, changed: us.changed }, said).toEqual({ run, changed: them.changed });
    const about = (told: Told, who: 'ansible' | 'kplay'): unknown => comparable(told, one.module, folderOf(who, i));
    if (run !== 'check') expect(about(us, 'kplay'), said).toEqual(about(them, 'ansible'));
  }
  if (one.unlike === undefined) expect(treeOf(folderOf('kplay', i))).toEqual(treeOf(folderOf('ansible', i)));
};

describe.runIf(bin).for([...new Set(known.map(({ module }) => module))])('%s as Ansible does', module => {
  const mine = known.map((one, i) => ({ one, i })).filter(({ one }) => one.module === module);
  let theirs: ReadonlyMap<string, Told> = new Map();
  beforeAll(() => {
    mkdirSync(join(root, 'files'), { recursive: true });
    if (!existsSync(join(root, 'files/tree'))) sources(join(root, 'files'));
    for (const who of ['ansible', 'kplay'] as const)
      for (const { one, i } of mine) {
        mkdirSync(folderOf(who, i), { recursive: true });
        one.prepare?.(folderOf(who, i));
      }
    const orders = Map.groupBy(ordersOf(module), ({ args }) => PLUGINS.includes(module) && args['remote_src'] !== true);
    theirs = new Map([...playing(module, orders.get(true) ?? []), ...running(module, orders.get(false) ?? [])]);
  });
  test.for(mine.map(({ one, i }) => [`${i} ${JSON.stringify(one.args)}`, one, i] as const))('%s', async ([, one, i]) =>
    sameCase(one, i, theirs),
  );
});
