import { createHash } from 'node:crypto';
import { mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { slurp } from '../../src/tasks/slurp.ts';
import { stat } from '../../src/tasks/stat.ts';
import { converge, runOnce, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));

describe.for(shells)('in $name', shell => {
  test('stat tells of files and links', async () => {
    const dir = fresh();
    const path = join(dir, 'f 1');
    writeFileSync(path, 'text', { mode: 0o640 });
    symlinkSync('f 1', join(dir, 'l'));
    const real = statSync(path);
    const { first, second } = await converge(stat, { path, get_mime: 'no', get_attributes: false }, { shell });
    expect([first.changes, second.changes]).toEqual([[], []]);
    expect(first.result['stat']).toMatchObject({
      exists: true,
      path,
      mode: '0640',
      isreg: true,
      islnk: false,
      isdir: false,
      size: 4,
      inode: real.ino,
      nlink: 1,
      dev: real.dev,
      uid: 0,
      gid: 0,
      pw_name: 'root',
      gr_name: 'root',
      rusr: true,
      xusr: false,
      rgrp: true,
      roth: false,
      readable: true,
      executable: false,
      checksum: createHash('sha1').update('text').digest('hex'),
    });
    const link = await runOnce(stat, { path: join(dir, 'l'), checksum_algorithm: 'sha256' }, { shell });
    expect(link.result['stat']).toMatchObject({ islnk: true, lnk_source: path, lnk_target: 'f 1', isreg: false });
    expect(link.result['stat']).not.toHaveProperty('checksum');
    const followed = await runOnce(stat, { path: join(dir, 'l'), follow: true, checksum_algorithm: 'sha256' }, { shell });
    expect(followed.result['stat']).toMatchObject({
      islnk: false,
      isreg: true,
      checksum: createHash('sha256').update('text').digest('hex'),
    });
    expect((await runOnce(stat, { path: join(dir, 'gone') }, { shell })).result).toEqual({ changed: false, stat: { exists: false } });
  });

  test('slurp returns base64', async () => {
    const src = join(fresh(), 'f');
    writeFileSync(src, Buffer.from([0, 255, 10]));
    const { changes, result } = await runOnce(slurp, { src }, { shell });
    expect([changes, result]).toEqual([[], { changed: false, content: 'AP8K', source: src, encoding: 'base64' }]);
    await expect(runOnce(slurp, { src: '/no/such' }, { shell })).rejects.toMatchObject({ message: 'file not found: /no/such' });
    await expect(runOnce(slurp, { src: '/tmp' }, { shell })).rejects.toMatchObject({
      message: 'source is a directory and must be a file: /tmp',
    });
  });
});

test('stat refuses unknown algorithms', () => {
  expect(stat.args.safeParse({ path: '/', checksum_algorithm: 'crc' }).success).toBe(false);
});
