import { loadavg } from 'node:os';
import { askAll, type Host } from './hosts.ts';
import { untilIdle } from './idle.ts';
import { type Case, isFloor, median, OWN, type Row } from './table.ts';
import { type Command, timed } from './timed.ts';
import { type Kind, KINDS, type Tool } from './tools.ts';
import { RESET, ROOT, TREE } from './tree.ts';

export interface Playbook {
  readonly name: string;
  /** The commands that a run of each kind has the hosts run: what they take, no tool can spare. */
  readonly commands?: Readonly<Record<Kind, string>>;
}

const always = `cd ${ROOT} && uname -r && id -un && pwd`;
const built = 'cp etc/platform built && cat etc/parts/*.conf >all.conf && wc -l <all.conf >count';
export const PLAYBOOKS: readonly Playbook[] = [
  { name: 'files' },
  { name: 'mixed', commands: { first: `${always} && ${built}`, converged: always } },
];

interface Sample {
  readonly seconds: number;
  readonly load: number;
  /** What it printed. */
  readonly output: string;
}
type Samples = Readonly<Record<Kind, Sample[]>>;
const none = (): Samples => ({ first: [], converged: [] });

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const sample = async (name: string, command: Command): Promise<Sample> => {
  await untilIdle();
  const load = loadavg()[0]!;
  const { seconds, stdout, stderr } = await timed(command);
  progress(`  ${name} ${seconds.toFixed(2)} s`);
  return { seconds, load, output: stdout + stderr };
};
const rowOf = (tool: string, samples: readonly Sample[], more: Pick<Row, 'changed' | 'files'> = {}): Row => ({
  tool,
  seconds: samples.map(({ seconds }) => seconds),
  load: samples.map(({ load }) => load),
  ...more,
});

/** What was measured, by the names of the rows, in the order of the first time. */
class Taken {
  readonly rows = new Map<string, Samples>();

  async take(row: string, kind: Kind, command: Command): Promise<void> {
    const samples = this.rows.get(row) ?? none();
    this.rows.set(row, samples);
    samples[kind].push(await sample(`${row}, ${kind}`, command));
  }
}

interface Wanted {
  readonly command: Command;
  readonly kinds: readonly Kind[];
  readonly hosts: readonly Host[];
  readonly taken: Taken;
}
/** Every first run starts from nothing; every converged run follows a first one. */
const measure = async ({ name, runs, floors, opens, release }: Tool, { command, kinds, hosts, taken }: Wanted): Promise<void> => {
  if (opens) await timed(opens(command));
  for (let i = 0; i < runs; i++) {
    if (kinds.includes('first')) await askAll(hosts, RESET);
    for (const kind of kinds) {
      await taken.take(name, kind, command);
      for (const [floor, beside] of floors ?? []) await taken.take(floor, kind, beside);
    }
  }
  if (release) await timed(release);
};

/** In two halves, the second when all have had their first: the machine is slower at times, and then for all. */
const inTurns = (tools: readonly Tool[]): readonly Tool[] =>
  [Math.ceil, Math.floor].flatMap(part => tools.map(tool => ({ ...tool, runs: part(tool.runs / 2) }))).filter(({ runs }) => runs > 0);

/** What commands take in one shell on every host, all at once: the seconds of the slowest host, of several times the middle one. */
const secondsOf = async (commands: string, hosts: readonly Host[]): Promise<number> => {
  const script = `begin=$(date +%s%N)\n{ ${commands}; } >/dev/null || exit\necho $(($(date +%s%N) - begin))\n`;
  const slowest: number[] = [];
  for (let i = 0; i < 5; i++) slowest.push(Math.max(...(await askAll(hosts, script)).map(Number)) / 1e9);
  return median(slowest);
};

/** Whether a tool has left the files that kplay left. Where not, progress tells what is different. */
const comparison = (hosts: readonly Host[], own: readonly string[], others: readonly string[]): string => {
  const different = hosts.filter((_, i) => own[i] !== others[i]);
  if (different.length === 0) return 'same';
  const lines = (text: string): ReadonlySet<string> => new Set(text.split('\n'));
  const only = (a: string, b: string): string => [...lines(a)].filter(line => !lines(b).has(line)).join('\n');
  const i = hosts.indexOf(different[0]!);
  progress(`${hosts[i]!.name} differs\nkplay:\n${only(own[i]!, others[i]!)}\nnow:\n${only(others[i]!, own[i]!)}`);
  return `different on ${different.length} of ${hosts.length} hosts`;
};

const changes = (tool: Tool, kind: Kind, samples: readonly Sample[]): number => {
  const changed = tool.changedIn(samples.at(-1)!.output);
  if (tool.name === OWN && kind === 'converged' && changed > 0) throw new Error(`a second run of kplay changed ${changed} tasks`);
  return changed;
};

/** One playbook with all tools, kplay first: a case for each kind of run. */
export const playbookCases = async (
  { name, commands }: Playbook,
  tools: readonly Tool[],
  hosts: readonly Host[],
): Promise<readonly Case[]> => {
  progress(`${name}.yml`);
  const taken = new Taken();
  const told = new Map<string, Pick<Row, 'changed' | 'files'>>();
  const commandsSeconds = { first: 0, converged: 0 };
  let own: readonly string[] | undefined;
  for (const tool of inTurns(tools)) {
    const kinds = tool.kinds(name);
    if (kinds.length === 0) continue;
    await measure(tool, { command: tool.play(name), kinds, hosts, taken });
    const trees = await askAll(hosts, TREE);
    if (own === undefined && commands) for (const kind of KINDS) commandsSeconds[kind] = await secondsOf(commands[kind], hosts);
    own ??= trees;
    const compared = comparison(hosts, own, trees);
    for (const kind of kinds) {
      const before = told.get(`${tool.name}, ${kind}`)?.files ?? 'same';
      const changed = changes(tool, kind, taken.rows.get(tool.name)![kind]);
      told.set(`${tool.name}, ${kind}`, { changed, files: before === 'same' ? compared : before });
    }
  }
  await askAll(hosts, RESET);
  return KINDS.map(kind => ({
    name: `${name}-${kind}`,
    title: `${name}.yml, ${kind}`,
    rows: rowsOf(taken, kind, told),
    commandsSeconds: commandsSeconds[kind],
  }));
};

/** The floors last. */
const rowsOf = ({ rows }: Taken, kind: Kind, told: ReadonlyMap<string, Pick<Row, 'changed' | 'files'>> = new Map()): readonly Row[] =>
  [...rows]
    .filter(([, samples]) => samples[kind].length > 0)
    .map(([name, samples]) => rowOf(name, samples[kind], told.get(`${name}, ${kind}`)))
    .toSorted((one, other) => Number(isFloor(one)) - Number(isFloor(other)));

/** All facts of all hosts, by the tools that can tell them. */
export const factsCase = async (tools: readonly Tool[], hosts: readonly Host[]): Promise<Case> => {
  progress('facts');
  const taken = new Taken();
  for (const tool of inTurns(tools)) if (tool.facts) await measure(tool, { command: tool.facts, kinds: ['converged'], hosts, taken });
  return { name: 'facts', title: `the facts of ${hosts.length} hosts`, rows: rowsOf(taken, 'converged'), commandsSeconds: 0 };
};
