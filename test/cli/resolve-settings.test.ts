import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { RunFlags } from '../../src/cli/flags.ts';
import type { Config } from '../../src/cli/config.ts';
import { runSettings } from '../../src/cli/resolve-settings.ts';
import type { RunSettings } from '../../src/cli/settings.ts';
import type { System } from '../../src/cli/system.ts';
import { around } from './_system.ts';

const cwd = mkdtempSync(join(tmpdir(), 'kplay-settings-'));
writeFileSync(join(cwd, 'site.yml'), '');
writeFileSync(join(cwd, 'pass'), 'secret\n');
const system = (env: Record<string, string> = {}, isTTY = false): System => {
  const stdout = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  return { env, cwd, stdout, stderr: stdout, home: '/nowhere', version: '1', ...around };
};
const resolved = (flags: Partial<RunFlags> = {}, config: Partial<Config> = {}, where: System = system()): Promise<RunSettings> =>
  runSettings(['site.yml'], { verbose: 0, color: true, ...flags }, { warnings: [], ...config }, where);

test('paths become absolute, host lists stay', async () => {
  const flags = { inventory: ['inv', 'a,b'], limit: '@retry', extraVars: ['k=v', '@vars.yml'], report: 'r.html', privateKey: 'key' };
  expect(await resolved(flags)).toMatchObject({
    playbooks: [join(cwd, 'site.yml')],
    inventory: [join(cwd, 'inv'), 'a,b'],
    limit: `@${join(cwd, 'retry')}`,
    extraVars: ['k=v', `@${join(cwd, 'vars.yml')}`],
    report: join(cwd, 'r.html'),
    privateKeyFile: join(cwd, 'key'),
  });
});

test('the command line wins over the config, and seconds become milliseconds', async () => {
  const config = { forks: 5, remoteUser: 'cfg', timeoutMs: 1, become: true, inventory: ['/i'] };
  expect(await resolved({ forks: 9, timeout: 3 }, config)).toMatchObject({
    forks: 9,
    user: 'cfg',
    timeoutMs: 3000,
    become: true,
    inventory: ['/i'],
  });
});

test.each([
  [{}, {}, 'strict'],
  [{ acceptNew: true }, {}, 'accept-new'],
  [{ acceptNew: true }, { hostKeyChecking: false }, 'off'],
] as const)('host keys of %j and %j: %s', async (flags, config, hostKeys) =>
  expect(await resolved(flags, config)).toMatchObject({ hostKeys }),
);

test('passwords are read only for a run', async () => {
  expect(await resolved({ becomePasswordFile: 'pass', connectionPasswordFile: 'pass' })).toMatchObject({
    becomePassword: 'secret',
    password: 'secret',
  });
  expect(await resolved({ becomePasswordFile: 'missing', listTasks: true })).not.toHaveProperty('becomePassword');
});

test('colours: only on a terminal, never against NO_COLOR or --no-color', async () => {
  const color = async (...args: Parameters<typeof resolved>): Promise<boolean> => (await resolved(...args)).color;
  expect(await color({}, {}, system({}, true))).toBe(true);
  expect(await color({}, {}, system({}, false))).toBe(false);
  expect(await color({}, {}, system({ TERM: 'dumb' }, true))).toBe(false);
  expect(await color({}, {}, system({ NO_COLOR: '1' }, true))).toBe(false);
  expect(await color({ color: false }, {}, system({}, true))).toBe(false);
  expect(await color({}, { forceColor: true }, system({}, false))).toBe(true);
});
