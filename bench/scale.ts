// What many hosts cost over real ssh: 50 file tasks on each, converged. `node bench/scale.ts` after a build.
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { changedInRecap } from './ansible.ts';
import { fit, fleetOf, replicate, spreadOf } from './fleet.ts';
import { type Place, startSshd } from './sshd.ts';
import { type Ran, timed } from './timed.ts';

const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '100,300,1000' },
    forks: { type: 'string', short: 'f', default: '50' },
  },
});
const home = join(import.meta.dirname, '..');
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const sshd = await startSshd('0.0.0.0');
const trees = join(sshd.dir, 'hosts.d');
const kplay = (inventory: string, ...more: readonly string[]): Promise<Ran> => {
  const root = `root=${trees}/{{ inventory_hostname }}`;
  const playbook = join(home, 'bench/playbooks/files.yml');
  return timed({ argv: [join(home, 'bin/kplay'), 'run', playbook, '-i', inventory, '-e', root, '-f', flags.forks, '-T', '60', ...more] });
};

/**
 * kplay sets up the first host; the others get the same from here, as 45 acts on each would take long, and kplay mends what is left, which is one
 * file on each: a number made from the host's name.
 */
const setUp = async (hosts: readonly Place[], inventory: string): Promise<void> => {
  const [first, ...others] = hosts as readonly [Place, ...Place[]];
  mkdirSync(trees);
  await kplay(inventory, '-l', first.name);
  for (const other of others) replicate(join(trees, first.name), join(trees, other.name), first, other);
  await kplay(inventory);
};

interface Measured {
  readonly hosts: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly megabytes: number;
  readonly targetCpu: number;
}

const measure = async (hosts: number, ...args: readonly [inventory: string, ...more: string[]]): Promise<Measured> => {
  const before = sshd.cpu();
  const { seconds, own, stdout } = await kplay(...args);
  const changed = changedInRecap(stdout);
  if (changed > 0) throw new Error(`a converged run changed ${changed} tasks`);
  return { hosts, seconds, cpu: own.cpu, megabytes: own.peakBytes / 2 ** 20, targetCpu: sshd.cpu() - before };
};

const tell = ({ hosts, seconds, cpu, megabytes, targetCpu }: Measured, more: readonly string[]): void => {
  const perHost = (total: number): string => ((total * 1000) / hosts).toFixed(1);
  const cells = [seconds.toFixed(1), cpu.toFixed(1), perHost(cpu), megabytes.toFixed(0), targetCpu.toFixed(1), perHost(targetCpu)];
  console.log(row([hosts, ...cells, ...more]));
};

const tellFit = (measured: readonly Measured[]): void => {
  if (measured.length < 2) return;
  const of = (what: (one: Measured) => number): ReturnType<typeof fit> => fit(measured.map(one => [one.hosts, what(one)]));
  const [wall, cpu, memory] = [of(one => one.seconds), of(one => one.cpu), of(one => one.megabytes)];
  const line = ({ base, each }: ReturnType<typeof fit>, unit: string, small: string, times: number): string =>
    `${base.toFixed(1)} ${unit} + ${(each * times).toFixed(1)} ${small} a host`;
  console.log(
    `\nFitted: wall ${line(wall, 's', 'ms', 1000)}; processor ${line(cpu, 's', 'ms', 1000)}; memory ${line(memory, 'MB', 'kB', 1024)}.\n`,
  );
};

const HEAD = [
  'hosts',
  'wall s',
  'controller s',
  'ms a host',
  'peak MB',
  'target s',
  'ms a host',
  'median host s',
  'slowest s',
  'requests a host',
];
const table = async (counts: readonly number[]): Promise<void> => {
  console.log(`${row(HEAD)}\n${row(HEAD.map(() => '---:'))}`);
  const hosts = fleetOf(Math.max(...counts));
  const inventory = sshd.inventory(hosts);
  progress(`making the files of ${hosts.length} hosts`);
  await setUp(hosts, inventory);
  const measured: Measured[] = [];
  for (const count of counts) {
    const args = [inventory, '-l', `all[0:${count - 1}]`] as const;
    progress(`${count}: load ${loadavg()[0]!.toFixed(1)}`);
    const one = await measure(count, ...args);
    measured.push(one);
    const { median, slowest, requests } = spreadOf((await kplay(...args, '--json', '--profile')).stdout);
    tell(one, [median.toFixed(2), `${slowest.toFixed(2)} (${(slowest / median).toFixed(1)} ×)`, requests.toFixed(1)]);
  }
  tellFit(measured);
};

try {
  await table(flags.hosts.split(',').map(Number));
} finally {
  await sshd.stop();
}
