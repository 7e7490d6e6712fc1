import * as z from 'zod';
import { type Group, groups } from '../probes/user.ts';
import { raw, sh } from '../shell/sh.ts';
import { ACCOUNT_FILES } from './account_files.ts';
import { failure, printed } from './account_results.ts';
import { bool, choice, int, optional, str } from './args.ts';
import { defineModule } from './define.ts';

const args = z
  .strictObject({
    name: str.describe('The group.'),
    gid: optional(int).describe('Its number.'),
    state: choice('present', 'absent').default('present').describe('Whether it exists.'),
    system: bool.default(false).describe('A new group gets a number of the range for the system.'),
    force: bool.default(false).describe('Remove it though it is the primary group of a user.'),
    local: bool.default(false).describe('Look only at /etc/group.'),
    non_unique: bool.default(false).describe('The number may be that of another group.'),
    gid_min: optional(int).describe('Least number of a new group.'),
    gid_max: optional(int).describe('Greatest number of a new group.'),
  })
  .superRefine(({ force, local, non_unique, gid, gid_min, gid_max }, context) => {
    if (force && local) context.addIssue('force is not a valid option for local, force=True and local=True are mutually exclusive');
    if (non_unique && gid === undefined) context.addIssue('non_unique is True but all of the following are missing: gid');
    if (local && (gid_min ?? gid_max) !== undefined) context.addIssue("'gid_min' and 'gid_max' can not be used with 'local'");
  });
type Args = z.output<typeof args>;

const find = ({ name, local }: Args, table: readonly Group[]): Group | undefined =>
  table.find(group => group.name === name && (group.local || !local));

const add = ({ name, gid, system, non_unique, gid_min, gid_max }: Args): string => {
  const ranges = [
    ...(gid_min === undefined ? [] : ['-K', `GID_MIN=${gid_min}`]),
    ...(gid_max === undefined ? [] : ['-K', `GID_MAX=${gid_max}`]),
  ];
  const words = [
    ...(gid === undefined ? [] : ['-g', String(gid)]),
    ...(non_unique ? ['-o'] : []),
    ...(system ? ['-r'] : []),
    ...ranges,
    name,
  ];
  const [low, high] = system ? [gid_min ?? 100, gid_max ?? 999] : [gid_min ?? 1000, gid_max ?? 59_999];
  const number = gid === undefined ? sh`$(free_id group ${low} ${high})` : sh`${gid}`;
  const refuse = gid === undefined || non_unique ? '' : sh`refuse_taken group ${gid} ${name}; `;
  return sh`if has groupadd; then groupadd ${words}; else ${raw(refuse)}gid=${raw(number)}; append group ${name}":x:$gid:"; fi`;
};
const move = ({ name, gid = 0, non_unique }: Args): string => {
  const refuse = non_unique ? '' : sh`refuse_taken group ${gid} ${name}; `;
  return sh`if has groupmod; then groupmod -g ${gid} ${non_unique ? ['-o'] : []} ${name}; else ${raw(refuse)}field group ${name} 3 ${gid}; fi`;
};
const remove = ({ name, force }: Args): string =>
  sh`if has groupdel; then groupdel ${force ? ['-f'] : []} ${name}; else drop group ${name}; fi`;

export const group = defineModule<[table: readonly Group[]]>()({
  name: 'group',
  summary: 'Manage groups.',
  args,
  reach: 'host',
  observe: ({ name }) => [{ kind: groups, subject: name }],

  analyze(wanted, [table]) {
    const { gid, state } = wanted;
    const found = find(wanted, table);
    if (state === 'absent') return found === undefined ? [] : [{ key: 'state', before: 'present', after: 'absent' }];
    if (found === undefined) return [{ key: 'state', before: 'absent', after: 'present' }];
    return gid === undefined || found.gid === gid ? [] : [{ key: 'gid', before: found.gid, after: gid }];
  },

  act(wanted, _, changes) {
    const script = wanted.state === 'absent' ? remove(wanted) : changes[0]?.key === 'gid' ? move(wanted) : add(wanted);
    return [{ script: `${ACCOUNT_FILES}\n${script}`, exit: 'any' }, { script: groups.script([wanted.name]) }];
  },

  result(wanted, [table], changes, outputs) {
    const { name, state, system } = wanted;
    // In check mode Ansible tells nothing of a group that would come or go.
    if (outputs === undefined && changes.some(({ key }) => key === 'state')) return {};
    const [ran, look] = outputs ?? [];
    const failed = failure(name, ran);
    if (failed !== undefined) return failed;
    const [after] = look === undefined ? [table] : groups.parse(look.stdout, [name]);
    const found = after instanceof Error || after === undefined ? undefined : find(wanted, after);
    return { name, state, ...printed(ran), ...(found === undefined ? {} : { gid: found.gid, system }) };
  },
});
