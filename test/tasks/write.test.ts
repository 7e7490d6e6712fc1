import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

/** Programs of these names that do something else before they do what they do. */
const programsThat = (before: Readonly<Record<string, string>>): string => {
  const folder = scratch();
  for (const [program, text] of Object.entries(before))
    writeFileSync(join(folder, program), `#!/bin/sh\n${text}\nexec /bin/${program} "$@"\n`, { mode: 0o755 });
  return folder;
};
const SECRET = Buffer.from('secret\n');
const putSecret = (path: string, bits: number, programs: string, keep?: Node, reports = true) => {
  const { script } = write({
    path,
    from: SECRET,
    sizeBytes: SECRET.length,
    sha256: '',
    keep,
    set: { bits } as never,
    bits: 0o644,
    reports,
  });
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', `umask 000\n${script}`], {
    env: { PATH: `${programs}:${process.env['PATH']}` },
  });
  return [status, stderr.toString(), reports ? reported(stdout)?.bits : statSync(path).mode & 0o7777];
};

test('a file for its owner only is made so, by as few programs as can be', () => {
  const dir = scratch();
  const [path, ran] = [join(dir, 'key'), join(scratch(), 'ran')];
  const note = `find ${dir} -name '.kplay*' -printf '%y %m %s,' | tr -d '\\n' >>${ran}; echo " \${0##*/}" >>${ran}`;
  const programs = programsThat(Object.fromEntries(['chmod', 'cp', 'mktemp', 'mv', 'rm', 'stat'].map(name => [name, note])));
  const put = (bits: number, keep?: Node, reports = true): string => {
    writeFileSync(ran, '');
    expect(putSecret(path, bits, programs, keep, reports)).toEqual([0, '', bits]);
    expect(readFileSync(path, 'utf8')).toBe('secret\n');
    return readFileSync(ran, 'utf8');
  };
  expect(put(0o600)).toBe('f 600 0, stat\nf 600 7, mv\n stat\n');
  expect(put(0o600, undefined, false)).toBe('f 600 0, stat\nf 600 7, mv\n');
  expect(put(0o640)).toBe('f 600 0, stat\nf 600 7, chmod\nf 640 7, mv\n stat\n');
  const keep = { bits: 0o640, uid: process.getuid!(), gid: process.getgid!() } as Node;
  expect(put(0o640, keep)).toBe('f 600 0, stat\nf 600 7, cp\nf 640 7, mv\n stat\n');
  expect(put(0o640, keep, false)).toBe('f 600 0, stat\nf 600 7, cp\nf 640 7, mv\n');
});

test('where its folder would open it to others, nothing is written before it is closed', () => {
  const dir = scratch();
  const [path, seen] = [join(dir, 'key'), join(scratch(), 'seen')];
  const note = `find ${dir} -type f -size +0 -perm /077 >>${seen}`;
  // As a default ACL would have it.
  const opening = `${note}; case $* in *fd/3) /bin/chmod 0640 ${dir}/.kplay.*;; esac`;
  const programs = programsThat({ stat: opening, chmod: note, mv: note, rm: note, mktemp: note });
  expect(putSecret(path, 0o600, programs)).toEqual([0, '', 0o600]);
  expect([readFileSync(path, 'utf8'), readFileSync(seen, 'utf8'), readdirSync(dir)]).toEqual(['secret\n', '', ['key']]);
});

test('what is written into an old file that cannot be replaced is closed as well', () => {
  const path = join(scratch(), 'key');
  writeFileSync(path, 'old\n', { mode: 0o644 });
  const { script } = write({
    path,
    from: SECRET,
    sizeBytes: SECRET.length,
    sha256: '',
    set: { bits: 0o600 } as never,
    bits: 0o644,
    unsafeWrites: true,
  });
  const programs = programsThat({ mv: 'exit 1' });
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], { env: { PATH: `${programs}:${process.env['PATH']}` } });
  expect([status, stderr.toString(), statSync(path).mode & 0o7777]).toEqual([0, '', 0o600]);
  expect(readFileSync(path, 'utf8')).toBe('secret\n');
});

test('whoever owns the folder cannot have another file written', () => {
  for (const bits of [0o600, 0o640]) {
    const [dir, victim] = [scratch(), join(scratch(), 'victim')];
    writeFileSync(victim, 'old\n', { mode: 0o600 });
    const swap = `case $* in *fd/3) for new in ${dir}/.kplay.*; do /bin/rm "$new"; /bin/ln -s ${victim} "$new"; done;; esac`;
    putSecret(join(dir, 'key'), bits, programsThat({ stat: swap }));
    expect(readFileSync(victim, 'utf8')).toBe('old\n');
  }
});
