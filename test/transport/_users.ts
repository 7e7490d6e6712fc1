import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './_shells.ts';

/** Users of a made-up machine: ops may sudo with a password, free without, app not at all. */
export const PASSWORDS = { root: 'the root of it', ops: 'secret', free: 'unused', app: 'apple' } as const;

/**
 * Runs a program where /etc/passwd, shadow, group and sudoers are ours, in a private mount namespace: logins, sudo and su are real, and
 * the machine's own users are never touched.
 * `su` may be replaced by another program.
 */
export const amongUsers = (su?: string): readonly string[] => {
  const dir = scratch();
  chmodSync(dir, 0o755);
  const names = Object.keys(PASSWORDS) as (keyof typeof PASSWORDS)[];
  const hash = (password: string): string => spawnSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).stdout.trim();
  const id = (name: string): number => (name === 'root' ? 0 : 4000 + names.indexOf(name as keyof typeof PASSWORDS));
  const home = (name: string): string => (name === 'root' ? '/root' : join(dir, name));
  const lines = (line: (name: keyof typeof PASSWORDS) => string, more: string): string => [...names.map(line), more, ''].join('\n');
  const sshd = 'sshd:x:4100:65534::/run/sshd:/usr/sbin/nologin\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin';
  writeFileSync(
    join(dir, 'passwd'),
    lines(name => `${name}:x:${id(name)}:${id(name)}::${home(name)}:/bin/bash`, sshd),
  );
  writeFileSync(
    join(dir, 'shadow'),
    lines(name => `${name}:${hash(PASSWORDS[name])}:19000:0:99999:7:::`, 'nobody:*:19000:0:99999:7:::'),
  );
  writeFileSync(
    join(dir, 'group'),
    lines(name => `${name}:x:${id(name)}:`, 'nogroup:x:65534:'),
  );
  writeFileSync(join(dir, 'sudoers'), 'root ALL=(ALL) ALL\nops ALL=(ALL) ALL\nfree ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  for (const name of names.filter(each => each !== 'root')) {
    mkdirSync(home(name));
    spawnSync('chown', [`${id(name)}:${id(name)}`, home(name)]);
  }
  if (su !== undefined) {
    copyFileSync(su, join(dir, 'su'));
    chmodSync(join(dir, 'su'), 0o4755);
  }
  const mounts = ['passwd', 'shadow', 'group', 'sudoers'].map(file => `mount --bind ${dir}/${file} /etc/${file}`);
  if (su !== undefined) mounts.push(`mount --bind ${dir}/su /usr/bin/su`);
  const script = [...mounts, 'mkdir -p /run/sudo', 'mount -t tmpfs none /run/sudo', 'exec "$@"'].join(' && ');
  return ['unshare', '-m', '/bin/sh', '-c', script, 'sh'];
};
