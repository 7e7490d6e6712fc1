import { expect, test } from 'vitest';
import type { Package } from '../../src/probes/apt.ts';
import { packages, packageSubject } from '../../src/probes/apt.ts';
import { apt, packageModule } from '../../src/tasks/apt.ts';
import { busyboxRoot, replaceProgram } from './_accounts.ts';
import { runOnce } from './_converge.ts';

const NONE: Package = { isConfigLeft: false, isAuto: false, versions: [], providers: [] };
const old: Package = { ...NONE, installed: '1.0-1', candidate: '2.0-1', versions: ['2.0-1', '1.5-1', '1.0-1'] };
const fresh: Package = { ...NONE, candidate: '2.0-1', versions: ['2.0-1', '1.5-1'] };
const plan = (args: object, ...seen: readonly Package[]) => {
  const given = apt.args.parse(args);
  return apt.analyze(given, [{ fetchedAt: 1000, now: 2000 }, undefined, ...seen], { check: false, diff: false });
};

test.for<[object, Package, (string | null)[] | undefined]>([
  [{ package: 'a' }, old, undefined],
  [{ package: 'a' }, fresh, [null, '2.0-1']],
  [{ package: 'a', state: 'latest' }, old, ['1.0-1', '2.0-1']],
  [{ package: 'a', state: 'latest' }, { ...old, candidate: '1.0-1' }, undefined],
  [{ package: 'a=1.0-1' }, old, undefined],
  [{ package: 'a=1.5*' }, old, ['1.0-1', '1.5-1']],
  [{ package: 'a=1.5*', state: 'latest' }, old, ['1.0-1', '1.5-1']],
  [{ package: 'a>=1.0' }, old, undefined],
  [{ package: 'a>=1.5' }, old, ['1.0-1', '2.0-1']],
  [{ package: 'a', only_upgrade: true }, fresh, undefined],
  [{ package: 'a', state: 'absent' }, old, ['1.0-1', null]],
  [{ package: 'a=2*', state: 'absent' }, old, undefined],
  [{ package: 'a', state: 'absent' }, { ...NONE, isConfigLeft: true }, undefined],
  [{ package: 'a', state: 'absent', purge: true }, { ...NONE, isConfigLeft: true }, ['config-files', null]],
  [{ package: 'a' }, { ...NONE, providers: [{ name: 'b', installed: true }] }, undefined],
  [{ package: 'a' }, { ...NONE, providers: [{ name: 'b', installed: false }] }, [null, 'present']],
])('%o of %o: %o', ([args, seen, wanted]) => {
  const changes = plan(args, seen);
  expect(changes).toEqual(wanted === undefined ? [] : [{ key: 'a', before: wanted[0], after: wanted[1] }]);
});

test.for<[object, Package]>([
  [{ package: 'a' }, NONE],
  [{ package: 'a=3*' }, old],
  [{ package: 'a>=3' }, old],
])('%o cannot be had', ([args, seen]) => {
  expect(() => plan(args, seen)).toThrow(expect.objectContaining({ code: 'E_STATE' }) as Error);
});

test('lists that are too old are fetched first, and then nothing is known', () => {
  expect(plan({ package: 'a', update_cache: true, cache_valid_time: 1000 }, old)).toEqual([]);
  expect(plan({ package: 'a', cache_valid_time: 999 }, old).map(({ key }) => key)).toEqual(['update_cache']);
  expect(plan({ package: 'a', update_cache: true, state: 'latest' }, old)).toMatchObject([{ key: 'update_cache' }, { after: 'latest' }]);
  expect(plan({ package: 'a', update_cache: true }, NONE)).toMatchObject([{ key: 'update_cache' }, { after: 'present' }]);
});

test('who asked for a package keeps it', () => {
  expect(plan({ package: 'a' }, { ...old, isAuto: true })).toEqual([{ key: 'manual', path: 'a', before: false, after: true }]);
});

test.for([
  { package: 'a', upgrade: 'dist' },
  { deb: '/a.deb', state: 'absent' },
  { deb: 'http://x/a.deb' },
  { package: 'a=1=2' },
  { package: 'lib*' },
  { package: 'a', state: 'build-dep' },
  { package: '*,a', state: 'latest' },
])('refuses %o', raw => {
  expect(apt.args.safeParse(raw).success).toBe(false);
});

test.runIf(process.getuid?.() === 0)('another package manager is named', async () => {
  const shell = busyboxRoot();
  replaceProgram(shell, 'dnf', '');
  await expect(runOnce(packageModule, { package: 'a' }, { shell })).rejects.toMatchObject({
    code: 'E_PROBE',
    message: expect.stringContaining('the package manager dnf'),
  });
});

test('what dpkg and apt-cache say', () => {
  const answer = [
    'amd64',
    'a\tamd64\tinstalled\t1.0\nb\tall\tconfig-files\t1\nc\ti386\tinstalled\t2\n\t\t\t',
    'a:amd64',
    'a:\n  Installed: 1.0\n  Candidate: 2.0\n  Version table:\n     2.0 990\n        990 file:/srv x\n *** 1.0 100\n        100 /var/lib/dpkg/status\nv:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n',
    'v p\nv p',
    'p\tall\tinstalled\t3',
    '',
  ].join('\0');
  const subjects = ['a', 'b', 'c', 'c:i386', 'v'].map(name => packageSubject(name, '', true));
  const none = { isConfigLeft: false, isAuto: false, versions: [], providers: [] };
  expect(packages.parse(Buffer.from(answer), subjects)).toEqual([
    { installed: '1.0', candidate: '2.0', isConfigLeft: false, isAuto: true, versions: ['2.0', '1.0'], providers: [] },
    { ...none, isConfigLeft: true },
    none,
    { ...none, installed: '2' },
    { ...none, providers: [{ name: 'p', installed: true }] },
  ]);
});
