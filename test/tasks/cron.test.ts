import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cron } from '../../src/tasks/cron.ts';
import { busyboxRoot } from './_accounts.ts';
import { converge, runOnce, shells } from './_converge.ts';

describe.for(shells)('a file of jobs in $name', shell => {
  const file = join(mkdtempSync(join(tmpdir(), 'kplay-')), 'jobs');
  const text = (): string => readFileSync(file, 'utf8');
  const given = { cron_file: file, user: 'root', name: "it's", minute: 5, job: 'run "x" > /dev/null' };

  test('is made, changed and removed', async () => {
    const { first, second } = await converge(cron, given, { shell });
    const line = '5 * * * * root run "x" > /dev/null';
    expect(first.changes).toEqual([{ path: file, key: 'content', before: '', after: `#Ansible: it's\n${line}\n` }]);
    expect([second.changes, text()]).toEqual([[], `#Ansible: it's\n${line}\n`]);
    chmodSync(file, 0o600);
    await runOnce(cron, { ...given, disabled: true }, { shell });
    expect([text(), statSync(file).mode & 0o777]).toEqual([`#Ansible: it's\n#${line}\n`, 0o600]);
    const gone = { cron_file: file, name: "it's", state: 'absent' };
    expect((await runOnce(cron, gone, { shell, mode: { check: true, diff: false } })).changes).toHaveLength(1);
    expect(existsSync(file)).toBe(true);
    expect((await runOnce(cron, gone, { shell })).result).toEqual({ cron_file: file, state: 'absent' });
    expect([existsSync(file), (await runOnce(cron, gone, { shell })).changes]).toEqual([false, []]);
  });

  test('its old text is kept', async () => {
    writeFileSync(file, 'A="1"\n');
    const { result } = await runOnce(cron, { ...given, backup: true }, { shell });
    expect(readFileSync(String(result['backup_file']), 'utf8')).toBe('A="1"\n');
    expect(result).toMatchObject({ jobs: ["it's"], envs: ['A'] });
  });
});

describe.runIf(process.getuid?.() === 0)("a user's crontab, with busybox alone", () => {
  const shell = busyboxRoot();
  const spool = join(shell.root, 'var/spool/cron/crontabs');
  mkdirSync(spool, { recursive: true });
  const text = (): string => readFileSync(join(spool, 'root'), 'utf8');
  const run = async (args: object) => runOnce(cron, args, { shell });

  test.for([{}, { user: 'root' }])('of %o', async user => {
    const first = await run({ ...user, name: 'a', special_time: 'daily', job: 'x' });
    expect([first.changes.length, text()]).toEqual([1, '#Ansible: a\n@daily x\n']);
    expect((await run({ ...user, name: 'a', special_time: 'daily', job: 'x' })).changes).toEqual([]);
    expect((await run({ ...user, name: 'M', env: true, job: 'me' })).result).toEqual({ jobs: ['a'], envs: ['M'] });
    expect(text()).toBe('M="me"\n#Ansible: a\n@daily x\n');
    await run({ ...user, name: 'a', state: 'absent' });
    await run({ ...user, name: 'M', env: true, state: 'absent' });
    expect((await run({ ...user, name: 'a', state: 'absent' })).changes).toEqual([]);
  });

  test('of nobody there', async () => {
    await expect(run({ user: 'nobody-here', name: 'a', job: 'x' })).rejects.toThrow();
  });
});

test.for([
  { name: 'a' },
  { name: 'a', job: 'x', cron_file: 'f' },
  { name: 'a', job: 'x', special_time: 'noon' },
  { name: 'a', job: 'x', special_time: 'daily', hour: 1 },
  { name: 'a', job: 'x', insertafter: 'B' },
  { name: 'a b', job: 'x', env: true },
])('refuses %o', raw => {
  expect(cron.args.safeParse(raw).success).toBe(false);
});
