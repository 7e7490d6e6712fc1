import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Changes, Fields } from '../model/module.ts';
import { type NameFile, NAMES, type Names, names, readNames } from '../probes/hostname.ts';
import { sh } from '../shell/sh.ts';
import { choice, optional, str } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({
  name: str.describe('The name.'),
  use: optional(choice('alpine', 'debian', 'openrc', 'redhat', 'sles', 'systemd')).describe(
    "How the name is kept. Unset: systemd's way where it runs, else the distribution's.",
  ),
});
type Args = z.output<typeof args>;
type Seen = [names: Names];

/** A way to keep a name. Without `move` the kernel's name stays until the next boot, and is not looked at. */
interface Way {
  readonly file: NameFile;
  readonly pattern: RegExp;
  readonly text: (name: string, old: string) => string;
  readonly move?: (name: string) => string;
}
const plain = { pattern: /^\s*(.*?)\s*$/s, text: (name: string) => `${name}\n` };
/** One assignment in a file of assignments. */
const assigned = (variable: string, quotes: string) => ({
  pattern: new RegExp(`^\\s*${variable}=["']?([^"'\\n]*)`, 'im'),
  text: (name: string, old: string): string => {
    const line = `${variable}=${quotes}${name}${quotes}`;
    const found = new RegExp(`^\\s*${variable}=.*$`, 'im');
    if (found.test(old)) return `${old.replace(found, () => line)}\n`;
    return `${old}${old === '' ? '' : '\n'}${line}\n`;
  },
});
const systemd: Way = {
  ...plain,
  file: '/etc/hostname',
  // The first line that is no comment, as hostname(5) has it.
  pattern: /^(?!\s*(?:#|$))\s*(.*?)\s*$/m,
  move: name => sh`hostnamectl --transient set-hostname ${name}`,
};
const debian: Way = { ...plain, file: '/etc/hostname' };
const WAYS: Readonly<Record<string, Way>> = {
  systemd,
  // Ansible's `use: debian` is systemd's way too.
  debian: systemd,
  alpine: { ...debian, move: () => 'hostname -F /etc/hostname' },
  openrc: { ...assigned('hostname', '"'), file: '/etc/conf.d/hostname' },
  redhat: { ...assigned('HOSTNAME', ''), file: '/etc/sysconfig/network' },
  sles: { ...plain, file: '/etc/HOSTNAME' },
};
/** By os-release(5)'s names, for machines that systemd does not run. */
const BY_SYSTEM: readonly (readonly [system: RegExp, way: Way | undefined])[] = [
  [/^alpine$/, WAYS['alpine']],
  [/^gentoo$/, WAYS['openrc']],
  [/^(?:rhel|centos|fedora|ol|amzn|altlinux)$/, WAYS['redhat']],
  [/^sles$/, WAYS['sles']],
  [/^(?:debian|ubuntu|void)$/, debian],
];

const wayOf = ({ use }: Args, seen: Names): Way => {
  const way = WAYS[use ?? (seen.systemd ? 'systemd' : '')] ?? BY_SYSTEM.find(([id]) => seen.system.some(name => id.test(name)))?.[1];
  if (way === undefined)
    throw new KplayError('E_STATE', `hostname module cannot be used on platform Linux (${seen.system[0] || 'unknown'})`, {
      hint: 'say how the name is kept with `use`',
    });
  return way;
};
const permanent = ({ file, pattern }: Way, { files }: Names): string => pattern.exec(files[file])?.[1] ?? '';

/** ansible.builtin.hostname: the machine's name, now and after the next boot. */
export const hostname = defineModule<Seen>()({
  name: 'hostname',
  summary: "Manage the machine's name.",
  args,
  reach: 'host',
  observe: () => [{ kind: names, subject: '' }],

  analyze(wanted, [seen]): Changes {
    const { name: after } = wanted;
    const way = wayOf(wanted, seen);
    const before = permanent(way, seen);
    const changes = [
      ...(before === after ? [] : [{ key: 'permanent', before, after }]),
      ...(way.move === undefined || seen.current === after ? [] : [{ key: 'current', before: seen.current, after }]),
    ];
    if (changes.length > 0 && way === systemd && after.length > 64)
      throw new KplayError('E_STATE', 'name cannot be longer than 64 characters on systemd servers, try a shorter name');
    return changes;
  },

  act(wanted, [seen], changes) {
    const { name } = wanted;
    const way = wayOf(wanted, seen);
    const has = (key: string): boolean => changes.some(change => change.key === key);
    const keep =
      way === systemd
        ? sh`hostnamectl --pretty --static set-hostname ${name}`
        : sh`printf %s ${way.text(name, seen.files[way.file])} >${way.file}`;
    const lines = [has('permanent') ? keep : '', has('current') ? (way.move?.(name) ?? '') : ''];
    return [{ script: ['set -e', ...lines.filter(Boolean)].join('\n') }, { script: NAMES }];
  },

  result({ name }, [seen], _changes, outputs): Fields {
    const { fqdn } = readNames(outputs?.at(-1)?.stdout ?? Buffer.alloc(0)) ?? seen;
    const facts = {
      ansible_hostname: name.split('.')[0] ?? '',
      ansible_nodename: name,
      ansible_fqdn: fqdn,
      ansible_domain: fqdn.split('.').slice(1).join('.'),
    };
    return { name, ansible_facts: facts };
  },
});
