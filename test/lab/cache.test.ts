import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cached, keyOf } from '../../src/lab/cache.ts';

const cache = mkdtempSync(join(tmpdir(), 'kplay-cache-'));
afterAll(() => rmSync(cache, { recursive: true }));

test('equal recipes have one key, others another', () => {
  expect(keyOf({ tag: '1', go: undefined })).toBe(keyOf({ tag: '1' }));
  expect(keyOf({ tag: '1' })).not.toBe(keyOf({ tag: '2' }));
  expect(keyOf({ tag: '1' })).toMatch(/^[0-9a-f]{12}$/);
});

test('a folder is made once, and only what was finished is kept', async () => {
  const path = join(cache, 'made');
  const make = async (folder: string, scratch: string): Promise<void> => {
    writeFileSync(join(scratch, 'draft'), '');
    writeFileSync(join(folder, 'result'), 'first');
  };
  await expect(cached(path, () => Promise.reject(new Error('no mirror')))).rejects.toThrow('no mirror');
  expect(existsSync(path)).toBe(false);
  expect(await cached(path, make)).toBe(path);
  expect(await cached(path, () => Promise.reject(new Error('made twice')))).toBe(path);
  expect(readFileSync(join(path, 'result'), 'utf8')).toBe('first');
  expect(readdirSync(cache)).toEqual(['made']);
});
