// A cluster by site.yaml and by a naive script, on fresh hosts each time. `node bench/site.ts` after a build; bench/README.md says what is measured.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cgroupsFor } from '../src/lab/cgroup.ts';
import { hostOf, labHere } from '../src/lab/lab.ts';
import type { Event } from '../src/model/event.ts';
import { median } from './table.ts';
import { type Ran, timed } from './timed.ts';

const { values: flags } = parseArgs({
  options: {
    /** Runs of each; every other one begins with site.yaml. */
    runs: { type: 'string', short: 'n', default: '1' },
    /** Where the events of the last site.yaml go, a line each. */
    events: { type: 'string' },
    /** Afterwards site.yaml again on the cluster that is there, and teardown.yaml. */
    more: { type: 'boolean', default: false },
    dir: { type: 'string', default: '/var/lib/kplay-bench' },
    network: { type: 'string', default: '10.89.4' },
  },
});
const HOSTS = [1, 2, 3, 4, 5, 6];
const home = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'kplay-site-'));
const env = { KPLAY_LAB_DIR: flags.dir, KPLAY_LAB_NETWORK: `${flags.network}.0/24` };
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const kplay = (...args: readonly string[]): Promise<Ran> => timed({ argv: [join(home, 'bin/kplay'), ...args], env });

const down = (): Promise<Ran> => kplay('lab', 'down');
/** Hosts that nothing ever ran on; the registry has all images already. */
const freshHosts = async (): Promise<void> => {
  await down();
  await kplay('lab', 'up', String(HOSTS.length), '--docker');
  await kplay('lab', 'images', 'kubernetes');
  rmSync(join(scratch, 'pki'), { recursive: true, force: true });
};

/** User and system seconds of all hosts since they booted; NaN where systemd, and not the lab, made their control groups. */
const cpuOfHosts = async (): Promise<number> => {
  const folders = await Promise.all(HOSTS.map(number => cgroupsFor(hostOf(labHere(env), number).machine)));
  const stats = folders.flat().map(folder => join(folder, 'cpu.stat'));
  const used = stats.flatMap(stat => (existsSync(stat) ? (/^usage_usec (\d+)$/m.exec(readFileSync(stat, 'utf8')) ?? []).slice(1) : []));
  return used.length === HOSTS.length ? used.reduce((sum, microseconds) => sum + Number(microseconds) / 1e6, 0) : NaN;
};

interface Built extends Ran {
  readonly phases: ReadonlyMap<string, number>;
}
interface Measured extends Built {
  readonly load: number;
  readonly hostsCpu: number;
}

const naive = async (): Promise<Built> => {
  const ran = await timed({ argv: ['bash', join(home, 'bench/site/naive.sh'), flags.network, flags.dir] });
  const lines = [...ran.stdout.matchAll(/^(.+) ([\d.]+)$/gm)];
  return { ...ran, phases: new Map(lines.map(([, phase = '', seconds]) => [phase, Number(seconds)])) };
};

const inventory = join(scratch, 'site');
const play = async (playbook: string, ...args: readonly string[]): Promise<Ran & { readonly events: readonly Event[] }> => {
  const own = ['-e', `pki_dir=${join(scratch, 'pki')}`, '-e', `etcd_backup_to=${scratch}`];
  const ran = await kplay('run', '--json', '-i', inventory, ...own, playbook, ...args);
  const lines = ran.stdout.trim().split('\n');
  return { ...ran, events: lines.map(line => JSON.parse(line) as Event) };
};
const site = async (): Promise<Built> => {
  const { events, ...ran } = await play('site.yaml');
  if (flags.events) writeFileSync(flags.events, ran.stdout);
  const plays = events.flatMap(event => (event.type === 'play-start' ? [{ name: event.name, at: Date.parse(event.time) }] : []));
  const end = Date.parse(events.at(-1)!.time);
  return { ...ran, phases: new Map(plays.map(({ name, at }, i) => [name, ((plays[i + 1]?.at ?? end) - at) / 1000])) };
};
const changed = (events: readonly Event[]): number =>
  events.filter(event => event.type === 'outcome' && event.outcome.status === 'changed').length;

const BUILDERS = { naive, site };
type Builder = keyof typeof BUILDERS;
const built: Record<Builder, Measured[]> = { naive: [], site: [] };
const measure = async (which: Builder): Promise<void> => {
  await freshHosts();
  const load = loadavg()[0]!;
  progress(`${which}: load ${load.toFixed(1)}`);
  const before = await cpuOfHosts();
  const one = await BUILDERS[which]();
  built[which].push({ ...one, load, hostsCpu: (await cpuOfHosts()) - before });
  progress(`${which}: ${one.seconds.toFixed(1)} s (${[...one.phases].map(([name, took]) => `${name} ${took.toFixed(1)}`).join(', ')})`);
};

const tell = (): readonly string[] => {
  const middle = (which: Builder, of: (one: Measured) => number | undefined): number => median(built[which].map(one => of(one) ?? NaN));
  const row = (name: string, of: (one: Measured) => number | undefined): string => {
    const cells = [middle('naive', of), middle('site', of)].map(seconds => (Number.isNaN(seconds) ? '' : seconds.toFixed(1)));
    return `| ${[name, ...cells].join(' | ')} |`;
  };
  const each = (which: Builder): string => built[which].map(one => `${one.seconds.toFixed(1)} s (${one.load.toFixed(1)})`).join(', ');
  const ratio = middle('site', one => one.seconds) / middle('naive', one => one.seconds);
  return [
    `- ${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, which hosts and controller share`,
    `- seconds, and the load (1 minute) when it started: naive ${each('naive')}; site.yaml ${each('site')}`,
    `- site.yaml takes **${ratio.toFixed(2)} ×** the naive script's time`,
    '',
    '| median s | naive | site.yaml |',
    '| --- | ---: | ---: |',
    ...[...built.site[0]!.phases.keys()].map(name => row(name, one => one.phases.get(name))),
    row('**from fresh hosts to the smoke test**', one => one.seconds),
    row('processor time on the controller', one => one.cpu),
    row('processor time on the hosts', one => one.hostsCpu),
  ];
};

const lines: string[] = [];
try {
  const text = readFileSync(join(home, 'inventories/lab-cluster'), 'utf8');
  writeFileSync(inventory, text.replaceAll('10.89.0', flags.network).replaceAll('/var/lib/kplay-lab', flags.dir));
  const orders: readonly (readonly Builder[])[] = [
    ['naive', 'site'],
    ['site', 'naive'],
  ];
  for (let i = 0; i < Number(flags.runs); i++) for (const which of orders[i % 2]!) await measure(which);
  lines.push(...tell());
  if (flags.more) {
    if (Number(flags.runs) % 2 === 0) await measure('site');
    const again = await play('site.yaml');
    lines.push('', `- site.yaml again: ${again.seconds.toFixed(1)} s, changed=${changed(again.events)}`);
    lines.push(`- teardown.yaml: ${(await play('teardown.yaml', '-e', 'cluster=site')).seconds.toFixed(1)} s`);
  }
} finally {
  await down();
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`${lines.join('\n')}\n`);
