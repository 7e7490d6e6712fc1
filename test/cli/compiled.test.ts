import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const LOADER = join(import.meta.dirname, '../../src/cli/compiled.ts');
const FUNCTIONS = 3000;
const SOME = 300;
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-compiled-'));
  folder = join(root, 'cache/code');
  writeWork('one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const writeWork = (says: string): void => {
  const all = Array.from(
    { length: FUNCTIONS },
    (_, n) => `f${n}: x => { let y = x; if (y > ${n}) y = [y, x].map(z => z + 1).at(0); return y; }`,
  );
  const text = `const { basename } = require('node:path');\nexports.says = basename(__filename) + ' says ${says}';\nexports.all = {${all.join(',\n')}};`;
  writeFileSync(join(root, 'work.cjs'), text);
};

interface Loaded {
  readonly says: string;
  /** What was compiled once it was loaded. */
  readonly bytes: number;
}
/** A process that loads the file and calls so many of its functions. */
const load = (calls: number, where: readonly string[] = [root, join(root, 'cache'), folder]): Loaded => {
  const program = `
    import { getHeapCodeStatistics } from 'node:v8';
    import { loadCompiled } from ${JSON.stringify(LOADER)};
    const before = getHeapCodeStatistics().bytecode_and_metadata_size;
    const { says, all } = loadCompiled(${JSON.stringify(join(root, 'work.cjs'))}, ${JSON.stringify(where)});
    console.log(JSON.stringify({ says, bytes: getHeapCodeStatistics().bytecode_and_metadata_size - before }));
    for (let n = 0; n < ${calls}; n++) all['f' + n](1);`;
  const options = { encoding: 'utf8', timeout: 20_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Loaded;
};
const kept = (): string => {
  const names = readdirSync(folder);
  expect(names).toEqual([expect.stringMatching(/^work\.cjs-v/)]);
  return join(folder, names[0]!);
};
const digest = (): string => createHash('sha256').update(readFileSync(kept())).digest('hex');
const age = (file: string, seconds: number): void => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
};

test('what a process called is there compiled for the next one', () => {
  const first = load(FUNCTIONS);
  const second = load(0);
  expect(second.says).toBe('work.cjs says one');
  expect(second.bytes).toBeGreaterThan(3 * first.bytes);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
});

test('a file that was written anew is compiled anew, though it be as long', () => {
  load(FUNCTIONS);
  writeWork('two');
  age(join(root, 'work.cjs'), 10);
  expect(load(0).says).toBe('work.cjs says two');
});

test('much more replaces it at once, somewhat more after a while, and less never', () => {
  load(0);
  const least = digest();
  load(SOME);
  expect(digest()).toBe(least);
  age(kept(), 601);
  load(SOME);
  const some = digest();
  expect(some).not.toBe(least);
  load(FUNCTIONS);
  const most = digest();
  expect(most).not.toBe(some);
  age(kept(), 601);
  load(0);
  expect(digest()).toBe(most);
  expect(Date.now() - statSync(kept()).mtimeMs).toBeLessThan(60_000);
});

test.each<[string, (file: string) => void]>([
  ['damaged', file => writeFileSync(file, readFileSync(file).fill(1, 5000, 5100))],
  ['cut off', file => writeFileSync(file, readFileSync(file).subarray(0, 8))],
  ['for others to write', file => chmodSync(file, 0o666)],
  [
    'a link',
    file => {
      copyFileSync(file, join(root, 'elsewhere'));
      rmSync(file);
      symlinkSync(join(root, 'elsewhere'), file);
    },
  ],
  [
    'a pipe',
    file => {
      rmSync(file);
      spawnSync('mkfifo', ['-m', '600', file]);
    },
  ],
])('what is %s is compiled anew, and replaced', (_, spoil) => {
  const first = load(FUNCTIONS);
  spoil(kept());
  expect(load(FUNCTIONS).bytes).toBeLessThan(2 * first.bytes);
  expect(load(0).bytes).toBeGreaterThan(3 * first.bytes);
});

describe('nothing is used or kept', () => {
  test('without a folder', () => {
    load(FUNCTIONS, []);
    expect(readdirSync(root)).toEqual(['work.cjs']);
  });

  test.each<readonly [string, () => void]>([
    ['in a folder for others to write', () => chmodSync(folder, 0o777)],
    ['below one', () => chmodSync(join(root, 'cache'), 0o777)],
    ...(process.getuid?.() === 0
      ? ([
          ['in the folder of someone else', () => chownSync(folder, 65_534, 65_534)],
          ['below one', () => chownSync(root, 65_534, 65_534)],
        ] as const)
      : []),
    [
      'behind a link',
      () => {
        rmSync(join(root, 'cache'), { recursive: true });
        mkdirSync(join(root, 'elsewhere/code'), { recursive: true });
        symlinkSync('elsewhere', join(root, 'cache'));
      },
    ],
  ])('%s', (_, spoil) => {
    const first = load(FUNCTIONS);
    spoil();
    const before = readdirSync(folder);
    if (before[0] !== undefined) age(join(folder, before[0]), 601);
    expect(load(0).bytes).toBeLessThan(2 * first.bytes);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('where no folder can be made', () => {
    for (const base of ['work.cjs', 'missing']) load(1, [join(root, base), join(root, base, 'code')]);
    expect(readdirSync(root)).toEqual(['work.cjs']);
  });
});

test('what has not been looked at for a month goes', () => {
  mkdirSync(join(folder, 'a folder'), { recursive: true, mode: 0o700 });
  for (const name of ['old', 'recent']) writeFileSync(join(folder, name), '');
  for (const name of ['a folder', 'old']) age(join(folder, name), 31 * 86_400);
  load(1);
  expect(readdirSync(folder)).toEqual(['a folder', 'recent', expect.stringMatching(/^work/)]);
});
