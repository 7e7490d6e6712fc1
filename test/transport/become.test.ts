import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Become, Connection } from '../../src/model/session.ts';
import { sh } from '../../src/shell/sh.ts';
import { becomeCommand } from '../../src/transport/become.ts';
import { alive, canUnshare, scratch } from './_shells.ts';
import { addressOf, canServe, type Sshd, startSshd, trusting } from './_sshd.ts';
import { amongUsers, PASSWORDS } from './_users.ts';

test.each<[string, Become, string]>([
  ['without a password never asks', { method: 'sudo', user: 'root' }, 'exec sudo -H -n -u root -- '],
  ['with one reads it from stdin', { method: 'sudo', user: 'root', password: 'x' }, `exec sudo -H -S -p 'ask: ' -u root -- `],
  ['takes flags', { method: 'sudo', user: 'app', flags: '-H -S -n -E' }, 'exec sudo -H -E -n -u app -- '],
  ['drops -n for a password', { method: 'sudo', user: 'app', password: 'x', flags: '-n -i' }, `exec sudo -i -S -p 'ask: ' -u app -- `],
])('sudo %s', (_how, become, command) => {
  expect(becomeCommand(become, 'ask: ', 'marker').replaceAll(/ +/g, ' ')).toContain(command);
});

describe.runIf(canServe && canUnshare)('becoming', () => {
  let sshd: Sshd;
  const open: Connection[] = [];
  beforeAll(async () => {
    sshd = await startSshd({ under: amongUsers(), config: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no'] });
    chmodSync(sshd.dir, 0o755);
  });
  afterAll(async () => {
    await Promise.all(open.map(connection => connection.close()));
    await sshd.stop();
  });
  const as = async (user: keyof typeof PASSWORDS): Promise<Connection> => {
    const connection = await trusting([sshd]).connect(addressOf(sshd, { user }));
    open.push(connection);
    return connection;
  };
  const who = async (connection: Connection, become?: Become): Promise<string> => {
    const { stdout } = await connection.run({ script: 'id -un; echo "$HOME"', ...(become ? { become } : {}) });
    return stdout.toString().split('\n')[0] ?? '';
  };

  test('logs in with a password', async () => {
    const { privateKeyFile: _none, ...address } = addressOf(sshd, { user: 'ops' });
    const connection = await trusting([sshd]).connect({ ...address, password: PASSWORDS.ops });
    expect(await who(connection)).toBe('ops');
    await connection.close();
    await expect(trusting([sshd]).connect({ ...address, password: 'wrong' })).rejects.toMatchObject({
      code: 'E_AUTH',
      detail: expect.stringContaining('password'),
    });
  });

  test.each<[string, keyof typeof PASSWORDS, Become, string]>([
    ['sudo with a password', 'ops', { method: 'sudo', user: 'root', password: PASSWORDS.ops }, 'root'],
    ['sudo to an ordinary user', 'ops', { method: 'sudo', user: 'app', password: PASSWORDS.ops }, 'app'],
    ['sudo that asks for no password', 'free', { method: 'sudo', user: 'root' }, 'root'],
    ['sudo that is given a password it does not want', 'free', { method: 'sudo', user: 'root', password: 'any' }, 'root'],
    ['sudo as root', 'root', { method: 'sudo', user: 'app' }, 'app'],
    ['su with the other user’s password', 'ops', { method: 'su', user: 'app', password: PASSWORDS.app }, 'app'],
    ['su to root', 'app', { method: 'su', user: 'root', password: PASSWORDS.root }, 'root'],
    ['su as root', 'root', { method: 'su', user: 'app' }, 'app'],
    ['su with flags', 'root', { method: 'su', user: 'app', flags: '-s /bin/sh -l' }, 'app'],
  ])('by %s', async (_how, user, become, expected) => {
    const connection = await as(user);
    const bytes = Buffer.from([0, 10, 255, 13]);
    expect(await who(connection, become)).toBe(expected);
    const { rc, stdout, stderr } = await connection.run({ script: 'cat; echo err >&2; exit 3', stdin: bytes, become });
    expect([rc, stdout, stderr.toString()]).toEqual([3, bytes, 'err\n']);
  });

  test.each<[string, keyof typeof PASSWORDS, Become, RegExp, RegExp]>([
    ['a wrong sudo password', 'ops', { method: 'sudo', user: 'root', password: 'wrong' }, /not accepted/, /-K/],
    ['no sudo password', 'ops', { method: 'sudo', user: 'root' }, /needs a password/, /-K/],
    ['a user who may not sudo', 'app', { method: 'sudo', user: 'root', password: PASSWORDS.app }, /app/, /./],
    ['a wrong su password', 'ops', { method: 'su', user: 'app', password: 'wrong' }, /not accepted/, /-K/],
    ['no su password', 'ops', { method: 'su', user: 'app' }, /needs a password/, /-K/],
    ['a user that does not exist', 'free', { method: 'sudo', user: 'nemo' }, /nemo/, /./],
  ])('says so for %s', async (_what, user, become, message, hint) => {
    const connection = await as(user);
    const failed = await connection.run({ script: 'true', become }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'E_BECOME', message: expect.stringMatching(message) });
    expect(`${(failed as { hint?: string }).hint ?? '-'}`).toMatch(hint);
    expect(JSON.stringify([failed, String(failed)])).not.toContain(become.password ?? 'nothing to hide');
    expect(await who(connection)).toBe(user);
  });

  test('gives every identity its own shell, on one connection', async () => {
    const connection = await as('ops');
    const root: Become = { method: 'sudo', user: 'root', password: PASSWORDS.ops };
    const app: Become = { method: 'sudo', user: 'app', password: PASSWORDS.ops };
    const asked = [undefined, root, app, undefined, root, app];
    expect(await Promise.all(asked.map(become => who(connection, become)))).toEqual(['ops', 'root', 'app', 'ops', 'root', 'app']);
    const { stdout } = await connection.run({ script: 'echo "$HOME"', become: root });
    expect(stdout.toString()).toBe('/root\n');
  });

  test('ends another user’s processes too', async () => {
    const connection = await as('ops');
    const become: Become = { method: 'sudo', user: 'root', password: PASSWORDS.ops };
    const file = join(scratch(), 'pid');
    const late = connection.run({ script: sh`sleep 1000 & echo $! >${file}; wait`, become, timeoutMs: 700 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(alive(Number(readFileSync(file, 'utf8')))).toBe(false);
    expect(await who(connection, become)).toBe('root');
  });

  test('keeps the password out of argv and environment', async () => {
    const connection = await as('ops');
    const become: Become = { method: 'sudo', user: 'root', password: PASSWORDS.ops };
    const script = 'read -r s; echo "$s" | grep -l -F -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ; echo looked';
    expect((await connection.run({ script, stdin: Buffer.from(`${PASSWORDS.ops}\n`), become })).stdout.toString()).toBe('looked\n');
  });
});

describe.runIf(canServe && canUnshare)('becoming by busybox’s su', () => {
  test('answers on stdout, refuses on stderr', async () => {
    const sshd = await startSshd({ under: amongUsers('/bin/busybox') });
    chmodSync(sshd.dir, 0o755);
    const connection = await trusting([sshd]).connect(addressOf(sshd, { user: 'ops' }));
    const become: Become = { method: 'su', user: 'app', password: PASSWORDS.app };
    expect((await connection.run({ script: 'id -un', become })).stdout.toString()).toBe('app\n');
    const wrong = connection.run({ script: 'true', become: { ...become, password: 'wrong' } });
    await expect(wrong).rejects.toMatchObject({ code: 'E_BECOME' });
    await connection.close();
    await sshd.stop();
  });
});
