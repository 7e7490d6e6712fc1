import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folder, kplay } from './_kplay.ts';

const file = process.env['KPLAY_LAB'];
const SCRATCH = '/tmp/bad-input';
const MIB = 1024 * 1024;

/** Two hosts of the lab that have no Docker. */
describe.runIf(file !== undefined)('on real hosts', () => {
  let key: string;
  let known: string;
  let addresses: readonly [string, string];
  beforeAll(() => {
    const inventory = readFileSync(file ?? '', 'utf8');
    const find = (pattern: RegExp): string => pattern.exec(inventory)?.[1] ?? '';
    key = find(/^ansible_ssh_private_key_file=(\S+)$/m);
    known = find(/UserKnownHostsFile=(\S+)/);
    addresses = [find(/^h4 ansible_host=(\S+)$/m), find(/^h5 ansible_host=(\S+)$/m)];
  });
  afterAll(async () => {
    for (const address of addresses) await remote(address, `umount ${SCRATCH} 2>/dev/null; rm -rf ${SCRATCH}`);
  });

  const remote = async (address: string, command: string): Promise<string> => {
    const options = ['-i', key, '-o', `UserKnownHostsFile=${known}`, '-o', 'BatchMode=yes', `root@${address}`, command];
    const { stdout } = await promisify(execFile)('ssh', options);
    return stdout;
  };
  const inventory = (vars: Readonly<Record<string, string>> = {}, more = ''): string => {
    const all = { ansible_user: 'root', ansible_ssh_private_key_file: key, known, ...vars };
    const { known: knownHosts, ...rest } = all;
    const lines = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    return `[lab]\nh4 ansible_host=${addresses[0]}\nh5 ansible_host=${addresses[1]}\n${more}[lab:vars]\nansible_ssh_common_args=-o UserKnownHostsFile=${knownHosts}\n${lines.join('\n')}\n`;
  };
  const SITE = `- hosts: lab
  gather_facts: false
  tasks:
    - name: leave a mark
      copy: {content: x, dest: ${SCRATCH}/mark}
`;
  /** Both hosts have the scratch folder, and nothing in it. */
  const cleared = async (): Promise<void> => {
    await Promise.all(
      addresses.map(address => remote(address, `umount ${SCRATCH} 2>/dev/null; rm -rf ${SCRATCH}; mkdir -m 777 ${SCRATCH}`)),
    );
  };
  const marked = async (): Promise<readonly boolean[]> => {
    const listed = await Promise.all(addresses.map(address => remote(address, `ls ${SCRATCH}`)));
    return listed.map(names => names.includes('mark'));
  };

  test('a host key that changed: both fingerprints, what to do, nothing done there; others go on', async () => {
    await cleared();
    const dir = folder({ 'site.yml': SITE });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'other')]);
    const other = readFileSync(join(dir, 'other.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    const right = execFileSync('ssh-keygen', ['-F', addresses[1], '-f', known], { encoding: 'utf8' });
    writeFileSync(join(dir, 'known'), `${addresses[0]} ${other}\n${right}`);
    writeFileSync(join(dir, 'hosts'), inventory({ known: join(dir, 'known') }));
    // --accept-new is for new hosts: a changed key stays refused.
    for (const more of [[], ['--accept-new']]) {
      const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', ...more]);
      expect(code).toBe(4);
      expect(stdout).toContain(
        `h4: h4 (${addresses[0]} port 22) shows another host key than the one on record. Someone may be in between.`,
      );
      expect(stdout).toMatch(/on record: ssh-ed25519 SHA256:\S+\n\s+shown: +ssh-ed25519 SHA256:\S+\n/);
      expect(stdout).toContain(
        `hint: If the host was reinstalled: ssh-keygen -f ./known -R ${addresses[0]}, then run again with --accept-new.`,
      );
    }
    expect(await marked()).toEqual([false, true]);
  });

  test('a host met for the first time: its fingerprint and the --accept-new hint; with --accept-new it is recorded', async () => {
    await cleared();
    const dir = folder({ 'site.yml': SITE, known: '' });
    writeFileSync(join(dir, 'hosts'), inventory({ known: join(dir, 'known') }));
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts']);
    expect(code).toBe(4);
    expect(stdout).toMatch(/ {2}h4: The host key of h4 \(\S+ port 22\) is not known yet; it shows \S+ SHA256:\S+\.\n/);
    expect(stdout).toMatch(
      / {2}hint: Compare it with what `ssh-keygen -lf \/etc\/ssh\/ssh_host_\w+_key\.pub` prints on the host, then run again with --accept-new, which records the keys of new hosts \(and never replaces one\)\.\n/,
    );
    expect(await marked()).toEqual([false, false]);
    expect((await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '--accept-new'])).code).toBe(0);
    expect((await kplay(dir, ['run', 'site.yml', '-i', 'hosts'])).code).toBe(0);
  });

  test.each([
    [
      'wrong',
      'wrong\n',
      'The become password for root was not accepted.',
      'Check what -K, --become-password-file or ansible_become_password gives.',
    ],
    ['missing', undefined, 'sudo to root needs a password.', 'Give it with -K or ansible_become_password.'],
  ])('a sudo password that is %s', async (_name, password, message, hint) => {
    await cleared();
    const dir = folder({ 'site.yml': SITE, hosts: inventory({ ansible_user: 'ops' }), password: password ?? '' });
    const given = password === undefined ? [] : ['--become-password-file', 'password'];
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-b', ...given]);
    expect(code).toBe(2);
    expect(stdout).toContain(`  h4: ${message}\n  task: leave a mark\n  at: ./site.yml:4:7\n`);
    expect(stdout).toContain(`  hint: ${hint}\n`);
    expect(await marked()).toEqual([false, false]);
  });

  test('a key with a passphrase, and no agent', async () => {
    const dir = folder({ 'site.yml': SITE });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'phrase', '-f', join(dir, 'locked')]);
    writeFileSync(join(dir, 'hosts'), inventory({ ansible_ssh_private_key_file: join(dir, 'locked') }));
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts']);
    expect(code).toBe(4);
    expect(stdout).toContain(`h4 (${addresses[0]} port 22) refused every way to log in as root.`);
    expect(stdout).toContain('Tried: key ./locked (its passphrase is not known).');
    expect(stdout).toContain('  hint: Open the key first: ssh-add ./locked\n');
  });

  test('a host that does not answer: the others go on, and the status is 4', async () => {
    await cleared();
    const nobody = addresses[0].replace(/\d+$/, '250');
    const dir = folder({ 'site.yml': SITE, hosts: inventory({}, `gone ansible_host=${nobody}\n`) });
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-T', '2']);
    expect(code).toBe(4);
    expect(stdout).toMatch(new RegExp(`gone \\(${nobody} port 22\\) (did not answer within 2 s|cannot be reached: no route to it)\\.`));
    expect(stdout).toMatch(/^gone +: ok=0 +changed=0 +unreachable=1 /m);
    expect(await marked()).toEqual([true, true]);
  });

  test('a disk that fills up in the middle of an upload: the old file is as it was, and nothing half-written stays', async () => {
    await cleared();
    const [address] = addresses;
    await remote(address, `mount -t tmpfs -o size=1m,mode=777 tmpfs ${SCRATCH} && printf old >${SCRATCH}/file`);
    const dir = folder({
      hosts: inventory(),
      'site.yml': `- hosts: lab\n  gather_facts: false\n  tasks:\n    - name: upload\n      copy: {src: large, dest: ${SCRATCH}/file}\n`,
      'files/large': 'x'.repeat(3 * MIB),
    });
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-l', 'h4']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/ {2}h4: .*[Nn]o space left on device/);
    expect(await remote(address, `cat ${SCRATCH}/file; ls -A ${SCRATCH}`)).toBe('oldfile\n');
    await remote(address, `umount ${SCRATCH}`);
  });
});
