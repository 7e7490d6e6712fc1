import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions, Lockstep, type Position } from '../../src/engine/lockstep.ts';

/** Hosts that walk their own positions, in a lockstep; gives the rounds in the order they began. */
const walk = async (paths: Readonly<Record<string, readonly Position[]>>): Promise<readonly string[]> => {
  const hosts = Object.keys(paths);
  const lockstep = new Lockstep(hosts);
  const rounds: string[] = [];
  await Promise.all(
    hosts.map(async host => {
      for (const position of paths[host]!) {
        const round = await lockstep.arrive(host, position);
        round.shared('noted', () => rounds.push(`${position.join('.')}: ${round.hosts.join(' ')}`));
        round.settle();
      }
      lockstep.leave(host);
    }),
  );
  return rounds;
};

test('nobody passes a task before everybody is through with it', async () => {
  const path: Position[] = [
    [0, 0],
    [0, 1],
    [1, 0],
  ];
  expect(await walk({ c: path, a: path, b: path })).toEqual(['0.0: c a b', '0.1: c a b', '1.0: c a b']);
});

test('a host in its rescue waits for the others to finish the block, and they wait for it before what follows', async () => {
  const rounds = await walk({ a: [[0, 0], [0, 1, 0], [1]], b: [[0, 0], [0, 0, 1], [0, 0, 2], [1]] });
  expect(rounds).toEqual(['0.0: a b', '0.0.1: b', '0.0.2: b', '0.1.0: a', '1: a b']);
});

test('a detached host goes on alone, and is waited for again once it is back', async () => {
  const lockstep = new Lockstep(['a', 'b']);
  lockstep.detach('a');
  expect((await lockstep.arrive('a', [5])).hosts).toEqual(['a']);
  const together = lockstep.arrive('b', [7]);
  expect((await together).hosts).toEqual(['b']);
  lockstep.attach('a');
  const waiting = lockstep.arrive('b', [8]);
  expect((await lockstep.arrive('a', [8])).hosts).toEqual(['a', 'b']);
  expect((await waiting).hosts).toEqual(['a', 'b']);
});

test('an end reaches those that wait and those that come later', async () => {
  const lockstep = new Lockstep(['a', 'b']);
  const waiting = lockstep.arrive('a', [0]);
  lockstep.end(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(lockstep.arrive('b', [0])).rejects.toThrow('over');
});

test('rounds come in the order of their positions, whatever hosts skip', async () => {
  const positions = fc.uniqueArray(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }), { selector: String, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), positions, { minKeys: 1 }), async paths => {
      const sorted = Object.fromEntries(Object.entries(paths).map(([host, list]) => [host, list.toSorted(comparePositions)]));
      const rounds = (await walk(sorted)).map(line => line.split(':')[0]!.split('.').map(Number));
      expect(rounds).toEqual(rounds.toSorted(comparePositions));
      expect(new Set(rounds.map(String)).size).toBe(rounds.length);
    }),
  );
});
