import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopMasters } from './ansible.ts';
import { factsCase, playbookCases, PLAYBOOKS } from './cases.ts';
import { hostsOf } from './inventory.ts';
import { plotFile, section, withGenerated } from './page.ts';
import { plot } from './plot.ts';
import type { Case } from './table.ts';
import { timed } from './timed.ts';
import { type Bench, FORKS, kplayTools, peerTools } from './tools.ts';

const PARTS = [...PLAYBOOKS.map(({ name }) => name), 'facts', 'large'];
const { values: flags } = parseArgs({
  options: {
    inventory: { type: 'string', short: 'i', default: '/var/lib/kplay-lab/inventory.ini' },
    limit: { type: 'string', short: 'l', default: 'all' },
    /** Runs of each peer, of each kind. */
    runs: { type: 'string', short: 'n', default: '1' },
    /** Runs of kplay and of the floor, of each kind. */
    'kplay-runs': { type: 'string', short: 'k', default: '7' },
    /** Some parts of it, not all. */
    only: { type: 'string', multiple: true, default: PARTS },
    /** Into docs/performance.md. */
    write: { type: 'boolean', default: false },
  },
});
const unknown = flags.only.filter(part => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`--only takes ${PARTS.join(', ')}, not ${unknown.join(', ')}`);
if (flags.write && flags.only.length < PARTS.length) throw new Error('--write replaces all figures: it does not go with --only');

const home = join(import.meta.dirname, '..');
const kplay = join(home, 'bin/kplay');
const output = (file: string, ...args: readonly string[]): string => execFileSync(file, args, { encoding: 'utf8' }).trim();

const peerRuns = Number(flags.runs);
const peers = peerRuns > 0 ? output(join(home, 'bench/peers/install.sh')) : undefined;
const scratch = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
const hosts = hostsOf(kplay, flags.inventory, flags.limit);
const bench: Bench = { home, scratch, inventory: flags.inventory, limit: flags.limit, hosts, hostsFile: join(scratch, 'hosts.json') };
writeFileSync(bench.hostsFile, JSON.stringify(hosts));

const versions = (bin: string): readonly string[] => {
  const packages = output(join(bin, 'pip'), 'freeze').split('\n');
  return ['ansible-core', 'mitogen', 'pyinfra'].map(name => packages.find(each => each.startsWith(`${name}==`))!.replace('==', ' '));
};
const describe = (): string => {
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const others = peers === undefined ? [] : versions(join(peers, 'bin'));
  return [
    `- machine: ${machine}, Linux ${release()} ${arch()}; hosts and controller share it`,
    `- hosts: ${hosts.length} (${hosts.map(({ name }) => name).join(' ')}); forks ${FORKS} where nothing else is said`,
    `- tools: ${[output(kplay, '--version'), `Node.js ${process.version}`, ...others].join(', ')}`,
    `- command: \`bench/run -n ${peerRuns} -k ${flags['kplay-runs']}\`, on ${new Date().toISOString().slice(0, 10)}`,
  ].join('\n');
};

const measured = async (): Promise<readonly Case[]> => {
  const own = kplayTools(bench, Number(flags['kplay-runs']));
  const tools = [...own, ...(peers === undefined ? [] : peerTools(bench, peerRuns, peers))];
  // It compiles, once.
  for (const { floors } of own) for (const floor of floors?.values() ?? []) await timed(floor);
  const cases: Case[] = [];
  for (const playbook of PLAYBOOKS) if (flags.only.includes(playbook.name)) cases.push(...(await playbookCases(playbook, tools, hosts)));
  if (flags.only.includes('facts')) cases.push(await factsCase(tools, hosts));
  return cases;
};

const large = async (): Promise<string> => {
  const argv = [process.execPath, join(home, 'bench/large.ts'), '-k', String(Math.min(3, Number(flags['kplay-runs'])))];
  const { stdout } = await timed({ argv, ...(peers !== undefined && { env: { KPLAY_ORACLE: join(peers, 'bin') } }) });
  return `### Many hosts, the controller alone\n\n${stdout.trim()}`;
};

const write = (cases: readonly Case[], text: string): void => {
  const page = join(home, 'docs/performance.md');
  mkdirSync(join(home, 'docs/performance'), { recursive: true });
  for (const each of cases) writeFileSync(join(home, 'docs', plotFile(each)), plot(each));
  writeFileSync(page, withGenerated(readFileSync(page, 'utf8'), text));
};

try {
  const started = performance.now();
  const cases = await measured();
  const parts = [describe(), ...cases.map(section), ...(flags.only.includes('large') ? [await large()] : [])];
  const text = parts.join('\n\n');
  if (flags.write) write(cases, text);
  process.stdout.write(`${text}\n`);
  process.stderr.write(`${((performance.now() - started) / 60_000).toFixed(1)} minutes\n`);
  if (cases.some(({ rows }) => rows.some(({ files = 'same' }) => files !== 'same'))) process.exitCode = 1;
} finally {
  stopMasters(scratch);
  rmSync(scratch, { recursive: true, force: true });
}
