import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Shell } from './_converge.ts';

export interface Root extends Shell {
  readonly root: string;
}

/** Copies a program and the libraries it needs. */
const install = (root: string, program: string): void => {
  const needed = execFileSync('sh', ['-c', `ldd ${program} 2>/dev/null || :`], { encoding: 'utf8' });
  for (const path of [program, ...(needed.match(/\/\S+/g) ?? [])]) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
};

/** A root folder with busybox and account files of its own: chroot(8) keeps this machine's accounts out of reach. */
export const busyboxRoot = (): Root => {
  const root = mkdtempSync(join(tmpdir(), 'kplay-root-'));
  for (const folder of ['bin', 'etc/skel', 'tmp', 'home', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  install(root, '/bin/busybox');
  for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean))
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:root\nstaff:x:50:\n');
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n');
  writeFileSync(join(root, 'etc/skel/.profile'), 'x\n');
  return { name: 'busybox in a chroot', argv: ['/usr/sbin/chroot', root, '/bin/sh'], path: '/bin', root };
};

/** The same with dash, which takes programs from PATH where busybox would run its own. */
export const dashRoot = (): Root => {
  const { root, path } = busyboxRoot();
  install(root, '/bin/dash');
  return { name: 'dash in a chroot', argv: ['/usr/sbin/chroot', root, '/bin/dash'], path, root };
};

/** Puts a program of the test's own in the place of an applet: the applet's name is a link to busybox, which must not be written through. */
export const replaceProgram = ({ root }: Root, name: string, body: string): void => {
  rmSync(join(root, 'bin', name), { force: true });
  writeFileSync(join(root, 'bin', name), `#!/bin/dash\n${body}\n`, { mode: 0o755 });
};
