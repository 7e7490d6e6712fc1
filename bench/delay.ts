// What a slow network costs: 50 file tasks on one host behind a round trip of 50 ms, and without it. `node bench/delay.ts` after a build.
import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Event } from '../src/model/event.ts';
import { ansible, changedInRecap } from './ansible.ts';
import { slowNetwork } from './network.ts';
import { startSshd } from './sshd.ts';
import { median } from './table.ts';
import { timed } from './timed.ts';

const { values: flags } = parseArgs({
  options: {
    /** Milliseconds each way. */
    delay: { type: 'string', default: '25' },
    /** Runs of kplay, of each kind. */
    runs: { type: 'string', short: 'k', default: '5' },
    playbook: { type: 'string', default: 'files' },
  },
});
const delayMs = Number(flags.delay);
const home = join(import.meta.dirname, '..');
const oracle = process.env['KPLAY_ORACLE'];
const KINDS = ['first', 'converged'] as const;

interface Run {
  readonly seconds: number;
  readonly changed: number;
  /** Of Ansible, which does not say when its connection is open, they are not counted. */
  readonly roundTrips?: { readonly login: number; readonly after: number };
}
type Kinds = Record<(typeof KINDS)[number], Run[]>;
type Tool = (inventory: string, answered: readonly number[]) => Promise<Run>;

const sshd = await startSshd();
const root = join(sshd.dir, 'srv');
const argsFor = (inventory: string): readonly string[] => [
  join(home, 'bench/playbooks', `${flags.playbook}.yml`),
  ...['-i', inventory, '-e', `root=${root}`],
];

const kplay: Tool = async (inventory, answered) => {
  const before = answered.length;
  const { seconds, stdout } = await timed({ argv: [join(home, 'bin/kplay'), 'run', '--json', '--profile', ...argsFor(inventory)] });
  const events = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
  const opened = events.find(event => event.type === 'spent' && event.on === 'connect');
  const changed = events.filter(event => event.type === 'outcome' && event.outcome.status === 'changed').length;
  const since = Date.parse(opened?.time ?? '');
  const own = answered.slice(before);
  const after = own.filter(time => time > since).length;
  return { seconds, changed, roundTrips: { login: own.length - after, after } };
};
const withAnsible = oracle === undefined ? undefined : ansible({ bin: oracle, scratch: sshd.dir, forks: 1 });
const peer: Tool = async inventory => {
  const { seconds, stdout } = await timed((withAnsible as NonNullable<typeof withAnsible>)('ansible-playbook', argsFor(inventory)));
  return { seconds, changed: changedInRecap(stdout) };
};

const measure = async (tool: Tool, runs: number, ms: number): Promise<Kinds> => {
  const network = await slowNetwork(sshd.port, ms);
  const inventory = sshd.inventory([{ name: 'far', address: '127.0.0.1', port: network.port }]);
  const taken: Kinds = { first: [], converged: [] };
  for (let i = 0; i < runs; i++) {
    rmSync(root, { recursive: true, force: true });
    for (const kind of KINDS) taken[kind].push(await tool(inventory, network.answered));
  }
  await network.stop();
  return taken;
};

/** Other work on the machine only adds to the time, so the fastest run is taken; the round trips are the median. */
const tell = (name: string, near: Kinds, far: Kinds): readonly string[] =>
  KINDS.map(kind => {
    const seconds = (runs: Kinds): number => Math.min(...runs[kind].map(run => run.seconds));
    const waited = ((seconds(far) - seconds(near)) * 1000) / (2 * delayMs);
    const changed = far[kind].at(-1)!.changed;
    const trips = far[kind].flatMap(({ roundTrips }) => roundTrips ?? []);
    const login = trips.length === 0 ? '' : median(trips.map(each => each.login));
    const after = trips.length === 0 ? '' : median(trips.map(each => each.after));
    const each = changed === 0 || after === '' ? '' : (after / changed).toFixed(2);
    return row([name, kind, changed, seconds(near).toFixed(2), seconds(far).toFixed(2), waited.toFixed(0), login, after, each]);
  });
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

try {
  const runs = Number(flags.runs);
  const lines = tell('kplay', await measure(kplay, runs, 0), await measure(kplay, runs, delayMs));
  const theirs = withAnsible ? tell('ansible', await measure(peer, 1, 0), await measure(peer, 1, delayMs)) : [];
  const head = [
    'tool',
    'run',
    'changed',
    's without delay',
    `s at ${2 * delayMs} ms`,
    'round trips: by time',
    'login',
    'after it',
    'per change',
  ];
  for (const line of [row(head), row(head.map((_, i) => (i < 2 ? '---' : '---:'))), ...lines, ...theirs]) console.log(line);
  console.log(`\nLoad at the end: ${loadavg()[0]!.toFixed(1)}; kplay: the fastest of ${runs} runs, ansible: one.`);
} finally {
  await sshd.stop();
}
