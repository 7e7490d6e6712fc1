import { posix } from 'node:path';
import * as z from 'zod';
import type { Change, Fields, Output, Step } from '../model/module.ts';
import { content } from '../probes/content.ts';
import { CRONTAB, crontab } from '../probes/crontab.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { bool, choice, optional, path, str } from './args.ts';
import {
  type Crontab,
  jobNames,
  readCrontab,
  renderCrontab,
  variableNames,
  withJob,
  withoutHeader,
  withoutJob,
  withoutVariable,
  withVariable,
} from './crontab.ts';
import { defineModule } from './define.ts';
import { writeText } from './write.ts';

const when = (what: string) => str.default('*').describe(`${what}, as crontab(5) has it.`);
const args = z
  .strictObject({
    name: str.describe('The name of the job, kept in a line `#Ansible: NAME` above it; with env the name of the variable.'),
    job: optional(str).describe('The command, or with env the value of the variable. Needed with state present.'),
    state: choice('present', 'absent').default('present').describe('Whether it is there.'),
    user: optional(str).describe("Whose crontab, unset the remote user's; in a cron_file who runs the job."),
    cron_file: optional(path).describe('A file instead of a crontab; relative to /etc/cron.d.'),
    minute: when('Minute'),
    hour: when('Hour'),
    day: when('Day of the month'),
    month: when('Month'),
    weekday: when('Day of the week'),
    special_time: optional(choice('reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly')).describe(
      'Instead of the fields.',
    ),
    disabled: bool.default(false).describe('The job is a comment.'),
    env: bool.default(false).describe('It is a variable, not a job. New ones go to the top.'),
    insertafter: optional(str).describe('The variable goes below this one.'),
    insertbefore: optional(str).describe('The variable goes above this one.'),
    backup: bool.default(false).describe('Keep the old crontab in a temporary file.'),
  })
  .superRefine((given, context) => {
    const { minute, hour, day, month, weekday, special_time, cron_file, user, job, name, env, insertafter, insertbefore } = given;
    if (insertafter !== undefined && insertbefore !== undefined)
      context.addIssue('parameters are mutually exclusive: insertafter|insertbefore');
    if (cron_file === '/etc/crontab') context.addIssue('Will not manage /etc/crontab via cron_file, see documentation.');
    if (special_time !== undefined && [minute, hour, day, month, weekday].some(field => field !== '*'))
      context.addIssue('You must specify time and date fields or special time.');
    if (env && name.includes(' ')) context.addIssue('Invalid name for environment variable');
    if (given.state === 'absent') return;
    if (cron_file !== undefined && user === undefined) context.addIssue('To use cron_file=... parameter you must specify user=... as well');
    if (job === undefined) context.addIssue("You must specify 'job' to install a new cron job or variable");
    if (!env && (insertafter ?? insertbefore) !== undefined)
      context.addIssue('Insertafter and insertbefore parameters are valid only with env=yes');
  });
type Args = z.output<typeof args>;
type Seen = [tab: string | undefined, at: Stat | undefined, bytes: Buffer | undefined];

const fileOf = ({ cron_file }: Args): string | undefined =>
  cron_file === undefined || /^[/~$]/.test(cron_file) ? cron_file : `/etc/cron.d/${cron_file}`;

const lineOf = (given: Args): string => {
  const { minute, hour, day, month, weekday, special_time, cron_file, user = '', job = '', disabled } = given;
  const time = special_time === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special_time}`;
  const words = [time, ...(cron_file === undefined ? [] : [user]), job.replace(/^[\r\n]+|[\r\n]+$/g, '')];
  return (disabled ? '#' : '') + words.join(' ');
};

interface Plan {
  readonly before: string;
  readonly after: Crontab;
  readonly changed: boolean;
  /** Nothing is left in the cron_file. */
  readonly remove: boolean;
}
const plan = (given: Args, [tab, , bytes]: Seen): Plan => {
  const { name, job = '', env, state, insertafter: after, insertbefore: before } = given;
  const text = tab === undefined ? (bytes?.toString() ?? '') : withoutHeader(tab);
  const old = readCrontab(text);
  const place = { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
  const present = (): Crontab => (env ? withVariable(old, name, job, place) : withJob(old, name, lineOf(given)));
  const next = state === 'present' ? present() : env ? withoutVariable(old, name) : withoutJob(old, name);
  const same = next.length === old.length && next.every((line, i) => line === old[i]);
  const remove = state === 'absent' && !env && given.cron_file !== undefined && !same && next.every(line => line.trim() === '');
  return { before: text, after: next, changed: !same || (text !== '' && !/[\r\n]$/.test(text)), remove };
};

const warningsOf = ({ cron_file, job = '', env, state }: Args): readonly string[] => {
  const name = posix.basename(cron_file ?? 'none');
  return [
    ...(/^[\w-]+$/.test(name)
      ? []
      : [
          `Filename portion of cron_file ("${name}") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`,
        ]),
    ...(state === 'present' && !env && /[\r\n]/.test(job.replace(/^[\r\n]+|[\r\n]+$/g, '')) ? ['Job should not contain line breaks'] : []),
  ];
};

const keepOld = (text: string): Step => ({
  script: `f=$(mktemp "\${TMPDIR:-/tmp}/crontab.XXXXXX") && cat >"$f" && printf %s "$f"`,
  stdin: Buffer.from(text),
});
const install = ({ user = '' }: Args, text: string): Step => ({
  script: sh`${raw(CRONTAB)}
tab ${user} -`,
  stdin: Buffer.from(text),
});

/** ansible.builtin.cron: jobs and variables of crontabs and of files like those in /etc/cron.d. */
export const cron = defineModule<Seen>()({
  name: 'cron',
  summary: 'Manage jobs and variables of crontabs.',
  args,
  aliases: { value: 'job', dom: 'day', dow: 'weekday' },
  reach: 'host',
  observe: given => {
    const file = fileOf(given);
    return [
      file === undefined ? { kind: crontab, subject: given.user ?? '' } : undefined,
      file === undefined ? undefined : { kind: stat, subject: file },
      file === undefined ? undefined : { kind: content, subject: file },
    ];
  },

  analyze(given, seen): readonly Change[] {
    const { before, after, changed } = plan(given, seen);
    const file = seen[1]?.path;
    return changed ? [{ ...(file !== undefined && { path: file }), key: 'content', before, after: renderCrontab(after) }] : [];
  },

  act(given, seen) {
    const { before, after, remove } = plan(given, seen);
    const [, at] = seen;
    const text = renderCrontab(after);
    const file = at?.realPath ?? at?.path;
    const move = file === undefined ? install(given, text) : remove ? { script: sh`rm -f -- ${file}` } : writeText(file, text, at?.target);
    return [...(given.backup ? [keepOld(renderCrontab(readCrontab(before)))] : []), move];
  },

  result(given, seen, _changes, outputs: readonly Output[] | undefined): Fields {
    const { cron_file, state, backup } = given;
    const { after, remove } = plan(given, seen);
    const warnings = warningsOf(given);
    if (remove) return { cron_file: cron_file ?? null, state };
    return {
      jobs: jobNames(after),
      envs: variableNames(after),
      ...(warnings.length > 0 && { warnings }),
      ...(backup && outputs !== undefined ? { backup_file: outputs[0]?.stdout.toString() ?? '' } : {}),
      ...(cron_file === undefined ? {} : { cron_file }),
    };
  },
});
