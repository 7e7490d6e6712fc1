import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, put } from './_cases.ts';

/** Modules that manage the machine's own files, told to work on files of the case's folder and to leave the machine alone. */

const CONF = '# ports = many\n a = 1\n; no=1\n\na=2\nb = x y ';
const sysctl: readonly Case[] = (
  [
    [{ name: 'net.ipv4.ip_forward', value: true }],
    [{ name: 'net.ipv4.ip_forward', value: 'off' }, put(CONF)],
    [{ name: 'a', value: 2 }, put(CONF)],
    [{ name: 'a', value: '3' }, put(CONF, 0o600)],
    [{ name: 'b', value: 'x y' }, put(CONF)],
    [{ name: 'b', state: 'absent' }, put(CONF)],
    [{ name: 'c', state: 'absent' }, put(CONF)],
    [{ name: 'c', state: 'absent' }],
    [{ name: 'c', value: 'ü' }, put('# ä\n')],
    [{ name: 'c' }],
    [{ name: 'c', value: '' }],
  ] as const
).map(([args, prepare]) => ({
  module: 'sysctl',
  args: { sysctl_file: '{dir}/f', reload: false, ...args },
  ...(prepare && { prepare }),
}));

const CRON =
  'PATH="/bin"\nMAILTO=me\n#Ansible: backup\n0 3 * * * root backup\n\n* * * * * root nameless\n#Ansible: None\n1 * * * * root unnamed\n';
const tab = { user: 'root', name: 'backup', job: 'backup' };
const cron: readonly Case[] = (
  [
    [tab],
    [{ ...tab, minute: 5, hour: '*/2', day: 1, month: 2, weekday: 'mon-fri' }],
    [{ ...tab, special_time: 'reboot', disabled: true }],
    [{ ...tab, special_time: 'daily', minute: 1 }],
    [{ ...tab, job: '\nx > /dev/null\n' }],
    [{ ...tab, minute: 0, hour: 3 }, put(CRON, 0o600)],
    [{ ...tab, minute: 1, hour: 3 }, put(CRON, 0o600)],
    [{ ...tab, name: 'other' }, put('# no end')],
    [{ ...tab, minute: 0, hour: 3 }, put(CRON.trimEnd())],
    [{ ...tab, name: 'named', job: 'nameless' }, put(CRON)],
    [{ ...tab, name: 'named', minute: 1, job: 'unnamed' }, put(CRON)],
    [{ name: 'backup', state: 'absent' }, put(CRON)],
    [{ name: 'backup', state: 'absent' }, put('\n#Ansible: backup\nx\n\n')],
    [{ name: 'gone', state: 'absent' }, put(CRON)],
    [{ name: 'gone', state: 'absent' }],
    [{ ...tab, name: 'HOME', env: true, job: '/root' }, put(CRON)],
    [{ ...tab, name: 'HOME', env: true, job: '/root', insertafter: 'MAILTO' }, put(CRON)],
    [{ ...tab, name: 'HOME', env: true, job: '/root', insertbefore: 'MAILTO' }, put(CRON)],
    [{ ...tab, name: 'HOME', env: true, job: '/root', insertbefore: 'NONE' }, put(CRON)],
    [{ ...tab, name: 'MAILTO', env: true, job: 'you' }, put(CRON)],
    [{ ...tab, name: 'PATH', env: true, job: '/bin' }, put(CRON)],
    [{ name: 'PATH', env: true, state: 'absent' }, put(CRON)],
    [{ name: 'a b', env: true, state: 'absent' }, put(CRON)],
    [{ name: 'a', job: 'b' }],
    [{ name: 'a', user: 'root' }],
    [{ ...tab, insertafter: 'PATH' }],
    [{ ...tab, cron_file: '/etc/crontab' }],
  ] as const
).map(([args, prepare]) => ({ module: 'cron', args: { cron_file: '{dir}/f', ...args }, ...(prepare && { prepare }) }));

const FSTAB =
  '# what is mounted\n/dev/sda1 / ext4 defaults 0 1\n\nUUID=a /mnt/it\\040is xfs ro 0 0\n/dev/sdb /data ext4 noatime\n/dev/sdc1 none swap sw 0 0\n/dev/sdc2 none swap sw 0 0\n';
const data = { path: '/data', src: '/dev/sdb', fstype: 'ext4', state: 'present' };
const mount: readonly Case[] = (
  [
    [data],
    [data, put(FSTAB)],
    [{ ...data, opts: 'noatime', dump: 1, passno: 2 }, put(FSTAB.trimEnd(), 0o600)],
    [{ ...data, path: '/mnt/it is', src: 'UUID=a', fstype: 'xfs', opts: 'ro' }, put(FSTAB)],
    [{ ...data, path: '/mnt/it is', src: 'UUID=b', fstype: 'xfs', opts: 'ro', boot: false }, put(FSTAB)],
    [{ ...data, path: '/new', opts: 'noauto' }, put('/dev/sda1 / ext4 defaults 0 1')],
    [{ ...data, path: 'none', src: '/dev/sdc2', fstype: 'swap', opts: 'pri=1' }, put(FSTAB)],
    [{ ...data, path: 'none', src: '/dev/sdd', fstype: 'swap', opts: 'pri=1' }, put(FSTAB)],
    [{ path: '/', state: 'absent_from_fstab' }, put(FSTAB)],
    [{ path: '/data', state: 'absent_from_fstab' }, put(FSTAB)],
    [{ path: '/gone', state: 'absent_from_fstab' }, put(FSTAB)],
    [{ path: '/kplay-gone', state: 'unmounted' }, put(FSTAB)],
    [{ path: '/data', state: 'present' }],
    [{ path: '/data' }],
    [{ path: '/data', state: 'present', src: 'x', fstype: 'ext4', backup: true }, put(FSTAB)],
  ] as const
).map(([args, prepare]) => ({ module: 'mount', args: { fstab: '{dir}/f', ...args }, ...(prepare && { prepare }) }));

/** A tree, packed, and a folder to unpack it in. */
const packed =
  (...options: readonly string[]) =>
  (dir: string): void => {
    mkdirSync(join(dir, 'top/sub'), { recursive: true });
    mkdirSync(join(dir, 'to'));
    writeFileSync(join(dir, 'top/a'), 'a\n', { mode: 0o600 });
    writeFileSync(join(dir, 'top/sub/b'), 'b\n');
    execFileSync('tar', ['-C', dir, '--sort=name', '--mtime=@1600000000', ...options, '-cf', join(dir, 't'), 'top']);
  };
const unarchive: readonly Case[] = (
  [
    [{}, packed('-z')],
    [{ list_files: true }, packed()],
    [{ owner: 'nobody', group: 'nogroup', mode: 'u=rwX,go=rX' }, packed('-J')],
    [{ exclude: ['top/sub'], extra_opts: ['--strip-components=1'] }, packed('-j')],
    [{ include: 'top/a', mode: '0640' }, packed('-z')],
    [{}, put('no archive')],
    [{ src: '{dir}/gone' }, packed()],
    [{ dest: '{dir}/gone' }, packed()],
  ] as const
).map(([args, prepare]) => ({ module: 'unarchive', args: { src: '{dir}/t', dest: '{dir}/to', remote_src: true, ...args }, prepare }));

export const systemCases: readonly Case[] = [...sysctl, ...cron, ...mount, ...unarchive];
