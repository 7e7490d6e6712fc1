import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Address } from '../../src/model/session.ts';
import { keygen } from './_keys.ts';
import { addressOf, canServe, known, knownFile, type Sshd, startAgent, startSshd, trusting } from './_sshd.ts';

type Options = NonNullable<Parameters<typeof trusting>[1]>;

describe.runIf(canServe)('logging in', () => {
  let sshd: Sshd;
  let locked: string;
  let agent: { socket: string; stop: () => void };
  beforeAll(async () => {
    sshd = await startSshd();
    locked = join(sshd.dir, 'locked');
    appendFileSync(join(sshd.dir, 'authorized_keys'), `${keygen(locked, 'ed25519', 'open sesame')}\n`);
    agent = await startAgent(join(sshd.dir, 'agent'));
  });
  afterAll(async () => {
    agent.stop();
    await sshd.stop();
  });
  const enter = async (address: Partial<Address>, options: Options = {}): Promise<string> => {
    const { privateKeyFile: _none, ...plain } = addressOf(sshd);
    const connection = await trusting([sshd], options).connect({ ...plain, ...address });
    const { stdout } = await connection.run({ script: 'echo "$USER"' });
    await connection.close();
    return stdout.toString();
  };
  const stranger = (name: string): string => {
    keygen(join(sshd.dir, name));
    return join(sshd.dir, name);
  };

  test('with a key', async () => {
    expect(await enter({ privateKeyFile: sshd.userKey })).toBe('root\n');
  });

  // sshd postpones the answer to whoever asks whether a key would do, and says so.
  test.each(['ed25519', 'ecdsa', 'rsa'])('with a key of type %s, which signs at once', async type => {
    const file = join(sshd.dir, type);
    appendFileSync(join(sshd.dir, 'authorized_keys'), `${keygen(file, type)}\n`);
    const before = sshd.log().length;
    expect(await enter({ privateKeyFile: file })).toBe('root\n');
    const said = (): string => sshd.log().slice(before);
    await vi.waitFor(() => expect(said()).toMatch(/^Accepted publickey /m));
    expect(said()).not.toContain('Postponed');
  });

  test('with a key under ~', async () => {
    mkdirSync(join(sshd.dir, 'keys'));
    copyFileSync(sshd.userKey, join(sshd.dir, 'keys/mine'));
    expect(await enter({ privateKeyFile: '~/keys/mine' })).toBe('root\n');
  });

  test('with a passphrase, given or asked for once', async () => {
    expect(await enter({ privateKeyFile: locked, passphrase: 'open sesame' })).toBe('root\n');
    const asked: string[] = [];
    const askPassphrase = async (file: string): Promise<string> => {
      asked.push(file);
      return 'open sesame';
    };
    const way = trusting([sshd], { askPassphrase });
    const all = await Promise.all([1, 2, 3].map(() => way.connect(addressOf(sshd, { privateKeyFile: locked }))));
    await Promise.all(all.map(connection => connection.close()));
    expect(asked).toEqual([locked]);
  });

  test.each([
    ['without the passphrase', {}, /locked \(its passphrase is not known\)/],
    ['with a wrong passphrase', { passphrase: 'guess' }, /locked \(the passphrase does not open it\)/],
  ])('%s says so', async (_how, more, detail) => {
    await expect(enter({ privateKeyFile: locked, ...more })).rejects.toMatchObject({
      code: 'E_AUTH',
      detail: expect.stringMatching(detail),
    });
  });

  test('that fails lists everything that was tried', async () => {
    const key = stranger('stranger');
    const failed = enter({ privateKeyFile: key, password: 'guess' }, { agentSocket: agent.socket });
    const tried = `Tried: key ${key}, agent ${agent.socket}, password (the host takes publickey only)`;
    await expect(failed).rejects.toMatchObject({ code: 'E_AUTH', detail: expect.stringContaining(tried) });
    const missing = enter({ privateKeyFile: join(sshd.dir, 'nowhere') });
    await expect(missing).rejects.toMatchObject({ code: 'E_AUTH', detail: expect.stringContaining('no such file') });
  });

  test('with a key in the agent', async () => {
    spawnSync('ssh-add', ['-q', sshd.userKey], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } });
    const before = sshd.log().length;
    expect(await enter({}, { agentSocket: agent.socket })).toBe('root\n');
    // It may ask its user for each signature.
    await vi.waitFor(() => expect(sshd.log().slice(before)).toMatch(/^Postponed publickey /m));
  });

  test('with an agent that is gone goes on with the next way', async () => {
    const agentSocket = join(sshd.dir, 'gone');
    const config = join(sshd.dir, 'next');
    writeFileSync(config, `IdentityFile ${sshd.userKey}\n`);
    expect(await enter({}, { agentSocket, sshConfigFile: config })).toBe('root\n');
  });

  test('offers the agent what is configured first, so that sshd does not lose patience', async () => {
    const full = await startAgent(join(sshd.dir, 'full'));
    const env = { ...process.env, SSH_AUTH_SOCK: full.socket };
    for (let i = 0; i < 8; i++) spawnSync('ssh-add', ['-q', stranger(`many${i}`)], { env });
    spawnSync('ssh-add', ['-q', sshd.userKey], { env });
    await expect(enter({}, { agentSocket: full.socket })).rejects.toMatchObject({ code: 'E_AUTH' });
    const config = join(sshd.dir, 'only');
    writeFileSync(config, `IdentityFile ${sshd.userKey}\nIdentitiesOnly yes\n`);
    expect(await enter({}, { agentSocket: full.socket, sshConfigFile: config })).toBe('root\n');
    full.stop();
  });

  test('with what ssh_config says, the address winning', async () => {
    const config = join(sshd.dir, 'config');
    const included = join(sshd.dir, 'included');
    writeFileSync(included, `Host web\n  HostName 127.0.0.1\n  User nobody\n`);
    writeFileSync(config, `Include ${sshd.dir}/incl*\nPort ${sshd.port}\nHost web\n  IdentityFile %d/user\n`);
    const way = trusting([sshd], { sshConfigFile: config });
    const connection = await way.connect({ name: 'web', connection: 'ssh', host: 'web', user: 'root', timeoutMs: 10_000 });
    expect((await connection.run({ script: 'id -un' })).stdout.toString()).toBe('root\n');
    await connection.close();
  });

  test('through the system ssh', async () => {
    expect(await enter({ connection: 'openssh', privateKeyFile: sshd.userKey })).toBe('root\n');
    const failed = enter({ connection: 'openssh', privateKeyFile: stranger('unwelcome') });
    await expect(failed).rejects.toMatchObject({ code: 'E_AUTH', detail: expect.stringContaining('Permission denied') });
    await expect(enter({ connection: 'openssh', port: 1 })).rejects.toMatchObject({ code: 'E_CONNECT' });
  });

  test('through a ProxyCommand', async () => {
    const config = join(sshd.dir, 'proxy');
    writeFileSync(config, `Host far\n  HostName 127.0.0.1\n  ProxyCommand ${process.execPath} ${join(sshd.dir, 'relay.js')} %h %p\n`);
    const relay = `const s = require('net').connect(+process.argv[3], process.argv[2]); process.stdin.pipe(s).pipe(process.stdout);`;
    writeFileSync(join(sshd.dir, 'relay.js'), relay);
    expect(await enter({ host: 'far', privateKeyFile: sshd.userKey }, { sshConfigFile: config })).toBe('root\n');
  });
});

describe.runIf(canServe)('jumping', () => {
  let bastion: Sshd;
  let inner: Sshd;
  beforeAll(async () => {
    [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
    appendFileSync(join(inner.dir, 'authorized_keys'), `${keygen(join(inner.dir, 'both'))}\n`);
    appendFileSync(join(bastion.dir, 'authorized_keys'), `${spawnSync('cat', [join(inner.dir, 'both.pub')]).stdout}\n`);
  });
  afterAll(() => Promise.all([bastion.stop(), inner.stop()]));
  const key = (): string => join(inner.dir, 'both');
  const config = (text: string): string => {
    const file = join(bastion.dir, 'config');
    writeFileSync(file, `IdentityFile ${key()}\n${text}`);
    return file;
  };
  const via = (): string => `root@127.0.0.1:${bastion.port}`;

  test('logs in to the jump host once, for all that lie behind', async () => {
    const way = trusting([bastion, inner], { sshConfigFile: config('') });
    const address = addressOf(inner, { proxyJump: via(), privateKeyFile: key() });
    const connections = await Promise.all([1, 2, 3].map(() => way.connect(address)));
    // The address an sshd sees is the jump host's end of the stream.
    const { stdout } = await connections[0]!.run({ script: 'echo "$SSH_CONNECTION"' });
    expect(stdout.toString()).toContain(` ${inner.port}`);
    await Promise.all(connections.map(connection => connection.close()));
    const again = await way.connect(address);
    await again.close();
  });

  test('checks the keys of every host on the way', async () => {
    const address = addressOf(inner, { proxyJump: via(), privateKeyFile: key() });
    for (const trusted of [bastion, inner]) {
      const way = trusting([trusted], { sshConfigFile: config('') });
      await expect(way.connect(address)).rejects.toMatchObject({ code: 'E_HOST_KEY' });
    }
  });

  test('goes where ssh_config says, unless the address says none', async () => {
    const text = `Host jump\n  HostName 127.0.0.1\n  Port ${bastion.port}\n  User root\nHost web\n  HostName 127.0.0.1\n  ProxyJump jump\n`;
    const way = trusting([bastion, inner], { sshConfigFile: config(text) });
    const address = addressOf(inner, { host: 'web', privateKeyFile: key() });
    const connection = await way.connect(address);
    await connection.close();
    const direct = await way.connect({ ...address, proxyJump: 'none' });
    await direct.close();
  });

  test('names the host that fails', async () => {
    const way = trusting([bastion, inner], { sshConfigFile: config('') });
    const address = addressOf(inner, { proxyJump: 'root@127.0.0.1:1', privateKeyFile: key() });
    await expect(way.connect(address)).rejects.toMatchObject({ code: 'E_CONNECT', message: expect.stringContaining('port 1)') });
    await expect(way.connect({ ...address, proxyJump: '127.0.0.1:1,a b:c:d' })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test('through the system ssh', async () => {
    const files = [knownFile(bastion.dir, known(bastion) + known(inner))];
    const text = `UserKnownHostsFile ${files[0]}\n`;
    const way = trusting([bastion, inner], { sshConfigFile: config(text), knownHostsFiles: files });
    const connection = await way.connect(addressOf(inner, { connection: 'openssh', proxyJump: via(), privateKeyFile: key() }));
    expect((await connection.run({ script: 'echo far' })).stdout.toString()).toBe('far\n');
    const stream = await connection.forward('127.0.0.1', bastion.port);
    const [banner] = await once(stream, 'data');
    expect(String(banner)).toMatch(/^SSH-2/);
    await connection.close();
  });
});
