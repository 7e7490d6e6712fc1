import { afterAll, expect, test } from 'vitest';
import { hostname } from '../../src/tasks/hostname.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell, SPARE_HOST } from './_lab.ts';

const shell = labShell(SPARE_HOST);
const on = (script: string): string => execute(shell, script).stdout.toString().trim();
const run = async (name: string, check = false) => runOnce(hostname, { name }, { shell, mode: { check, diff: false } });
afterAll(async () => void (await run(SPARE_HOST)));

test('the name of a machine that systemd runs', async () => {
  expect((await run(SPARE_HOST)).changes).toEqual([]);
  expect((await run('kplay-eight', true)).changes.map(({ key }) => key)).toEqual(['permanent', 'current']);
  const { result } = await run('kplay-eight');
  expect(on('uname -n; cat /etc/hostname; hostnamectl --static')).toBe('kplay-eight\nkplay-eight\nkplay-eight');
  expect(result).toMatchObject({ name: 'kplay-eight', ansible_facts: { ansible_nodename: 'kplay-eight' } });
  expect((await run('kplay-eight')).changes).toEqual([]);
  on('hostname other');
  expect((await run('kplay-eight')).changes).toEqual([{ key: 'current', before: 'other', after: 'kplay-eight' }]);
});
