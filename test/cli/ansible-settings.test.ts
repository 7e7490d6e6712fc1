import { expect, test } from 'vitest';
import { folder, kplay } from './_kplay.ts';

const HOSTS = 'a\nb\n[all:vars]\nansible_connection=local\n';

test('gathering, any_errors_fatal, ansible_managed and tags change a run', async () => {
  const dir = folder({
    'ansible.cfg':
      '[defaults]\ninventory=hosts\ngathering=explicit\nany_errors_fatal=true\nansible_managed=by {file} {{twice}}\n[tags]\nskip=never_here\n',
    hosts: HOSTS,
    't.j2': '{{ ansible_managed }}\n',
    'site.yml':
      '- hosts: all\n  tasks:\n    - debug: {msg: "{{ ansible_facts | length }} facts"}\n    - debug: {msg: skipped}\n      tags: never_here\n' +
      '    - template: {src: t.j2, dest: "{{ playbook_dir }}/{{ inventory_hostname }}"}\n    - fail: {}\n      when: inventory_hostname == "a"\n    - debug: {msg: not reached}\n',
  });
  const { code, stdout } = await kplay(dir, ['run', 'site.yml']);
  expect(code).toBe(2);
  expect(stdout).toContain('"msg": "0 facts"');
  expect(stdout).not.toMatch(/Gathering Facts|skipped"|not reached/);
  expect((await kplay(dir, ['exec', 'a', '-a', 'cat a'])).stdout).toContain('by t.j2 {twice}\n');
});

test('what has no effect is told once, before the first play', async () => {
  const dir = folder({
    'ansible.cfg': '[defaults]\ninventory=hosts\nstdout_callback=yaml\ncallbacks_enabled=profile_tasks\n',
    hosts: HOSTS,
    'site.yml': '- hosts: all\n  gather_facts: false\n',
  });
  const { code, stdout, stderr } = await kplay(dir, ['run', 'site.yml']);
  expect(code).toBe(0);
  expect(`${stdout}${stderr}`.match(/without effect.*: stdout_callback in .*, callbacks_enabled in /g)).toHaveLength(1);
});

test('a pattern that names nothing is what host_pattern_mismatch says', async () => {
  const dir = folder({ hosts: HOSTS, 'site.yml': '- hosts: none\n  gather_facts: false\n' });
  const run = async (mismatch: string): Promise<readonly [number, boolean]> => {
    const { code, stdout, stderr } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts'], { ANSIBLE_HOST_PATTERN_MISMATCH: mismatch });
    return [code, `${stdout}${stderr}`.includes('Could not match supplied host pattern')];
  };
  expect([await run('warning'), await run('ignore'), await run('error')]).toEqual([
    [0, true],
    [0, false],
    [1, true],
  ]);
});

test('smart gathering gathers for each play', async () => {
  const dir = folder({
    'ansible.cfg': '[defaults]\ninventory=hosts\ngathering=smart\n',
    hosts: HOSTS,
    'site.yml': '- hosts: a\n- hosts: a\n',
  });
  expect((await kplay(dir, ['run', 'site.yml'])).stdout.match(/Gathering Facts/g)).toHaveLength(2);
});
