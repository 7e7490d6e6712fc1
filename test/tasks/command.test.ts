import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command, shell } from '../../src/tasks/command.ts';
import { raw } from '../../src/tasks/raw.ts';
import { script } from '../../src/tasks/script.ts';
import { runOnce, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-command-'));
const check = { check: true, diff: false };

describe.for(shells)('in $name', shellHere => {
  const run = async (module: typeof command | typeof shell, args: unknown) =>
    (await runOnce(module as typeof command, args, { shell: shellHere })).result;

  test('command runs words without a shell', async () => {
    const result = await run(command, { cmd: `printf '%s|' a 'b c' "$HOME" '$NOPE' '*' ';' ''` });
    expect(result).toMatchObject({
      changed: true,
      rc: 0,
      stdout: `a|b c|${process.env['HOME']}|$NOPE|*|;||`,
      cmd: ['printf', '%s|', 'a', 'b c', '$HOME', '$NOPE', '*', ';', ''],
      stderr: '',
      msg: '',
    });
    expect(result['delta']).toMatch(/^0:00:0\d(\.\d{6})?$/);
    expect(result['start']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?$/);
  });

  test('words stay as they are without expand_argument_vars', async () => {
    expect(await run(command, { argv: ['echo', '~', '$HOME'], expand_argument_vars: false })).toMatchObject({ stdout: '~ $HOME' });
  });

  test('a status, both outputs and their lines are results', async () => {
    const result = await run(shell, { cmd: 'echo out; echo; echo er >&2; exit 7' });
    expect(result).toMatchObject({
      rc: 7,
      failed: true,
      changed: true,
      msg: 'non-zero return code',
      cmd: 'echo out; echo; echo er >&2; exit 7',
    });
    expect(result).toMatchObject({ stdout: 'out', stdout_lines: ['out'], stderr: 'er', stderr_lines: ['er'] });
  });

  test('stdin and empty ends', async () => {
    expect(await run(command, { cmd: 'cat', stdin: 'a\nb', strip_empty_ends: false })).toMatchObject({ stdout: 'a\nb\n' });
    expect(await run(command, { cmd: 'cat', stdin: 'a', stdin_add_newline: false, strip_empty_ends: false })).toMatchObject({
      stdout: 'a',
    });
    expect(await run(command, { cmd: 'cat' })).toMatchObject({ rc: 0, stdout: '' });
  });

  test('chdir goes where links lead, so that $PWD is a real folder', async () => {
    const dir = fresh();
    symlinkSync(dir, `${dir}/link`);
    expect(await run(shell, { cmd: 'echo "$PWD"', chdir: `${dir}/link` })).toMatchObject({ stdout: dir });
  });

  test.each([
    ['nothing to run', command, { cmd: '' }, { message: 'no command given', fields: { rc: 256 } }],
    [
      'two things to run',
      command,
      { cmd: 'a', argv: ['a'] },
      { message: 'only command or argv can be given, not both', fields: { rc: 256 } },
    ],
    [
      'what only command takes',
      shell,
      { cmd: 'a', expand_argument_vars: false },
      { message: 'Unsupported parameters for (shell) module: expand_argument_vars' },
    ],
  ])('%s', async (_name, module, args, error) => {
    await expect(run(module, args)).rejects.toMatchObject(error);
  });

  test('chdir holds for the program and for globs', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'there.1'), '');
    expect(await run(shell, { cmd: 'pwd', chdir: dir })).toMatchObject({ stdout: dir });
    expect(await run(shell, { cmd: 'pwd', chdir: dir, creates: 'there.*' })).toMatchObject({
      changed: false,
      rc: 0,
      stdout: 'skipped, since there.* exists',
      msg: "Did not run command since 'there.*' exists",
      start: null,
    });
    expect(await run(shell, { cmd: 'pwd', chdir: dir, removes: 'gone.*' })).toMatchObject({
      changed: false,
      stdout: 'skipped, since gone.* does not exist',
      msg: "Did not run command since 'gone.*' does not exist",
    });
    expect(await run(shell, { cmd: 'pwd', chdir: `${dir}/gone` })).toMatchObject({
      failed: true,
      changed: false,
      rc: null,
      msg: `Unable to change directory before execution: [Errno 2] No such file or directory: b'${dir}/gone'`,
    });
  });

  test.for([
    ['cd /tmp', 2, "[Errno 2] No such file or directory: b'cd'"],
    ['/nope/x "a b"', 2, "[Errno 2] No such file or directory: b'/nope/x'"],
    ['/etc/passwd', 13, "[Errno 13] Permission denied: b'/etc/passwd'"],
  ] as const)('%s cannot be run', async ([cmd, rc, msg]) => {
    expect(await run(command, { cmd })).toMatchObject({ rc, msg, failed: true, changed: false, stdout: '' });
  });

  test('a daemon left behind neither holds us nor writes to us', { timeout: 8000 }, async () => {
    const dir = fresh();
    const started = performance.now();
    const cmd = `( sleep 20 & echo $! >${dir}/pid; wait; echo late ) & until [ -s ${dir}/pid ]; do :; done; echo early`;
    const result = await run(shell, { cmd });
    expect(result).toMatchObject({ stdout: 'early', rc: 0 });
    expect(performance.now() - started).toBeLessThan(5000);
    process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')));
  });

  test('a killed program leaves no word of the shell in stderr', async () => {
    expect(await run(shell, { cmd: 'kill -9 $$' })).toMatchObject({ failed: true, stderr: '' });
  });

  test('raw prints as it is', async () => {
    const { result } = await runOnce(raw, { free_form: 'echo "a  b"; exit 3' }, { shell: shellHere });
    expect(result).toEqual({
      changed: true,
      failed: true,
      rc: 3,
      msg: 'non-zero return code',
      stdout: 'a  b\n',
      stdout_lines: ['a  b'],
      stderr: '',
      stderr_lines: [],
    });
  });

  test('script runs a file of the controller and removes it', async () => {
    const file = join(fresh(), 'my tool.sh');
    writeFileSync(file, '#!/bin/sh\necho "$0"; for word; do echo "[$word]"; done; pwd; exit 4\n');
    const options = { shell: shellHere, controller: { find: (name: string) => name } };
    const { result } = await runOnce(script, { cmd: `'${file}' one "two  words" $((1 + 2))`, chdir: '/etc' }, options);
    expect(result).toMatchObject({ rc: 4, failed: true, changed: true });
    const [path = '', ...rest] = result['stdout_lines'] as string[];
    expect(rest).toEqual(['[one]', '[two  words]', '[3]', '/etc']);
    expect(path).toMatch(/\/my tool\.sh$/);
    expect(() => readFileSync(path)).toThrow('ENOENT');
    const skipped = await runOnce(script, { cmd: `'${file}'`, creates: '/etc' }, options);
    expect(skipped.result).toEqual({ changed: false, skipped: true, msg: '/etc exists, matching creates option' });
    const read = await runOnce(script, { cmd: `'${file}' x`, executable: 'cat' }, options);
    expect(read.result['stdout']).toContain('#!/bin/sh');
  });
});

test('check mode answers creates and skips the rest', async () => {
  const run = async (args: object) => (await runOnce(command, { cmd: 'false', ...args }, { mode: check })).result;
  expect(await run({})).toMatchObject({ skipped: true, changed: false, rc: 0, msg: 'Command would have run if not in check mode' });
  expect(await run({ creates: '/nope' })).toMatchObject({ changed: true, rc: 0 });
  expect(await run({ creates: '/etc' })).toMatchObject({ changed: false, msg: "Would not run command since '/etc' exists" });
});

test.for([
  { mode: check, args: {} },
  { mode: { check: false, diff: false }, args: { removes: 'gone' } },
])('fails for want of its folder before anything else: %o', async ({ mode, args }) => {
  const fields = { cmd: ['pwd'], rc: null, stdout: '', stderr: '', start: null, end: null, delta: null };
  await expect(runOnce(command, { cmd: 'pwd', chdir: '/no/such', ...args }, { mode })).rejects.toMatchObject({ code: 'E_STATE', fields });
});

test.for([{}, { cmd: ' ' }, { cmd: 'a', argv: ['b'] }, { cmd: 'a "' }])('command refuses %o', async raw => {
  await expect(runOnce(command, raw)).rejects.toMatchObject({ code: 'E_ARGS' });
});
test('an unknown argument is refused', () => {
  expect(command.args.safeParse({ cmd: 'a', warn: false }).success).toBe(false);
});
