import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askAll, type Host } from './hosts.ts';
import { type Row, table } from './table.ts';
import { ansible, changedIn, type Command, timed } from './tools.ts';
import { RESET, TREE } from './tree.ts';

const FORKS = 20;
const home = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: {
    inventory: { type: 'string', short: 'i', default: '/var/lib/kplay-lab/inventory.ini' },
    limit: { type: 'string', short: 'l', default: 'all' },
    /** Runs of Ansible, of each kind. */
    runs: { type: 'string', short: 'n', default: '1' },
    /** Runs of kplay and of the floor, of each kind. */
    'kplay-runs': { type: 'string', short: 'k', default: '7' },
    playbook: { type: 'string', multiple: true, default: ['files', 'mixed'] },
  },
});
const ansibleRuns = Number(flags.runs);
const kplayRuns = Number(flags['kplay-runs']);
const oracle = process.env['KPLAY_ORACLE'];
if (ansibleRuns > 0 && !oracle) throw new Error('KPLAY_ORACLE must name the folder that holds ansible-playbook (or pass -n 0)');

const output = (file: string, ...args: readonly string[]): string => execFileSync(file, args, { encoding: 'utf8' }).trim();
const kplay = join(home, 'bin/kplay');
const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const hostsOf = (): readonly Host[] => {
  const listed = JSON.parse(output(kplay, 'inventory', '--list', '-i', flags.inventory, '-l', flags.limit)) as {
    readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, string>>>> };
  };
  return Object.entries(listed._meta.hostvars).map(([name, vars]) => ({
    name,
    address: vars['ansible_host'] ?? name,
    user: vars['ansible_user'] ?? 'root',
    keyFile: vars['ansible_ssh_private_key_file'] ?? '',
  }));
};

const scratch = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
const hosts = hostsOf();
const hostsFile = join(scratch, 'hosts.json');
writeFileSync(hostsFile, JSON.stringify(hosts));

const argsFor = (playbook: string): readonly string[] => [
  join(home, 'bench/playbooks', `${playbook}.yml`),
  '-i',
  flags.inventory,
  '-l',
  flags.limit,
  '-f',
  String(FORKS),
];
const withKplay = (args: readonly string[]): Command => ({ argv: [kplay, 'run', ...args] });
const withAnsible = oracle ? ansible(oracle, scratch, FORKS) : undefined;
/** Compiled code is kept for it as kplay keeps its own. */
const floorCommand: Command = {
  argv: [process.execPath, join(home, 'bench/floor.ts'), hostsFile],
  env: { NODE_COMPILE_CACHE: join(scratch, 'compiled'), NODE_NO_WARNINGS: '1' },
};

const floor = { seconds: [] as number[], load: [] as number[] };

interface Kinds {
  readonly first: Row;
  readonly converged: Row;
}
/** Every first run starts from nothing; every converged run follows a first one. The floor is taken in between, so that both see one load. */
const measure = async (tool: string, command: Command, runs: number): Promise<Kinds> => {
  const taken = { first: [] as number[], converged: [] as number[] };
  const load = { first: [] as number[], converged: [] as number[] };
  const changed = { first: 0, converged: 0 };
  for (let i = 0; i < runs; i++) {
    await askAll(hosts, RESET);
    for (const kind of ['first', 'converged'] as const) {
      load[kind].push(loadavg()[0]!);
      const { seconds, stdout } = await timed(command);
      taken[kind].push(seconds);
      changed[kind] = changedIn(stdout);
      progress(`  ${tool} ${kind} ${seconds.toFixed(2)} s, changed=${changed[kind]}`);
      if (tool !== 'kplay') continue;
      floor.load.push(loadavg()[0]!);
      floor.seconds.push((await timed(floorCommand)).seconds);
    }
    if (tool === 'kplay' && changed.converged > 0) throw new Error(`a second run of kplay changed ${changed.converged} tasks`);
  }
  const row = (run: 'first' | 'converged'): Row => ({ tool, run, seconds: taken[run], load: load[run], changed: changed[run] });
  return { first: row('first'), converged: row('converged') };
};

/** The same files, whoever made them. */
const compare = async (one: readonly string[]): Promise<void> => {
  const other = await askAll(hosts, TREE);
  for (const [i, { name }] of hosts.entries()) {
    if (one[i] === other[i]) continue;
    const lines = (text: string): ReadonlySet<string> => new Set(text.split('\n'));
    const only = (a: string, b: string): string => [...lines(a)].filter(line => !lines(b).has(line)).join('\n');
    throw new Error(`${name} differs\nkplay:\n${only(one[i]!, other[i]!)}\nansible:\n${only(other[i]!, one[i]!)}`);
  }
};

const describeMachine = (): readonly string[] => [
  `- machine: ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()} ${arch()}; hosts and controller share it`,
  `- hosts: ${hosts.length} (${hosts.map(({ name }) => name).join(' ')}); forks ${FORKS}`,
  `- kplay: ${output(kplay, '--version')}, Node.js ${process.version}`,
  ...(oracle ? [`- Ansible: ${output(join(oracle, 'ansible-playbook'), '--version').split('\n')[0]}, pipelining, ControlPersist`] : []),
];

const commandLine = ({ argv }: Command): string => argv.map(part => part.replace(`${home}/`, '').replace(`${scratch}/`, '')).join(' ');

try {
  await timed(floorCommand);
  const results: { playbook: string; rows: readonly Row[] }[] = [];
  for (const playbook of flags.playbook) {
    progress(playbook);
    const own = await measure('kplay', withKplay(argsFor(playbook)), kplayRuns);
    const rows: Row[] = [own.first, own.converged];
    if (withAnsible && ansibleRuns > 0) {
      const files = await askAll(hosts, TREE);
      const theirs = await measure('ansible', withAnsible(argsFor(playbook)), ansibleRuns);
      await compare(files);
      rows.push(theirs.first, theirs.converged);
    }
    results.push({ playbook, rows });
  }
  await askAll(hosts, RESET);
  for (const line of describeMachine()) say(line);
  say(`- commands: \`${commandLine(withKplay(argsFor('PLAYBOOK')))}\`, and \`ansible-playbook\` with the same arguments`);
  say();
  for (const { playbook, rows } of results) {
    say(`${playbook}.yml${ansibleRuns > 0 ? '; both tools left the same files, compared on every host' : ''}\n`);
    say(table([...rows, { tool: 'ssh2 floor', run: '', ...floor }], floor.seconds));
    say();
  }
} finally {
  stopMasters();
  rmSync(scratch, { recursive: true, force: true });
}

/** Ansible's kept connections, which would outlive the bench. */
function stopMasters(): void {
  let sockets: readonly string[] = [];
  try {
    sockets = readdirSync(join(scratch, 'cp'));
  } catch {
    return;
  }
  for (const socket of sockets)
    execFileSync('ssh', ['-o', `ControlPath=${join(scratch, 'cp', socket)}`, '-O', 'exit', 'bench'], { stdio: 'ignore' });
}
