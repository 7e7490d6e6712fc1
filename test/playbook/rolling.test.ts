import { expect, test } from 'vitest';
import { listPlaybook } from '../../src/playbook/list.ts';
import { compile, compiled, told } from './_project.ts';

const play = (...lines: readonly string[]): string => ['- hosts: all', ...lines.map(line => `  ${line}`), ''].join('\n');
const errors = (...lines: readonly string[]): readonly string[] =>
  told(compile(play(...lines), { matches: () => true, tags: ['other'] }).diagnostics);

test('what is wrong with rolling is told with its place', () => {
  expect(
    errors(
      'serial: 1',
      'max_fail_percentage: 0',
      'rolling:',
      '  canery: 1',
      '  canary: -1',
      '  batch: 0',
      '  max_unavailable: 120%',
      '  soak: soon',
      '  unavailable: h1',
      '  rollback: no',
    ),
  ).toEqual([
    "2:3 'serial' and 'rolling' exclude each other",
    "3:3 'max_fail_percentage' and 'rolling' exclude each other",
    "5:5 'canery' is not a valid attribute for a Rolling",
    "9:5 'soak' without 'gate': there is nothing that could still hold after it",
    "10:18 'unavailable' must be a list of host names, or a template that gives one",
    "6:13 'canary' must be a number of hosts, or a percentage of all",
    "7:12 'batch' must be a number of hosts from 1 on, or a percentage of all",
    "8:22 'max_unavailable' must be a number of hosts from 1 on, or a percentage of all",
    "9:11 'soak' must be a number of seconds",
    '11:15 A malformed block was encountered while loading rollback: it must be a list of tasks',
  ]);
  expect(errors('rolling: yes')).toEqual(["2:12 'rolling' must be a mapping"]);
  expect(compile(play('rolling:', '  canery: 1')).diagnostics[0]?.hint).toBe('did you mean "canary"?');
});

test('templates, numbers and percentages are fine', () => {
  const rolling = 'rolling: {canary: "{{ c }}", batch: 25%, max_unavailable: "3", unavailable: [h1], soak: 1.5, gate: [ping: ]}';
  expect(errors('vars: {c: 1}', rolling)).toEqual([]);
});

test('templates that do not parse are told before anything is done', () => {
  expect(errors('rolling: {unavailable: "{{ 1 + }}"}')).toEqual([expect.stringMatching(/^2:\d+ /)]);
});

test('tasks of the gate and the rollback are checked like any', () => {
  const found = errors('rolling:', '  gate:', '    - pign:', '  rollback:', '    - copy: {dset: /x}', '    - debug: {msg: "{{ 1 + }}"}');
  expect(found).toEqual([
    expect.stringMatching(/^4:9 couldn't resolve module\/action 'pign'/),
    expect.stringMatching(/^6:16 Unsupported parameters .*dset/),
    '6:9 copy: missing required arguments: dest',
    '7:23 an expression ends too soon',
  ]);
});

test('they are listed after the tasks, and tags leave none of them out', () => {
  const text = play(
    'tags: all_of_it',
    'tasks: [{ping: , name: one, tags: t}, {ping: , name: two}]',
    'rolling: {gate: [{ping: , name: up}], rollback: [{ping: }]}',
  );
  const listing = { tags: ['t'], skipTags: ['all_of_it'], listTasks: true, listTags: false };
  expect(
    listPlaybook('p', compiled(text).plays, { ...listing, skipTags: [] })
      .split('\n')
      .slice(5, -1),
  ).toEqual(['      one\tTAGS: [all_of_it, t]', '      gate: up\tTAGS: [all_of_it]', '      rollback: ping\tTAGS: [all_of_it]']);
  expect(listPlaybook('p', compiled(text).plays, listing)).toContain('gate: up');
});
