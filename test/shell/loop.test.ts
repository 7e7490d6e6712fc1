import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { kept, Keeping } from '../../src/shell/kept.ts';
import { findReady, frame, loopCommand } from '../../src/shell/loop.ts';

const sent = (id: number, script: string, stdinBytes = 0, keeping = new Keeping()): Buffer =>
  frame('n0', id, keeping.cut(script), stdinBytes);

test('the command means the same to every login shell', () => {
  const command = loopCommand('marker');
  // csh expands `!` and ends single quotes at a newline; fish unescapes `\\` and `\'` in them.
  expect(command).not.toMatch(/[!\n]|\\\\|\\'/);
});

test('announces itself after whatever greets before, and runs what it is sent', () => {
  const input = Buffer.concat([
    Buffer.from('a stray line\n'),
    sent(1, 'cat; exit 5', 4),
    Buffer.from('\0\n\xff\n', 'latin1'),
    sent(2, 'echo two'),
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
  const input = Buffer.concat([10, 7000].map((length, id) => sent(id, script('x'.repeat(length)))));
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input });
  const said = '  a\\b |c\n\n d\t|  e\\\n';
  expect(
    stdout
      .toString()
      .replace(/^[^]*?\nn0/, 'n0')
      .replaceAll(/B (\d) \d+/g, 'B $1'),
  ).toBe(`n0 B 0\n${said}\nn0 E 0 0\n\nn0 B 1\n${said}\nn0 E 1 0\n`);
});

test.each([10, 7000])('does not run a script of %i bytes and more that broke off', length => {
  const whole = sent(1, `echo run\n# ${'x'.repeat(length)}\necho more`);
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input: whole.subarray(0, -9) });
  expect(stdout.toString()).not.toContain('run');
});

test.each([10, 7000])('is sent once what recurs, with %i bytes in it', length => {
  const say = kept(`say() { printf '<%s>' "$@"; }\n# \\ ${'x'.repeat(length)}`);
  const bye = kept('say bye');
  const scripts = [`${say}say a`, `echo b\n${say}say c\n${bye}`, `${say}${bye}`, 'say none || echo gone'];
  const keeping = new Keeping();
  const frames = scripts.map((script, id) => sent(id, script, 0, keeping));
  expect(frames.map(({ length: bytes }) => bytes > length).slice(0, 2)).toEqual([true, length < 100]);
  expect(frames[2]?.toString()).toBe('kplay n0 2 0 @1 @2\n');
  const { stdout } = spawnSync('/bin/sh', ['-c', loopCommand('m')], { input: Buffer.concat(frames) });
  const said = [...stdout.toString().matchAll(/B \d \d+\n([^]*?)\nn0 E/g)].map(([, text]) => text);
  // One request's functions are not the next one's.
  expect(said).toEqual(['<a>', 'b\n<c><bye>', '<bye>', 'gone\n']);
});
