import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyPair } from '../../src/tasks/key_pair.ts';
import { converge, runOnce, shells } from './_converge.ts';

const setUp = () => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-pair-'));
  return { dir, raw: { path: join(dir, 'sa.key'), public_path: join(dir, 'sa.pub') } };
};
const publicOf = (path: string): string => execFileSync('openssl', ['pkey', '-in', path, '-pubout'], { encoding: 'utf8' });
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe.for(shells)('key_pair in $name', shell => {
  test.for(['ECDSA-P256', 'RSA-2048'] as const)('a new pair, %s', async key_type => {
    const { dir, raw } = setUp();
    const { first, second } = await converge(keyPair, { ...raw, key_type }, { shell });
    expect(first.changes.map(({ key, after }) => [key, after])).toEqual([
      ['key', `${key_type} (new)`],
      ['mode', '0600'],
      ['public_key', `of ${raw.path}`],
      ['mode', '0644'],
    ]);
    expect(second).toEqual({ changes: [], result: { ...raw, key_type } });
    expect(readFileSync(raw.public_path, 'utf8')).toBe(publicOf(raw.path));
    expect([mode(raw.path), mode(raw.public_path), readdirSync(dir).toSorted()]).toEqual(['600', '644', ['sa.key', 'sa.pub']]);
  });

  test('the private key stays, and the public one follows it', async () => {
    const { raw } = setUp();
    await runOnce(keyPair, raw, { shell });
    const key = readFileSync(raw.path, 'utf8');
    writeFileSync(raw.public_path, 'another');
    chmodSync(raw.path, 0o644);
    const { first, second } = await converge(keyPair, { ...raw, key_type: 'RSA-2048' }, { shell });
    expect(first.changes.map(({ key: name, before }) => [name, before])).toEqual([
      ['mode', '0644'],
      ['public_key', 'of another key'],
    ]);
    expect(second).toEqual({ changes: [], result: { ...raw, key_type: 'ECDSA-P256' } });
    expect([readFileSync(raw.path, 'utf8'), readFileSync(raw.public_path, 'utf8')]).toEqual([key, publicOf(raw.path)]);
    expect(JSON.stringify(first)).not.toContain(key.split('\n')[1]);
  });
});

test('a key that is lost or no key is not replaced', async () => {
  const { raw } = setUp();
  await runOnce(keyPair, raw);
  writeFileSync(raw.path, 'rubbish');
  await expect(runOnce(keyPair, raw)).rejects.toMatchObject({ code: 'E_STATE' });
  rmSync(raw.path);
  await expect(runOnce(keyPair, raw)).rejects.toMatchObject({ code: 'E_STATE' });
});

test('check mode makes nothing', async () => {
  const { dir, raw } = setUp();
  const { changes } = await runOnce(keyPair, raw, { mode: { check: true, diff: true } });
  expect([changes.length, readdirSync(dir)]).toEqual([4, []]);
});
