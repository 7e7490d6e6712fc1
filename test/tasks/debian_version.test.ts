import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, matchesVersion } from '../../src/tasks/debian_version.ts';

const hasDpkg = spawnSync('dpkg', ['--version']).status === 0;
const text = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 6 });
const version = fc
  .tuple(fc.option(fc.nat(2)), fc.nat(20), text('0123~+.ab'), fc.option(text('012~+.a').map(end => `1${end}`)))
  .map(([epoch, start, rest, revision]) => `${epoch === null ? '' : `${epoch}:`}${start}${rest}${revision === null ? '' : `-${revision}`}`);

test.runIf(hasDpkg)('versions are ordered as dpkg orders them', () => {
  const pairs = fc.sample(fc.tuple(version, version), { numRuns: 400 });
  const script = 'while read -r a b; do for op in lt eq gt; do if dpkg --compare-versions "$a" $op "$b"; then echo $op; fi; done; done';
  const { stdout } = spawnSync('sh', ['-c', script], { input: pairs.map(pair => `${pair.join(' ')}\n`).join(''), encoding: 'utf8' });
  const ours = pairs.map(([a, b]) => ['lt', 'eq', 'gt'][Math.sign(compareVersions(a, b)) + 1]);
  const theirs = stdout.trim().split('\n');
  expect(pairs.map((pair, i) => [...pair, ours[i]])).toEqual(pairs.map((pair, i) => [...pair, theirs[i]]));
});

test.for([
  ['1.2.3-1', '1.2*', true],
  ['1.3', '1.2*', false],
  ['1.2+b1', '1.2+b?', true],
  ['1.2', '1.[!3]', true],
  ['1.2', '1x2', false],
] as const)('%s matches %s: %s', ([known, pattern, matches]) => {
  expect(matchesVersion(known, pattern)).toBe(matches);
});
