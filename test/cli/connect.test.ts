import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { alive, canUnshare } from '../transport/_shells.ts';
import { canServe, known, type Sshd, startAgent, startSshd } from '../transport/_sshd.ts';
import { amongUsers, PASSWORDS } from '../transport/_users.ts';
import { folder, kplay, onTerminal, type Ran, started } from './_kplay.ts';

/** The process that a file names; 0 as long as there is none. */
const pidIn = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/** A real sshd, where ops may sudo with a password and free without. */
describe.runIf(canServe && canUnshare)('over ssh', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ under: amongUsers(), config: ['PasswordAuthentication yes'] });
    chmodSync(sshd.dir, 0o755);
  });
  afterAll(() => sshd.stop());

  /** The host is known, and no user or key is named. */
  const inventory = (more: Readonly<Record<string, string>> = {}): string => {
    const dir = folder({ ...more, known: known(sshd), password: `${PASSWORDS.ops}\n` });
    const options = `-o UserKnownHostsFile=${join(dir, 'known')}`;
    writeFileSync(join(dir, 'hosts'), `web1 ansible_host=127.0.0.1 ansible_port=${sshd.port} ansible_ssh_common_args='${options}'\n`);
    return dir;
  };
  const whoami = (...flags: readonly string[]): readonly string[] => ['exec', 'all', '-i', 'hosts', '-a', 'id -un', ...flags];
  const key = (): readonly string[] => ['--private-key', sshd.userKey];
  const asked = (name: string): object => ({ code: 0, stdout: expect.stringContaining(`web1 | CHANGED | rc=0 >>\n${name}\n`) });

  test.each<[line: string, user: string]>([
    ['-u root', 'root'],
    ['-u ops', 'ops'],
    ['-u free -b', 'root'],
    ['-u free -b --become-user app', 'app'],
    ['-u ops -b --become-password-file password', 'root'],
    ['-u root -b --become-method su --become-user ops', 'ops'],
  ])('%s, with --private-key', async (line, user) => {
    expect(await kplay(inventory(), whoami(...key(), ...line.split(' ')))).toMatchObject(asked(user));
  });

  test('--connection-password-file logs in with a password', async () => {
    expect(await kplay(inventory(), whoami('-u', 'ops', '--connection-password-file', 'password'))).toMatchObject(asked('ops'));
  });

  test('~/.ssh/config leads to a host; its key is asked for once, and recorded in ~/.ssh/known_hosts', async () => {
    const config = `Host web1\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ops\n  IdentityFile ${sshd.userKey}\n`;
    const home = folder({ '.ssh/config': config });
    const ask = (...flags: readonly string[]): Promise<Ran> => kplay(home, ['exec', 'all', '-i', 'web1,', '-a', 'id -un', ...flags]);
    expect(await ask()).toMatchObject({ code: 4, stdout: expect.stringMatching(/is not known yet; it shows .* SHA256:.*--accept-new/s) });
    expect(await ask('--accept-new')).toMatchObject(asked('ops'));
    // Debian hashes the name.
    const [[, ...key] = []] = readFileSync(join(home, '.ssh/known_hosts'), 'utf8')
      .split('\n')
      .map(line => line.split(' '));
    expect(key.join(' ')).toBe(sshd.hostKeys.ed25519);
    expect(await ask()).toMatchObject(asked('ops'));
  });

  test('-K asks on the terminal, and shows nothing of the answer', async () => {
    const { code, screen } = await onTerminal(inventory(), whoami('-u', 'ops', '-b', '-K', ...key()), {
      question: 'BECOME password: ',
      answer: PASSWORDS.ops,
    });
    expect([code, screen]).toEqual([0, expect.stringMatching(/BECOME password: \s+web1 \| CHANGED \| rc=0 >>\s+root\s/)]);
    expect(screen).not.toContain(PASSWORDS.ops);
  });

  test('the agent that SSH_AUTH_SOCK names has a key', async () => {
    const agent = await startAgent(join(sshd.dir, 'agent'));
    onTestFinished(() => agent.stop());
    const env = { SSH_AUTH_SOCK: agent.socket };
    execFileSync('ssh-add', ['-q', sshd.userKey], { env: { ...process.env, ...env } });
    expect(await kplay(inventory(), whoami('-u', 'ops'), env)).toMatchObject(asked('ops'));
    expect(await kplay(inventory(), whoami('-u', 'ops'))).toMatchObject({ code: 4 });
  });

  test('a key with a passphrase is opened on the terminal', async () => {
    const dir = inventory({ key: readFileSync(sshd.userKey, 'utf8') });
    chmodSync(join(dir, 'key'), 0o600);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', join(dir, 'key')]);
    const { code, screen } = await onTerminal(dir, whoami('-u', 'root', '--private-key', 'key'), {
      question: 'Enter passphrase for key',
      answer: 'open sesame',
    });
    expect([code, screen]).toEqual([0, expect.stringMatching(/web1 \| CHANGED \| rc=0 >>\s+root\s/)]);
    expect(screen).not.toContain('sesame');
  });

  test('--timeout: a host that says nothing is given up, with status 4', async () => {
    const silent = createServer();
    await new Promise<void>(done => void silent.listen(0, '127.0.0.1', done));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stdout } = await kplay(folder({}), [
      'exec',
      'all',
      '-i',
      '127.0.0.1,',
      '-e',
      `ansible_port=${port}`,
      '-m',
      'ping',
      '-T',
      '1',
    ]);
    expect([code, stdout]).toEqual([4, expect.stringContaining('within 1 s')]);
  });

  test('Ctrl-C ends what runs on the host, tells what is unknown, and the status is 130', async () => {
    const site =
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - name: long\n      shell: echo $$ >{{ mark }}; sleep 4321\n    - name: later\n      command: "true"\n';
    const dir = inventory({ 'site.yml': site });
    const mark = join(dir, 'pid');
    const { child, ran } = started(dir, ['run', 'site.yml', '-i', 'hosts', '-u', 'root', '-e', `mark=${mark}`, ...key()]);
    await expect.poll(() => pidIn(mark), { timeout: 60_000 }).toBeGreaterThan(0);
    const pid = pidIn(mark);
    expect(alive(pid)).toBe(true);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ran;
    expect(code).toBe(130);
    expect(alive(pid)).toBe(false);
    expect(stderr).toContain('SIGINT: stopping what runs on the hosts');
    expect(stdout).toMatch(/web1.*unknown|unknown.*web1/i);
    expect(stdout).not.toContain('TASK [later]');
  });
});
