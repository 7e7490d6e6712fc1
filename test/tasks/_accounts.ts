import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Shell } from './_converge.ts';

/** A root folder with busybox and account files of its own: chroot(8) keeps this machine's accounts out of reach. */
export const busyboxRoot = (): Shell & { readonly root: string } => {
  const root = mkdtempSync(join(tmpdir(), 'kplay-root-'));
  const put = (path: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  };
  for (const folder of ['bin', 'etc/skel', 'tmp', 'home', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const linked = execFileSync('sh', ['-c', 'ldd /bin/busybox 2>/dev/null || :'], { encoding: 'utf8' });
  for (const [path] of linked.matchAll(/\/\S+/g)) put(path);
  for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean))
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:root\nstaff:x:50:\n');
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n');
  writeFileSync(join(root, 'etc/skel/.profile'), 'x\n');
  return { name: 'busybox in a chroot', argv: ['/usr/sbin/chroot', root, '/bin/sh'], path: '/bin', root };
};
