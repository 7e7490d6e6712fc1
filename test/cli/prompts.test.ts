import { describe, expect, test } from 'vitest';
import { folder, kplay, onTerminal } from './_kplay.ts';

/** A play that asks, and says what it was told. */
const project = (prompt: string, more = ''): string =>
  folder({
    'play.yml': `- hosts: localhost
  gather_facts: false
  vars: { what: colour }
  vars_prompt:
    - { name: told, ${prompt} }${more}
  tasks:
    - debug: { msg: 'it is {{ told is none | ternary("nothing", told) }}.' }
`,
  });
const RUN = ['run', 'play.yml', '-i', 'localhost,', '-c', 'local'];

describe('on a terminal', () => {
  test.for([
    ['what is typed', "prompt: 'which {{ what }}?', private: no", 'which colour?: ', 'green', 'it is green.'],
    [
      'Enter takes the default',
      "prompt: 'which {{ what }}?', default: '{{ what }} of old'",
      'which colour? [colour of old]: ',
      '',
      'it is colour of old.',
    ],
    ['an expression is evaluated', 'private: no', 'told: ', '{{ 1 + 1 }}', 'it is 2.'],
    ['unless it is unsafe', 'private: no, unsafe: yes', 'told: ', '{{ 1 + 1 }}', 'it is {{ 1 + 1 }}.'],
  ] as const)('%s', async ([, prompt, question, answer, said]) => {
    const { code, screen } = await onTerminal(project(prompt), RUN, { question, answer });
    expect(code, screen).toBe(0);
    expect(screen).toContain(said);
    expect(screen).toContain(question);
  });

  test('what is private is not shown while it is typed', async () => {
    const { screen } = await onTerminal(project("prompt: 'say it', unsafe: yes"), RUN, { question: 'say it: ', answer: 'sesame' });
    expect(screen.split('sesame')).toHaveLength(2);
  });
});

test.for([
  ['the default stands', ", default: 'blue'", 'it is blue.'],
  ['nothing is known', '', 'it is nothing.'],
])('with nobody to ask %s, and a warning says so', async ([, preset, said]) => {
  const { code, stdout, stderr } = await kplay(project(`prompt: 'which'${preset}`), RUN);
  expect([code, stdout.includes(said as string)]).toEqual([0, true]);
  expect(stdout + stderr).toContain('Not prompting as we are not in interactive mode: which');
});

test('an extra variable answers for itself', async () => {
  const { code, stdout, stderr } = await kplay(project('prompt: which'), [...RUN, '-e', 'told=red']);
  expect([code, stdout.includes('it is red.')]).toEqual([0, true]);
  expect(stdout + stderr).not.toContain('Not prompting');
});

test('a hash that nobody can make is refused before anything is done', async () => {
  const { code, stdout, stderr } = await kplay(project('prompt: which, encrypt: sha512_crypt'), RUN);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('vars_prompt told: encrypt is not supported');
});

test('all plays ask before the first begins', async () => {
  const later = "\n- hosts: localhost\n  vars_prompt: [{ name: late, prompt: 'and later', private: no }]";
  const dir = folder({
    'play.yml': `- { hosts: localhost, gather_facts: no, tasks: [{ debug: { msg: first } }] }${later}\n  gather_facts: no\n`,
  });
  const { screen } = await onTerminal(dir, RUN, { question: 'and later: ', answer: 'x' });
  expect(screen.split('PLAY [')[0]).toContain('and later: ');
});
