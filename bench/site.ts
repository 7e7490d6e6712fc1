// A cluster by site.yaml and by a naive script, on fresh hosts each time. `node bench/site.ts` after a build; bench/README.md says what is measured.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Event } from '../src/model/event.ts';
import { median } from './table.ts';
import { type Ran, timed } from './tools.ts';

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
const home = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'kplay-site-'));
const env = { KPLAY_LAB_DIR: flags.dir, KPLAY_LAB_NETWORK: `${flags.network}.0/24` };
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const kplay = (...args: readonly string[]): Promise<Ran> => timed({ argv: [join(home, 'bin/kplay'), ...args], env });

const down = (): Promise<Ran> => kplay('lab', 'down');
/** Hosts that nothing ever ran on; the registry has all images already. */
const freshHosts = async (): Promise<void> => {
  await down();
  await kplay('lab', 'up', '6', '--docker');
  await kplay('lab', 'images', 'kubernetes');
  rmSync(join(scratch, 'pki'), { recursive: true, force: true });
};

interface Built extends Ran {
  readonly phases: ReadonlyMap<string, number>;
  readonly load: number;
}

const naive = async (): Promise<Built> => {
  const load = loadavg()[0]!;
  const ran = await timed({ argv: ['bash', join(home, 'bench/site/naive.sh'), flags.network, flags.dir] });
  const lines = [...ran.stdout.matchAll(/^(.+) ([\d.]+)$/gm)];
  return { ...ran, load, phases: new Map(lines.map(([, phase = '', seconds]) => [phase, Number(seconds)])) };
};

const inventory = join(scratch, 'site');
const play = async (playbook: string, ...args: readonly string[]): Promise<Ran & { readonly events: readonly Event[] }> => {
  const own = ['-e', `pki_dir=${join(scratch, 'pki')}`, '-e', `etcd_backup_to=${scratch}`];
  const ran = await kplay('run', '--json', '-i', inventory, ...own, playbook, ...args);
  const lines = ran.stdout.trim().split('\n');
  return { ...ran, events: lines.map(line => JSON.parse(line) as Event) };
};
const site = async (): Promise<Built> => {
  const load = loadavg()[0]!;
  const { events, ...ran } = await play('site.yaml');
  if (flags.events) writeFileSync(flags.events, ran.stdout);
  const plays = events.flatMap(event => (event.type === 'play-start' ? [{ name: event.name, at: Date.parse(event.time) }] : []));
  const end = Date.parse(events.at(-1)!.time);
  return { ...ran, load, phases: new Map(plays.map(({ name, at }, i) => [name, ((plays[i + 1]?.at ?? end) - at) / 1000])) };
};
const changed = (events: readonly Event[]): number =>
  events.filter(event => event.type === 'outcome' && event.outcome.status === 'changed').length;

const BUILDERS = { naive, site };
type Builder = keyof typeof BUILDERS;
const built: Record<Builder, Built[]> = { naive: [], site: [] };
const measure = async (which: Builder): Promise<void> => {
  await freshHosts();
  progress(`${which}: load ${loadavg()[0]!.toFixed(1)}`);
  const one = await BUILDERS[which]();
  built[which].push(one);
  progress(`${which}: ${one.seconds.toFixed(1)} s (${[...one.phases].map(([name, took]) => `${name} ${took.toFixed(1)}`).join(', ')})`);
};

const tell = (): readonly string[] => {
  const medians = (of: (one: Built) => number | undefined): Record<Builder, number> => {
    const taken = (which: Builder): number => median(built[which].map(one => of(one) ?? NaN));
    return { naive: taken('naive'), site: taken('site') };
  };
  const row = (name: string, of: Record<Builder, number>): string =>
    `| ${[name, of.naive, of.site].map(cell => (typeof cell === 'string' ? cell : Number.isNaN(cell) ? '' : cell.toFixed(1))).join(' | ')} |`;
  const total = medians(one => one.seconds);
  const each = (which: Builder): string => built[which].map(one => `${one.seconds.toFixed(1)} s (${one.load.toFixed(1)})`).join(', ');
  return [
    `- ${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, which hosts and controller share`,
    `- seconds, and the load (1 minute) when it started: naive ${each('naive')}; site.yaml ${each('site')}`,
    `- site.yaml takes **${(total.site / total.naive).toFixed(2)} ×** the naive script's time`,
    '',
    '| median s | naive | site.yaml |',
    '| --- | ---: | ---: |',
    ...[...built.site[0]!.phases.keys()].map(name =>
      row(
        name,
        medians(one => one.phases.get(name)),
      ),
    ),
    row('**from fresh hosts to the smoke test**', total),
    row(
      'processor time on the controller',
      medians(one => one.cpu),
    ),
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
