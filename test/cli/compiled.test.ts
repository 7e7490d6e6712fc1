import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const LOADER = join(import.meta.dirname, '../../src/cli/compiled.ts');
const FUNCTIONS = 1000;
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-compiled-'));
  folder = join(root, 'cache/code');
  const body = (n: number): string =>
    `f${n}: (x) => { let y = x; for (let i = 0; i < ${n}; i++) y = [y, i].map(v => v + 1).at(0); return y; }`;
  const all = Array.from({ length: FUNCTIONS }, (_, n) => body(n)).join(',\n');
  writeFileSync(
    join(root, 'work.cjs'),
    `const { basename } = require('node:path'); exports.name = basename(__filename);\nexports.all = {${all}};`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A process that loads the file and calls so many of its functions. Gives what was compiled when it was loaded, in bytes. */
const load = (calls: number, where = folder): number => {
  const program = `
    import { getHeapCodeStatistics } from 'node:v8';
    import { loadCompiled } from ${JSON.stringify(LOADER)};
    const before = getHeapCodeStatistics().bytecode_and_metadata_size;
    const { name, all } = loadCompiled(${JSON.stringify(join(root, 'work.cjs'))}, ${JSON.stringify(where)});
    console.log(name, getHeapCodeStatistics().bytecode_and_metadata_size - before);
    for (let n = 0; n < ${calls}; n++) all['f' + n](1);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^work\.cjs \d+\n$/);
  return Number(stdout.split(' ')[1]);
};
const kept = (): string => {
  const names = readdirSync(folder);
  expect(names).toEqual([expect.stringMatching(/^work\.cjs-[0-9a-z]+$/)]);
  return join(folder, names[0]!);
};
const age = (file: string, seconds: number): void => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
};

test('what a process called is there compiled for the next one', () => {
  const first = load(FUNCTIONS);
  expect(load(0)).toBeGreaterThan(2 * first);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
});

test('without a folder nothing is kept', () => {
  load(FUNCTIONS, '');
  expect(readdirSync(root)).toEqual(['work.cjs']);
});

test('a process that compiled more replaces it, unless it was just looked at', () => {
  load(0);
  const little = readFileSync(kept());
  load(FUNCTIONS);
  expect(readFileSync(kept())).toEqual(little);
  age(kept(), 61);
  load(FUNCTIONS);
  const much = readFileSync(kept());
  expect(much.length).toBeGreaterThan(little.length);
  age(kept(), 61);
  load(0);
  expect(readFileSync(kept())).toEqual(much);
  expect(Date.now() - statSync(kept()).mtimeMs).toBeLessThan(30_000);
});

test.each<[string, (file: string) => void]>([
  ['damaged', file => writeFileSync(file, readFileSync(file).fill(1, 5000, 5100))],
  ['cut off', file => writeFileSync(file, readFileSync(file).subarray(0, 8))],
  ['not ours alone', file => chmodSync(file, 0o666)],
])('what is %s is compiled anew, and replaced', (_, spoil) => {
  const first = load(FUNCTIONS);
  spoil(kept());
  expect(load(FUNCTIONS)).toBeLessThan(2 * first);
  expect(load(0)).toBeGreaterThan(2 * first);
});

test('nothing is kept where others may write, or nobody', () => {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  load(1);
  expect(readdirSync(folder)).toEqual([]);
  load(1, join(root, 'work.cjs/code'));
});

test('what has not been looked at for a month goes', () => {
  mkdirSync(folder, { recursive: true });
  for (const name of ['old', 'recent']) writeFileSync(join(folder, name), '');
  age(join(folder, 'old'), 31 * 86_400);
  load(1);
  expect(readdirSync(folder)).toEqual(['recent', expect.stringMatching(/^work/)]);
});
