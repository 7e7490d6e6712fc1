import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ansible, kplay } from '../oracle/_play.ts';
import { type Project, project } from './_playbook.ts';
import { observed, Stage } from './_stage.ts';

/*
 * The proof of lookahead.test.ts on hosts of the lab, and through Ansible. KPLAY_LOOKAHEAD_RUNS and KPLAY_LOOKAHEAD_ORACLE_RUNS ask for more
 * playbooks than there is time for every day, KPLAY_LOOKAHEAD_SEED for the same ones again, KPLAY_LOOKAHEAD_HOSTS for other hosts.
 */
const { env } = process;
const runs = Number(env['KPLAY_LOOKAHEAD_RUNS'] ?? 12);
const oracleRuns = Number(env['KPLAY_LOOKAHEAD_ORACLE_RUNS'] ?? 3);
const seed = env['KPLAY_LOOKAHEAD_SEED'] === undefined ? {} : { seed: Number(env['KPLAY_LOOKAHEAD_SEED']) };
/** A slow day makes fewer runs; and a failure is told before all time is spent on making it smaller. */
const within = (numRuns: number): fc.Parameters<unknown> => ({
  ...seed,
  numRuns,
  interruptAfterTimeLimit: Math.max(45_000, numRuns * 5_000),
});
const limit = { timeout: 60_000 + Math.max(runs, oracleRuns) * 15_000 };
const [one = '', two = ''] = (env['KPLAY_LOOKAHEAD_HOSTS'] ?? 'h4 h5').split(' ');

let home: string;
let stage: Stage;
/** What the limit of time interrupts is still going on. */
let running: Promise<unknown> = Promise.resolve();
const property = (size: number, holds: (playbook: string) => Promise<void>): fc.IAsyncProperty<[Project]> =>
  fc.asyncProperty(project(size), files => {
    const run = holds(stage.write(files));
    running = run.catch(() => undefined);
    return run;
  });
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'la-stage-'));
  stage = new Stage(home, env['KPLAY_LAB'] ?? '', [one, two]);
  await stage.fresh();
});
afterEach(() => running);
afterAll(async () => {
  await stage.clean();
  rmSync(home, { recursive: true });
});

test('a run that looks ahead equals one in strict order', limit, async () => {
  const same = property(8, async playbook => {
    const strict = await stage.kplay(playbook, '--window', '1');
    expect(observed(await stage.kplay(playbook))).toEqual(observed(strict));
  });
  await fc.assert(same, within(runs));
});

test.runIf(env['KPLAY_ORACLE'])('and one of Ansible', limit, async () => {
  // Where an ordinary user replaces somebody else's file Ansible leaves its own temporary file's mode (0744), so d is root here.
  stage = new Stage(home, env['KPLAY_LAB'] ?? '', [one, two], 'root');
  const same = property(4, async playbook => {
    const theme = stage.theme(playbook);
    const [theirs, ours] = [await stage.played(ansible, theme), await stage.played(kplay, theme)];
    const essence = ({ told, trees }: typeof ours): unknown => ({
      exitCode: told.exitCode,
      statuses: told.lines,
      recap: told.recap,
      trees: trees.map(tree => tree.split('\n')),
    });
    expect(essence(ours), `ansible: ${theirs.told.said}\nkplay: ${ours.told.said}`).toEqual(essence(theirs));
  });
  await fc.assert(same, within(oracleRuns));
});
