import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keygen } from './_keys.ts';
import { addressOf, canServe, known, knownFile, type Sshd, startSshd, trusting } from './_sshd.ts';

describe.runIf(canServe)('host keys', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  const meet = async (text: string, more: Parameters<typeof trusting>[1] = {}): Promise<string> => {
    const file = knownFile(sshd.dir, text);
    const connection = await trusting([sshd], { knownHostsFiles: [file], ...more }).connect(addressOf(sshd));
    await connection.close();
    return readFileSync(file, 'utf8');
  };
  const stranger = (name: string): string => keygen(join(sshd.dir, name));

  test('an unknown one is shown with its fingerprint and the way on', async () => {
    const print = spawnSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_ed25519.pub')], { encoding: 'utf8' }).stdout.split(' ')[1];
    await expect(meet('')).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining(`${print}`),
      hint: expect.stringContaining('--accept-new'),
    });
  });

  test('a changed one names the line on record, both fingerprints and the command', async () => {
    const failed = meet(`# first line\n[127.0.0.1]:${sshd.port} ${stranger('changed')}\n`);
    await expect(failed).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      at: { line: 2, file: expect.stringContaining('known_hosts') },
      detail: expect.stringMatching(/SHA256:[^]*SHA256:/),
      hint: expect.stringMatching(/ssh-keygen -f \S+ -R '\[127\.0\.0\.1\]:\d+'/),
    });
    await expect(meet(`[127.0.0.1]:${sshd.port} ${stranger('again')}\n`, { hostKeyPolicy: 'accept-new' })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
    });
  });

  test('a revoked one is refused whatever else is on record', async () => {
    const revoked = Object.values(sshd.hostKeys).map(key => `@revoked * ${key}\n`);
    await expect(meet(known(sshd) + revoked.join(''), { hostKeyPolicy: 'accept-new' })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining('revoked'),
      at: { line: 3 },
    });
  });

  test('of several the host has, the one on record is asked for', async () => {
    await meet(`[127.0.0.1]:${sshd.port} ${sshd.hostKeys.ecdsa}\n`);
    await meet(`[127.0.0.1]:${sshd.port} ${sshd.hostKeys.ed25519}\n`);
  });

  test('may be hashed', async () => {
    const file = knownFile(sshd.dir, known(sshd));
    spawnSync('ssh-keygen', ['-H', '-f', file]);
    await meet(readFileSync(file, 'utf8'));
  });

  test('with accept-new, new ones are recorded once, whatever connects at the same time', async () => {
    const file = join(sshd.dir, 'fresh', 'known_hosts');
    const way = trusting([sshd], { knownHostsFiles: [file], hostKeyPolicy: 'accept-new' });
    const connections = await Promise.all(Array.from({ length: 8 }, () => way.connect(addressOf(sshd))));
    await Promise.all(connections.map(connection => connection.close()));
    expect(readFileSync(file, 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKeys.ed25519}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(sshd.dir, 'fresh')).mode & 0o777).toBe(0o700);
  });

  test('are added after a file that ends without a newline', async () => {
    expect(await meet('# no newline', { hostKeyPolicy: 'accept-new' })).toBe(
      `# no newline\n[127.0.0.1]:${sshd.port} ${sshd.hostKeys.ed25519}\n`,
    );
  });

  test('are not looked at where Ansible is told not to', async () => {
    expect(await meet('', { hostKeyPolicy: 'off' })).toBe('');
  });

  test('are looked up and recorded as ssh_config says', async () => {
    const config = join(sshd.dir, 'config');
    writeFileSync(config, 'Host 127.*\n  HostKeyAlias fleet\n  StrictHostKeyChecking accept-new\n  HashKnownHosts yes\n');
    const text = await meet('', { sshConfigFile: config });
    expect(text).toMatch(/^\|1\|/);
    const file = knownFile(sshd.dir, text);
    expect(spawnSync('ssh-keygen', ['-F', 'fleet', '-f', file]).status).toBe(0);
  });

  test('that an authority signed are checked by the system ssh', async () => {
    const authority = stranger('authority');
    const host = join(sshd.dir, 'host_ed25519');
    const sign = ['-q', '-s', join(sshd.dir, 'authority'), '-I', 'host', '-h', '-n', '127.0.0.1', `${host}.pub`];
    expect(spawnSync('ssh-keygen', sign).status).toBe(0);
    const certified = await startSshd({ config: [`HostKey ${host}`, `HostCertificate ${host}-cert.pub`] });
    const files = (text: string): string[] => [knownFile(sshd.dir, text)];
    const good = files(`@cert-authority 127.0.0.1,[127.0.0.1]:${certified.port} ${authority}\n`);
    const connection = await trusting([certified], { knownHostsFiles: good }).connect(addressOf(certified));
    expect((await connection.run({ script: 'echo certified' })).stdout.toString()).toBe('certified\n');
    await connection.close();
    const bad = files(`@cert-authority [127.0.0.1]:${certified.port} ${stranger('impostor')}\n`);
    const failed = trusting([certified], { knownHostsFiles: bad }).connect(addressOf(certified));
    await expect(failed).rejects.toMatchObject({ code: 'E_HOST_KEY' });
    await certified.stop();
    expect(existsSync(certified.dir)).toBe(false);
  });
});
