import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, kplay } from './_kplay.ts';

const oracle = process.env['KPLAY_ORACLE'];
const PLAYBOOK = `- hosts: one
  gather_facts: false
  tasks:
    - command: 'true'
      loop: [a, {x: 1, y: [2.0]}]
    - command: 'true'
      no_log: true
      loop: [hidden, too]
      when: item != 'hidden'
    - include_tasks: more.yml
      loop: [a, {x: 1}, 1.0, true]
      when: item != 'a'
    - include_tasks: more.yml
      loop: [a, b]
      loop_control: {label: 'l{{ item }}é'}
    - include_tasks: more.yml
      no_log: true
      loop: [hidden, too]
      when: item != 'hidden'
    - include_role: {name: r}
      loop: [a, b]
      loop_control: {loop_var: other}
`;
const FILES = {
  'p.yml': PLAYBOOK,
  'more.yml': '- {command: "true"}\n',
  'roles/r/tasks/main.yml': '- {command: "true"}\n',
  hosts: 'one ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
};
const ansible = (cwd: string): Promise<string> =>
  new Promise(done => {
    const env = { ...process.env, ANSIBLE_DEPRECATION_WARNINGS: 'false', HOME: cwd, LC_ALL: 'C.UTF-8' };
    execFile(join(oracle ?? '', 'ansible-playbook'), ['-i', 'hosts', 'p.yml'], { cwd, env }, (_failed, stdout) => done(stdout));
  });
const told = (text: string): readonly string[] => text.split('\n').filter(line => line.includes('(item='));

test.runIf(oracle)('items of loops and looped includes are told as ansible-playbook tells them, and no_log hides them', async () => {
  const cwd = folder(FILES);
  const { stdout } = await kplay(cwd, ['run', '-i', 'hosts', 'p.yml']);
  expect(told(stdout)).toEqual(told((await ansible(cwd)).replaceAll(`${cwd}/`, './')));
  expect(told(stdout)).toHaveLength(14);
  expect(told(stdout).join('')).not.toMatch(/hidden|too\)/);
});
