import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folder, kplay } from './_kplay.ts';

/** Runs tasks on this machine, with a home of its own for the files of jobs. */
const play = async (tasks: string, ...args: readonly string[]): Promise<{ readonly home: string; readonly stdout: string }> => {
  const home = folder({ 'play.yml': `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks}` });
  const { code, stdout, stderr } = await kplay(home, ['run', 'play.yml', '-i', 'localhost,', '-c', 'local', ...args], { HOME: home });
  expect([code, stderr]).toEqual([0, '']);
  return { home, stdout };
};
const JOB = `    - shell: 'sleep 5; echo done > {{ playbook_dir }}/made'
      async: 60
      poll: 0
`;

test('a job outlives the run that began it', async () => {
  const { home } = await play(JOB);
  expect(existsSync(join(home, 'made'))).toBe(false);
  await vi.waitFor(() => expect(existsSync(join(home, 'made'))).toBe(true), { timeout: 30_000 });
});

test('what looks meanwhile sees what the job does', async () => {
  const { stdout } = await play(`${JOB}    - stat: { path: '{{ playbook_dir }}/made' }
      register: made
      until: made.stat.exists
      retries: 30
      delay: 1
    - debug: { msg: 'there: {{ made.stat.exists }}' }
`);
  expect(stdout).toContain('there: True');
});

test('a job is ended when its time is up', async () => {
  const { home } = await play(`    - shell: 'sleep 3; echo > {{ playbook_dir }}/late'
      async: 1
      poll: 0
    - shell: 'sleep 5; echo > {{ playbook_dir }}/after'
      async: 60
      poll: 0
`);
  await vi.waitFor(() => expect(existsSync(join(home, 'after'))).toBe(true), { timeout: 30_000 });
  expect(existsSync(join(home, 'late'))).toBe(false);
});

test('a check begins none', async () => {
  const { home } = await play(JOB, '--check');
  expect(existsSync(join(home, '.ansible_async'))).toBe(false);
});

test('what reads input is done at once', async () => {
  const { home } = await play(`    - shell: { cmd: 'sleep 1; cat >{{ playbook_dir }}/made', stdin: x }
      async: 60
      poll: 0
`);
  expect(existsSync(join(home, 'made'))).toBe(true);
});
