import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Action, ActionContext, Changes, Controller, Fields, Mode, Module, Output, Plain } from '../../src/model/module.ts';
import { fromPlain } from '../../src/value/value.ts';
import type { Probe, ProbeKind, Probes } from '../../src/model/probe.ts';

/** A shell to try programs in: the machine's dash with coreutils, or busybox with nothing but its own applets. */
export interface Shell {
  readonly name: string;
  readonly argv: readonly string[];
  readonly path: string;
}
const busyboxApplets = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-busybox-'));
  mkdirSync(dir, { recursive: true });
  const { stdout } = spawnSync('busybox', ['--list'], { encoding: 'utf8' });
  for (const applet of stdout.split('\n').filter(Boolean)) symlinkSync('/bin/busybox', join(dir, applet));
  return dir;
};
export const dash: Shell = { name: 'dash', argv: ['/bin/dash'], path: process.env['PATH'] ?? '' };
export const busybox: Shell = { name: 'busybox', argv: ['busybox', 'sh'], path: busyboxApplets() };
export const shells = [dash, busybox] as const;

export const execute = (shell: Shell, script: string, stdin: Uint8Array = Buffer.alloc(0)): Output => {
  const startedAt = new Date();
  const [file = '', ...rest] = shell.argv;
  const done = spawnSync(file, [...rest, '-c', script], { input: stdin, env: { ...process.env, PATH: shell.path }, maxBuffer: 1 << 28 });
  // A script need not read its input.
  if (done.error && (done.error as NodeJS.ErrnoException).code !== 'EPIPE') throw done.error;
  return { rc: done.status ?? 255, stdout: done.stdout, stderr: done.stderr, startedAt, endedAt: new Date() };
};

/** What one program sees of many subjects; it must exit 0. */
export const lookAll = <Seen>(kind: ProbeKind<Seen>, subjects: readonly string[], shell: Shell = dash): readonly (Seen | Error)[] => {
  const { rc, stdout, stderr } = execute(shell, kind.script(subjects));
  if (rc !== 0) throw new Error(`probe ${kind.name} exits ${rc}: ${stderr.toString()}`);
  return kind.parse(stdout, subjects);
};

/** What a probe sees. */
export const look = <Seen>(probe: Probe<Seen>, shell: Shell = dash): Seen => {
  const [seen] = lookAll(probe.kind, [probe.subject], shell);
  if (seen instanceof Error) throw seen;
  return seen as Seen;
};

export interface Run {
  readonly changes: Changes;
  readonly result: Fields;
}
export interface Options {
  readonly shell?: Shell;
  readonly mode?: Mode;
  readonly controller?: Partial<Controller>;
}

const make: Controller['once'] = (_key, work) => work();

/** Observe, analyze, act as the engine does, in a real shell. A failed step throws. */
export const runOnce = async <Args extends z.ZodObject, Seen extends readonly unknown[], Ready>(
  module: Module<Args, Seen, Ready>,
  raw: unknown,
  { shell = dash, mode = { check: false, diff: false }, controller = {} }: Options = {},
): Promise<Run> => {
  const refuse = (): never => {
    throw new Error('this test gave the module no controller');
  };
  const ready = await module.prepare(module.args.parse(raw), {
    ...mode,
    find: refuse,
    render: refuse,
    decrypt: refuse,
    once: make,
    ...controller,
  });
  const probes = module.observe(ready, mode) as readonly (Probe | undefined)[];
  const seen = probes.map(probe => probe && look(probe, shell)) as unknown as Seen;
  const changes = module.analyze(ready, seen, mode);
  if (changes.length === 0 || mode.check) return { changes, result: module.result(ready, seen, changes, undefined) };
  const outputs: Output[] = [];
  for (const step of module.act(ready, seen, changes, true)) {
    const stdin = step.stdin === undefined || step.stdin instanceof Uint8Array ? step.stdin : await collect(step.stdin.open());
    const output = execute(shell, step.script, stdin);
    if (output.rc !== 0 && step.exit !== 'any') throw step.explain?.(output) ?? new Error(`exit ${output.rc}: ${output.stderr.toString()}`);
    outputs.push(output);
  }
  return { changes, result: module.result(ready, seen, changes, outputs) };
};
/** Runs an action, its host seen through a real shell. */
export const runAction = async <Args extends z.ZodObject>(
  action: Action<Args>,
  raw: unknown,
  {
    shell = dash,
    mode = { check: false, diff: false },
    controller = {},
    variables = {},
    viaSftp = false,
    context: more = {},
  }: Options & { variables?: Record<string, Plain>; viaSftp?: boolean; context?: Partial<ActionContext> } = {},
): Promise<Fields> => {
  const refuse = (): never => {
    throw new Error('this test gave the action no such thing');
  };
  const context: ActionContext = {
    job: () => Promise.resolve({ is: 'unknown' }),
    ...mode,
    host: 'localhost',
    semantics: '2.18',
    signal: new AbortController().signal,
    find: refuse,
    render: refuse,
    decrypt: refuse,
    once: make,
    condition: refuse,
    template: refuse,
    readVars: refuse,
    inventory: { addHost: refuse, groupBy: refuse },
    wait: refuse,
    reach: refuse,
    now: refuse,
    viaSftp: () => viaSftp,
    variable: name => variables[name],
    value: name => (Object.hasOwn(variables, name) ? fromPlain(variables[name]) : undefined),
    observe: async <Seen extends readonly unknown[]>(probes: Probes<Seen>) =>
      (probes as readonly (Probe | undefined)[]).map(probe => probe && look(probe, shell)) as unknown as Seen,
    ...controller,
    ...more,
  };
  return action.run(action.args.parse(raw), context);
};
const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

/** Twice: a converging module's second run has no changes. */
export const converge = async <Args extends z.ZodObject, Seen extends readonly unknown[], Ready>(
  module: Module<Args, Seen, Ready>,
  raw: unknown,
  options: Options = {},
): Promise<{ first: Run; second: Run }> => {
  const first = await runOnce(module, raw, options);
  return { first, second: await runOnce(module, raw, options) };
};
