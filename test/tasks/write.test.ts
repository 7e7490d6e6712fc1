import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Node } from '../../src/probes/stat.ts';
import { reported } from '../../src/tasks/attributes.ts';
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

test('a new file that all may read is born with its permissions, unless its folder has other ideas', () => {
  const [dir, programs] = [scratch(), scratch()];
  const told = join(programs, 'told');
  const put = (program: string, text: string): void => writeFileSync(join(programs, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  put('chmod', `echo "$@" >>${told}; exec /bin/chmod "$@"`);
  const made = (path: string): readonly [told: boolean, text: string] => {
    const from = Buffer.from('text\n');
    const { script } = write({ path, from, sizeBytes: from.length, sha256: '', set: { bits: 0o664 } as never, bits: 0o644 });
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { env: { PATH: `${programs}:${process.env['PATH']}` } });
    expect([status, stderr.toString(), reported(stdout)?.bits, statSync(path).mode & 0o7777]).toEqual([0, '', 0o664, 0o664]);
    return [existsSync(told), readFileSync(path, 'utf8')];
  };
  expect(made(join(dir, 'plain'))).toEqual([false, 'text\n']);
  // As a default ACL would have it.
  put('mv', `/bin/mv "$@"; for to do :; done; /bin/chmod 0640 "$to"`);
  expect(made(join(dir, 'inherits'))).toEqual([true, 'text\n']);
});

test('a file that runs as its owner still does, where cp has dropped that', () => {
  const [dir, programs] = [scratch(), scratch()];
  const path = join(dir, 'tool');
  writeFileSync(path, 'old\n');
  chmodSync(path, 0o4755);
  // As it does where it may not give the new file to the old one's owner.
  writeFileSync(join(programs, 'cp'), '#!/bin/sh\n/bin/cp "$@"; for to do :; done; exec /bin/chmod u-s "$to"\n', { mode: 0o755 });
  const keep = { bits: 0o4755, uid: process.getuid!(), gid: process.getgid!() } as Node;
  const from = Buffer.from('new\n');
  const { script } = write({ path, from, sizeBytes: from.length, sha256: '', keep, set: {} as never, bits: 0o644 });
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], { env: { PATH: `${programs}:${process.env['PATH']}` } });
  expect([status, stderr.toString(), statSync(path).mode & 0o7777]).toEqual([0, '', 0o4755]);
  expect(readFileSync(path, 'utf8')).toBe('new\n');
});

test('a file for its owner only is made so, in the open, by as few programs as can be', () => {
  const [dir, programs] = [scratch(), scratch()];
  const [path, ran] = [join(dir, 'key'), join(programs, 'ran')];
  for (const program of ['chmod', 'cp', 'mktemp', 'mv', 'rm', 'rmdir', 'stat'])
    writeFileSync(
      join(programs, program),
      `#!/bin/sh\nfind ${dir} -name '.kplay*' -printf '%y %m %f,' | tr -d '\\n' >>${ran}\necho ' ${program}' >>${ran}\nexec /bin/${program} "$@"\n`,
      { mode: 0o755 },
    );
  const from = Buffer.from('secret\n');
  const put = (bits: number, keep?: Node): string => {
    const { script } = write({ path, from, sizeBytes: from.length, sha256: '', keep, set: { bits } as never, bits: 0o644 });
    writeFileSync(ran, '');
    const env = { PATH: `${programs}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', `umask 000\n${script}`], { env });
    expect([status, stderr.toString(), reported(stdout)?.bits, readFileSync(path, 'utf8')]).toEqual([0, '', bits, 'secret\n']);
    return readFileSync(ran, 'utf8').replaceAll(/\.kplay\.\w+/g, 'NEW');
  };
  expect(put(0o600)).toBe(' mktemp\nf 600 NEW, mv\n stat\n');
  expect(put(0o640)).toBe(' mktemp\nf 600 NEW, chmod\nf 640 NEW, mv\n stat\n');
  const keep = { bits: 0o640, uid: process.getuid!(), gid: process.getgid!() } as Node;
  expect(put(0o640, keep)).toBe(' mktemp\nf 600 NEW, cp\nf 640 NEW, mv\n stat\n');
});
