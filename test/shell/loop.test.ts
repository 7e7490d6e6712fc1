import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findReady, frame, loopCommand } from '../../src/shell/loop.ts';

test('the command means the same to every login shell', () => {
  const command = loopCommand('marker');
  // csh expands `!` and ends single quotes at a newline; fish unescapes `\\` and `\'` in them.
  expect(command).not.toMatch(/[!\n]|\\\\|\\'/);
});

test('announces itself after whatever greets before, and runs what it is sent', () => {
  const input = Buffer.concat([
    Buffer.from('a stray line\n'),
    frame('n0', 1, Buffer.from('cat; exit 5'), 4),
    Buffer.from('\0\n\xff\n', 'latin1'),
    frame('n0', 2, Buffer.from('echo two'), 0),
  ]);
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `echo hello; ${loopCommand('marker')}`], { input });
  expect(findReady(stdout, 'marker')).toMatchObject({ missing: [], pid: expect.any(Number) });
  const text = stdout.toString('latin1');
  expect(text).toMatch(/^hello\n\nmarker ready \d+ \S+\n/);
  expect(text).toMatch(/\nn0 B 1 \d+\n\0\n\xff\n\nn0 E 1 5\n\nn0 B 2 \d+\ntwo\n\nn0 E 2 0\n$/);
  expect(stderr.toString()).toMatch(/^\nn0 B 1 \d+\n\nn0 E 1 5\n\nn0 B 2 \d+\n\nn0 E 2 0\n$/);
});

test('is not ready before its whole announcement is there', () => {
  const whole = Buffer.from('motd\n\nm ready 12 a:b:c\n');
  for (let i = 0; i < whole.length; i++) expect(findReady(whole.subarray(0, i), 'm')).toBeUndefined();
  expect(findReady(whole, 'm')).toEqual({ pid: 12, target: 'a:b:c', missing: [] });
});

test('says which tools it misses', () => {
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input: '', env: { PATH: '/nowhere' } });
  expect(findReady(stdout, 'm')?.missing).toEqual(['head-or-dd', 'setsid', 'stat', 'cat']);
});

test('runs scripts that the shell reads itself, and longer ones, to the letter', () => {
  const script = (comment: string): string => `printf '%s|' "  a\\b " 'c\n\n d\t'; cat <<'E'\n  e\\\nE\n# ${comment}`;
  const input = Buffer.concat([10, 5000].map((length, id) => frame('n0', id, Buffer.from(script('x'.repeat(length))), 0)));
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input });
  const said = '  a\\b |c\n\n d\t|  e\\\n';
  expect(
    stdout
      .toString()
      .replace(/^[^]*?\nn0/, 'n0')
      .replaceAll(/B (\d) \d+/g, 'B $1'),
  ).toBe(`n0 B 0\n${said}\nn0 E 0 0\n\nn0 B 1\n${said}\nn0 E 1 0\n`);
});

test.each([10, 5000])('does not run a script of %i bytes and more that broke off', length => {
  const whole = frame('n0', 1, Buffer.from(`echo run\n# ${'x'.repeat(length)}\necho more`), 0);
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input: whole.subarray(0, -9) });
  expect(stdout.toString()).not.toContain('run');
});
