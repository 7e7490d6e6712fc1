import { loadavg } from 'node:os';
import { askAll, type Host } from './hosts.ts';
import { untilIdle } from './idle.ts';
import { type Case, FLOOR, median, OWN, type Row } from './table.ts';
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

interface Wanted {
  readonly command: Command;
  readonly kinds: readonly Kind[];
  readonly hosts: readonly Host[];
  /** Gets the floor's. */
  readonly floor: Samples;
}
/** Every first run starts from nothing; every converged run follows a first one. */
const measure = async ({ name, runs, floor: beside, opens, release }: Tool, { command, kinds, hosts, floor }: Wanted): Promise<Samples> => {
  const taken = none();
  if (opens) await timed(opens(command));
  for (let i = 0; i < runs; i++) {
    if (kinds.includes('first')) await askAll(hosts, RESET);
    for (const kind of kinds) {
      taken[kind].push(await sample(`${name}, ${kind}`, command));
      if (beside) floor[kind].push(await sample(FLOOR, beside));
    }
  }
  if (release) await timed(release);
  return taken;
};

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

const changes = (tool: Tool, kind: Kind, samples: Samples): number => {
  const changed = tool.changedIn(samples[kind].at(-1)!.output);
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
  const floor = none();
  const rows: Readonly<Record<Kind, Row[]>> = { first: [], converged: [] };
  const commandsSeconds = { first: 0, converged: 0 };
  let own: readonly string[] | undefined;
  for (const tool of tools) {
    const kinds = tool.kinds(name);
    if (kinds.length === 0) continue;
    const samples = await measure(tool, { command: tool.play(name), kinds, hosts, floor });
    const trees = await askAll(hosts, TREE);
    if (own === undefined && commands) for (const kind of KINDS) commandsSeconds[kind] = await secondsOf(commands[kind], hosts);
    own ??= trees;
    const files = comparison(hosts, own, trees);
    for (const kind of kinds) rows[kind].push(rowOf(tool.name, samples[kind], { changed: changes(tool, kind, samples), files }));
  }
  await askAll(hosts, RESET);
  return KINDS.map(kind => ({
    name: `${name}-${kind}`,
    title: `${name}.yml, ${kind}`,
    rows: [...rows[kind], rowOf(FLOOR, floor[kind])],
    commandsSeconds: commandsSeconds[kind],
  }));
};

/** All facts of all hosts, by the tools that can tell them. */
export const factsCase = async (tools: readonly Tool[], hosts: readonly Host[]): Promise<Case> => {
  progress('facts');
  const floor = none();
  const rows: Row[] = [];
  for (const tool of tools) {
    if (!tool.facts) continue;
    const { converged } = await measure(tool, { command: tool.facts, kinds: ['converged'], hosts, floor });
    rows.push(rowOf(tool.name, converged));
  }
  return { name: 'facts', title: `the facts of ${hosts.length} hosts`, rows: [...rows, rowOf(FLOOR, floor.converged)], commandsSeconds: 0 };
};
