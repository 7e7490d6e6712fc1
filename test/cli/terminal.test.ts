import { expect, test } from 'vitest';
import { folder, kplay, onTerminal } from './_kplay.ts';

const FILES = {
  hosts: 'a ansible_connection=local\nb ansible_connection=local\n',
  'site.yml': `- name: both
  hosts: all
  gather_facts: false
  tasks:
    - {name: rest, wait_for: {timeout: 1}}
    - {name: fails, command: "false", when: inventory_hostname == 'b'}
`,
};
const RUN = ['run', 'site.yml', '-i', 'hosts'];

test('on a terminal a run is shown live: hosts, tasks, times; one line stays, and what failed', async () => {
  const { code, screen } = await onTerminal(folder(FILES), RUN);
  expect(code).toBe(2);
  expect(screen).toMatch(/PLAY \[both\] {2}TASK \[rest\] {2}0\/2 hosts {2}\d\.\d s\s+a +\d\.\d s\s+b +\d\.\d s\s/);
  expect(screen).toMatch(/✖ PLAY \[both\] {2}2 hosts, 2 tasks, 1 failed, \d+\.\d s\s/);
  expect(screen).toContain('fatal: [b]: FAILED!');
  expect(screen).toMatch(/PLAY RECAP \*+\s+a +: ok=1 /);
});

test.each([
  ['asks for every result', ['-v'], {}],
  ['has no size', [], { size: 'rows 0 cols 0' }],
])('a terminal that %s gets plain lines', async (_name, more, options) => {
  const { screen } = await onTerminal(folder(FILES), [...RUN, ...more], options);
  expect(screen).toMatch(/TASK \[rest\] \*+\s+ok: \[a\][^]*ok: \[b\]/);
});

test('without a terminal a run is plain lines in order, without colours', async () => {
  const { stdout } = await kplay(folder(FILES), RUN);
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001B/);
  expect(stdout).toMatch(
    /^\nPLAY \[both\] \*+\n\nTASK \[rest\] \*+\nok: \[a\]\nok: \[b\]\n\nTASK \[fails\] \*+\nskipping: \[a\]\nfatal: \[b\]: FAILED!/,
  );
});
