import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Controller } from '../../src/model/module.ts';
import { readSource } from '../../src/tasks/source.ts';

test('a large file is read once for all hosts, and again when it was written again', async () => {
  const made = new Map<string, unknown>();
  const once: Controller['once'] = async (key, make) => {
    if (!made.has(key)) made.set(key, await make());
    return made.get(key) as Awaited<ReturnType<typeof make>>;
  };
  const file = join(mkdtempSync(join(tmpdir(), 'kplay-')), 'large');
  for (const times of [1, 2]) {
    const bytes = randomBytes(2 ** 20 + 1);
    writeFileSync(file, bytes);
    const sources = [await readSource(file, { once } as Controller), await readSource(file, { once } as Controller)];
    const sum = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
    const wanted = { sizeBytes: bytes.length, sha256: sum('sha256'), sha1: sum('sha1'), md5: sum('md5') };
    for (const source of sources) expect(source).toMatchObject(wanted);
    expect(made.size).toBe(times);
  }
});
