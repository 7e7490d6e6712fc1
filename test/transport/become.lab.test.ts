import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address, Become, Connection } from '../../src/model/session.ts';
import { connector } from '../../src/transport/connector.ts';
import { clock } from './_shells.ts';

const file = process.env['KPLAY_LAB'];

describe.runIf(file !== undefined)('a host of the lab', () => {
  const open: Connection[] = [];
  let root: Address;
  let known: string;
  beforeAll(() => {
    const inventory = readFileSync(file ?? '', 'utf8');
    const find = (pattern: RegExp): string => pattern.exec(inventory)?.[1] ?? '';
    const host = find(/^h\d+ ansible_host=(\S+)$/m);
    known = find(/UserKnownHostsFile=(\S+)/);
    root = {
      name: 'h1',
      connection: 'ssh',
      host,
      user: 'root',
      privateKeyFile: find(/^ansible_ssh_private_key_file=(\S+)$/m),
      sshOptions: { userknownhostsfile: known },
      timeoutMs: 20_000,
    };
  });
  afterAll(() => Promise.all(open.map(connection => connection.close())));
  const as = async (address: Address): Promise<Connection> => {
    const way = connector({ clock, hostKeyPolicy: 'strict', keepaliveMs: 0, sshConfigFile: 'none' });
    const connection = await way.connect(address);
    open.push(connection);
    return connection;
  };
  const ops = (): Promise<Connection> => {
    const { privateKeyFile: _none, ...address } = root;
    return as({ ...address, user: 'ops', password: 'secret' });
  };
  const sudo: Become = { method: 'sudo', user: 'root', password: 'secret' };
  const text = async (connection: Connection, script: string, become?: Become): Promise<string> =>
    (await connection.run({ script, ...(become && { become }) })).stdout.toString();

  test('is one target, whoever logs in', async () => {
    const [one, other] = await Promise.all([as(root), ops()]);
    expect(one.target).toBe(other.target);
    expect(await text(other, 'id -un; cat /etc/machine-id', sudo)).toBe(`root\n${one.target.split(':')[0]}\n`);
  });

  test('gives root by sudo with the password, and not without', async () => {
    const connection = await ops();
    const bytes = Buffer.alloc(1 << 20, 'secret bytes\n\0');
    const { stdout } = await connection.run({ script: 'cat', stdin: bytes, become: sudo });
    expect(stdout.equals(bytes)).toBe(true);
    const asked = connection.run({ script: 'true', become: { method: 'sudo', user: 'root' } });
    await expect(asked).rejects.toMatchObject({ code: 'E_BECOME' });
    const wrong = connection.run({ script: 'true', become: { ...sudo, password: 'guess' } });
    await expect(wrong).rejects.toMatchObject({ code: 'E_BECOME', hint: expect.stringContaining('-K') });
  });

  test('gives another user by su, with that user’s password', async () => {
    const connection = await as(root);
    expect(await text(connection, 'id -un', { method: 'su', user: 'ops' })).toBe('ops\n');
    const own: Become = { method: 'su', user: 'ops', password: 'secret' };
    expect(await text(await ops(), 'id -un', own)).toBe('ops\n');
  });

  test('is rid of root’s processes after the limit', async () => {
    const connection = await ops();
    const late = connection.run({ script: 'exec sleep 4321', become: sudo, timeoutMs: 1000 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(await text(connection, 'cat /proc/[0-9]*/cmdline 2>/dev/null | grep -ac "sleep.432[1]"')).toBe('0\n');
  });

  test('that is not there is told apart from one that refuses', async () => {
    const address = { ...root, host: root.host.replace(/\d+$/, '250'), timeoutMs: 5000 };
    await expect(as(address)).rejects.toMatchObject({ code: 'E_CONNECT' });
    await expect(as({ ...root, port: 9 })).rejects.toMatchObject({ code: 'E_CONNECT', message: expect.stringContaining('refused') });
  });
});
