import * as z from 'zod';
import type { Changes, Mode, Step } from '../model/module.ts';
import { parameter } from '../probes/kernel.ts';
import { sh } from '../shell/sh.ts';
import { bool, choice, optional, path, str } from './args.ts';
import { defineModule } from './define.ts';
import { actEdit, bytesOf, byteText, type Edit, editOf, type EditPlan, type EditSeen, observeEdit, planEdit } from './edit.ts';

const args = z
  .strictObject({
    name: str.describe('The kernel parameter, with dots.'),
    value: optional(str).describe('Its value. Needed with state present; words that mean yes and no become 1 and 0.'),
    state: choice('present', 'absent').default('present').describe('Whether the file is to set it.'),
    sysctl_file: path.default('/etc/sysctl.conf').describe('The file.'),
    reload: bool.default(true).describe('Load the file when it or the present value was not as wanted.'),
    sysctl_set: bool.default(false).describe('Set the present value itself.'),
    ignoreerrors: bool.default(false).describe('Parameters that the kernel does not know are no error.'),
  })
  .superRefine(({ name, value, state }, context) => {
    if (name === '') context.addIssue('name cannot be blank');
    if (state === 'present' && value === undefined) context.addIssue('state is present but all of the following are missing: value');
    if (state === 'present' && value === '') context.addIssue('value cannot be blank');
  });
type Args = z.output<typeof args>;
type Seen = readonly [...EditSeen, live: string | undefined];

const TRUE = /^(?:y|yes|on|1|true|t)$/i;
const FALSE = /^(?:n|no|off|0|false|f)$/i;
const wanted = ({ value = '' }: Args): string => (TRUE.test(value) ? '1' : FALSE.test(value) ? '0' : value.trim());

/** A line's parameter and value; undefined for comments and all that sets nothing. */
const assignment = (line: string): readonly [name: string, value: string] | undefined => {
  const [, name, value] = /^\s*([^#;=\s][^=]*?|)\s*=(.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value.trim()];
};

/** Where anything is to change, the whole file gets Ansible's form: `name=value`, each name once. */
const editing =
  (given: Args): Edit =>
  before => {
    const name = byteText(given.name.trim());
    const value = byteText(wanted(given));
    const lines = before === undefined ? [] : byteText(before).replace(/\n$/, '').split('\n');
    const found = lines.map(assignment);
    const present = found.findLast(pair => pair?.[0] === name)?.[1];
    if (given.state === 'absent' ? present === undefined : present === value) return undefined;
    const seen = new Set<string>();
    const fixed = lines.flatMap((line, i): readonly string[] => {
      const [key, old] = found[i] ?? [];
      if (key === undefined) return [line.trim()];
      if (seen.has(key)) return [];
      seen.add(key);
      if (key !== name) return [`${key}=${old}`];
      return given.state === 'absent' ? [] : [`${key}=${value}`];
    });
    const added = given.state === 'present' && !seen.has(name) ? [`${name}=${value}`] : [];
    return { after: bytesOf([...fixed, ...added].map(line => `${line}\n`).join('')), msg: '' };
  };

const sameWords = (live: string, value: string): boolean => live.trim().split(/\s+/).join(' ') === value.split(/\s+/).join(' ');
const liveChange = (given: Args, live: string | undefined): Changes =>
  given.state === 'absent' || !(given.reload || given.sysctl_set) || (live !== undefined && sameWords(live, wanted(given)))
    ? []
    : [{ key: given.name.trim(), before: live ?? null, after: wanted(given) }];

const planned = (given: Args, [at, bytes, uid, gid]: Seen, mode: Mode): EditPlan =>
  planEdit(editOf(given.sysctl_file), [at, bytes, uid, gid], editing(given), mode);

/** sysctl may exit 0 though the kernel refused the value (Red Hat's bug 1264080; busybox when it loads a file). */
const sysctl = (words: readonly string[], complaint: string): Step => ({
  script: sh`LC_ALL=C; export LC_ALL
said=$(sysctl ${words} 2>&1) && ! printf '%s\n' "$said" | grep -Eq ${REFUSED} || {
printf '%s: %s\n' ${complaint} "$(printf %s "$said" | tr '\n' ' ')" >&2; exit 1; }`,
});
const REFUSED = '^sysctl: (setting key "[^"]+": (Invalid argument|Read-only file system)$|error )';

/** ansible.posix.sysctl: kernel parameters, in their file and in the kernel. */
export const sysctlModule = defineModule<Seen>()({
  name: 'sysctl',
  collections: ['ansible.posix'],
  summary: 'Manage kernel parameters.',
  reach: 'host',
  args,
  aliases: { key: 'name', val: 'value' },
  observe: given => [...observeEdit(editOf(given.sysctl_file)), { kind: parameter, subject: given.name.trim() }],
  analyze: (given, seen, mode) => [...planned(given, seen, mode).changes, ...liveChange(given, seen[4])],

  act(given, seen) {
    const { name, ignoreerrors, sysctl_set, reload, sysctl_file } = given;
    const [at, bytes, uid, gid, live] = seen;
    const plan = planned(given, seen, { check: false, diff: false });
    const lenient = ignoreerrors ? ['-e'] : [];
    const sets = sysctl_set && liveChange(given, live).length > 0;
    return [
      ...(sets ? [sysctl([...lenient, '-w', `${name.trim()}=${wanted(given)}`], `setting ${name.trim()} failed`)] : []),
      ...(plan.changes.length > 0 ? [actEdit(editOf(sysctl_file), [at, bytes, uid, gid], plan)] : []),
      ...(reload ? [sysctl([...lenient, '-p', at.path], 'Failed to reload sysctl')] : []),
    ];
  },
});
