import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Node } from '../../src/probes/stat.ts';
import { write } from '../../src/tasks/write.ts';
import { scratch } from '../transport/_shells.ts';

test('a file that others may not read is not in the open before, whatever the old one was', () => {
  const [dir, programs] = [scratch(), scratch()];
  const [path, seen, chmod] = [join(dir, 'key'), join(programs, 'seen'), join(programs, 'chmod')];
  writeFileSync(path, 'old\n', { mode: 0o644 });
  writeFileSync(chmod, `#!/bin/sh\nfind ${dir} -maxdepth 1 -type f -name '.kplay*' >>${seen}\nexec /bin/chmod "$@"\n`);
  chmodSync(chmod, 0o755);
  const keep = { bits: 0o644, uid: process.getuid!(), gid: process.getgid!() } as Node;
  const from = Buffer.from('secret\n');
  const { script } = write({ path, from, sizeBytes: from.length, sha256: '', keep, set: { bits: 0o600 } as never, bits: 0o644 });
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], { env: { PATH: `${programs}:${process.env['PATH']}` } });
  expect([status, stderr.toString()]).toEqual([0, '']);
  expect(readFileSync(path, 'utf8')).toBe('secret\n');
  expect(readFileSync(seen, 'utf8')).toBe('');
});
