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

export const systemCases: readonly Case[] = [...sysctl];
