import { expect, test } from 'vitest';
import { Looker } from '../../src/engine/looker.ts';
import { Observations } from '../../src/engine/observations.ts';
import { Machine, type Seat } from '../../src/engine/targets.ts';
import { KplayError } from '../../src/model/errors.ts';
import type { ProbeKind } from '../../src/model/probe.ts';
import type { Request, Response } from '../../src/model/session.ts';
import { FakeClock } from './_fake.ts';

/** Says its subjects back; one that is `bad` spoils the sight of all. */
const word: ProbeKind<string> = {
  name: 'word',
  sight: 'local',
  script: subjects => `echo ${subjects.join(' ')}`,
  parse: (_stdout, subjects) => subjects.map(one => (subjects.includes('bad') ? new KplayError('E_PROBE', 'spoiled') : one)),
};
const probe = (subject: string): { kind: typeof word; subject: string } => ({ kind: word, subject });

type Answer = (words: readonly string[], request: Request) => Response | Error;
const host = (answer: Answer = () => ({ rc: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }) as Response) => {
  const asked: string[] = [];
  const run = async (request: Request): Promise<Response> => {
    const words = /^echo (.*)$/m.exec(request.script.toString())![1]!.split(' ');
    asked.push(words.join(' '));
    const said = answer(words, request);
    if (said instanceof Error) throw said;
    const mark = /kplay:[0-9a-f]+:/.exec(request.script.toString())![0];
    return { ...said, stdout: Buffer.from(`\n${mark}0\n`) };
  };
  const target = { machine: new Machine('m'), connection: { run }, opened: new Set(['']) };
  const seat = { target, identity: '', prelude: '', timed: (_spent: unknown, work: () => unknown) => work() } as unknown as Seat;
  const looker = new Looker(new Observations(new FakeClock(), new Set()), new Set(), new AbortController().signal);
  const see = (subject: string, ...ahead: readonly string[]): Promise<readonly unknown[]> =>
    looker.see(seat, [probe(subject)], async () => [{ seat, probes: ahead.map(probe) }]);
  return { asked, see };
};

test('what comes next is looked at in the same request', async () => {
  const { asked, see } = host();
  expect([await see('a', 'b', 'c'), await see('b'), await see('c')]).toEqual([['a'], ['b'], ['c']]);
  expect(asked).toEqual(['a b c']);
});

test('a guess that spoils a sight costs another look, and decides nothing', async () => {
  const { asked, see } = host();
  expect(await see('a', 'bad')).toEqual(['a']);
  await expect(see('bad')).rejects.toThrow('spoiled');
  expect(asked).toEqual(['a bad', 'a', 'bad']);
});

test('a guess that takes too long is given up, and none comes along any more', async () => {
  const late = new KplayError('E_TIMEOUT', 'too long');
  const { asked, see } = host((words, { timeoutMs }) =>
    words.includes('slow') && timeoutMs !== undefined ? late : ({ rc: 0, stderr: Buffer.alloc(0) } as Response),
  );
  expect([await see('a', 'slow'), await see('b', 'c'), await see('slow')]).toEqual([['a'], ['b'], ['slow']]);
  expect(asked.filter(words => words !== 'c')).toEqual(['a slow', 'a', 'b', 'slow']);
});

test('why a look failed is asked in a second one: the first is quiet', async () => {
  const requests: boolean[] = [];
  const { see } = host((_words, { quiet = false }) => {
    requests.push(quiet);
    return { rc: 2, stdout: Buffer.alloc(0), stderr: Buffer.from(quiet ? '' : 'no such program') };
  });
  await expect(see('a')).rejects.toMatchObject({ code: 'E_PROBE', detail: 'no such program' });
  expect(requests).toEqual([true, false]);
});

test('a lost link is no fault of a guess', async () => {
  const { asked, see } = host(() => new KplayError('E_LINK_LOST', 'gone'));
  await expect(see('a', 'b')).rejects.toMatchObject({ code: 'E_LINK_LOST' });
  expect(asked).toEqual(['a b']);
});
