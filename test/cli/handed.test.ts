import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { canServe, type Sshd, startSshd } from '../transport/_sshd.ts';
import { kplay, onTerminal, started } from './_kplay.ts';
import { keepers, sshProject } from './_keepers.ts';

const KEEP = ['--keep-connections', '60s'];
/** The process that runs the playbook: whoever of kplay's is nearest above this shell. */
const WHO = `p=$$; while ! tr '\\0' ' ' </proc/$p/cmdline | grep -q dist/cli/; do p=$(awk '/^PPid/ { print $2 }' /proc/$p/status); done
tr '\\0' '\\n' </proc/$p/cmdline | grep dist/cli/ | sed 's/.*[/]//'`;

describe.runIf(canServe)('a command that is handed over to the keeper', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const project = (files: Readonly<Record<string, string>> = {}): string => sshProject(sshd, { 'who.sh': WHO, ...files });
  /** A project whose connections are kept already. */
  const kept = async (files: Readonly<Record<string, string>> = {}): Promise<string> => {
    const dir = project(files);
    expect((await kplay(dir, ['exec', 'web1', '-i', 'hosts', '-m', 'ping', ...KEEP])).code).toBe(0);
    expect(keepers(dir)).toHaveLength(1);
    return dir;
  };
  const shell = (script: string): string[] => ['exec', 'localhost', '-i', 'hosts', '-c', 'local', '-m', 'shell', '-a', script];
  const said = async (dir: string, script: string, ...flags: readonly string[]): Promise<string> =>
    (await kplay(dir, [...shell(script), ...flags])).stdout.trim().split('\n').slice(1).join('\n');

  test('runs in its process, and only where kept connections are asked for', async () => {
    const dir = await kept();
    expect(await said(dir, 'sh who.sh', ...KEEP)).toBe('keeper.js');
    expect(await said(dir, 'sh who.sh')).toBe('main.js');
    expect(await said(dir, 'sh who.sh', '--keep-connections', '0s')).toBe('main.js');
  });

  test('has the environment, the folder and the umask of whoever typed it, and leaves none of them behind', async () => {
    const dir = await kept({ 'deeper/who.sh': WHO });
    const look = 'sh who.sh; umask; pwd; echo $MINE $TZ; date +%H';
    const line = [...shell(look), ...KEEP];
    line[3] = '../hosts';
    const umask = process.umask(0o027);
    onTestFinished(() => void process.umask(umask));
    const here = await kplay(join(dir, 'deeper'), line, { HOME: dir, MINE: 'mine', TZ: 'Asia/Tokyo' });
    expect(here.stdout).toMatch(/keeper\.js\n0027\n\.\nmine Asia\/Tokyo\n/);
    process.umask(umask);
    expect(await said(dir, 'sh who.sh; umask; pwd; echo "[$MINE]"', ...KEEP)).toBe(
      `keeper.js\n${umask.toString(8).padStart(4, '0')}\n.\n[]`,
    );
  });

  const PLAY = `- hosts: web1
  gather_facts: false
  tasks:
    - {name: look, command: echo hi, changed_when: false}
    - {name: fails, command: sh -c 'echo bad >&2; exit 3'}
`;
  test('prints and ends as it does without one', async () => {
    const dir = await kept({ 'site.yml': PLAY, 'broken.yml': '- hosts: [' });
    const timeless = (text: string): string => text.replaceAll(/"(?:start|end|delta)": "[^"]*"/g, '');
    for (const line of [['run', 'site.yml'], ['run', 'site.yml', '--check', '-v'], ['run', 'broken.yml'], ['run', 'none.yml'], ['exec']]) {
      const args = [...line, '-i', 'hosts'];
      const [alone, over] = [await kplay(dir, args), await kplay(dir, [...args, ...KEEP])];
      expect({ ...over, stdout: timeless(over.stdout) }).toEqual({ ...alone, stdout: timeless(alone.stdout) });
    }
  });

  test('is interrupted as it is without one, and what it gave up is not kept', async () => {
    const dir = await kept({ 'wait.yml': '- hosts: web1\n  gather_facts: false\n  tasks:\n    - {name: long, command: sleep 1000}\n' });
    const { child, ran } = started(dir, ['run', 'wait.yml', '-i', 'hosts', ...KEEP]);
    child.stdout!.on('data', (text: string) => text.includes('TASK [long]') && child.kill('SIGINT'));
    const { code, stderr, stdout } = await ran;
    expect(code).toBe(130);
    expect(stdout + stderr).toContain('SIGINT: stopping what runs on the hosts');
    await expect.poll(() => keepers(dir)).toEqual([]);
  });

  test('whose keeper is killed says so, and the next one runs by itself', async () => {
    const dir = await kept({ 'wait.yml': '- hosts: web1\n  gather_facts: false\n  tasks:\n    - {name: long, command: sleep 1000}\n' });
    const [keeper] = keepers(dir) as [number];
    const { child, ran } = started(dir, ['run', 'wait.yml', '-i', 'hosts', ...KEEP]);
    child.stdout!.on('data', (text: string) => text.includes('TASK [long]') && process.kill(keeper, 'SIGKILL'));
    const { code, stderr } = await ran;
    expect(code).toBe(1);
    expect(stderr).toContain('the keeper of connections ended while it ran this command');
    expect(await said(dir, 'sh who.sh', ...KEEP)).toBe('main.js');
  });

  test('is one at a time: the other one runs by itself', async () => {
    const dir = await kept();
    const first = started(dir, [...shell('sh who.sh; mkfifo there; read answer <there'), ...KEEP]);
    await expect.poll(() => existsSync(join(dir, 'there')), { timeout: 20_000 }).toBe(true);
    expect(await said(dir, 'sh who.sh; echo done >there', ...KEEP)).toBe('main.js');
    expect((await first.ran).stdout).toContain('keeper.js');
  });

  test('asks on the terminal of whoever typed it, and is shown live there', async () => {
    const dir = await kept({
      'ask.yml': `- hosts: web1
  gather_facts: false
  vars_prompt: [{name: colour, prompt: Which colour, private: false}]
  tasks: [{name: tell, debug: {msg: "{{ colour }} it is, by {{ lookup('pipe', 'sh ./who.sh') }}"}}]
`,
    });
    const { code, screen } = await onTerminal(dir, ['run', 'ask.yml', '-i', 'hosts', ...KEEP], {
      question: 'Which colour',
      answer: 'blue',
    });
    expect(code).toBe(0);
    expect(screen).toMatch(/blue it is, by keeper\.js/);
    expect(screen).toMatch(/✔ PLAY \[web1\] {2}1 host, 1 task/);
  });

  test('shows much output whole', async () => {
    const dir = await kept();
    const shown = await said(dir, "head -c 300000 /dev/zero | tr '\\0' x", ...KEEP);
    expect([shown.length, shown.replaceAll('x', '')]).toEqual([300_000, '']);
  });

  test('goes on where nobody reads what it prints', async () => {
    const dir = await kept({
      'much.yml': `- hosts: web1
  gather_facts: false
  tasks:
    - {name: much, debug: {msg: "{{ 'x' * 1000000 }}"}}
    - {name: then, copy: {dest: '{{ playbook_dir }}/done', content: x}}
`,
    });
    const { child, ran } = started(dir, ['run', 'much.yml', '-i', 'hosts', ...KEEP]);
    child.stdout!.once('data', () => child.stdout!.destroy());
    await ran;
    expect(existsSync(join(dir, 'done'))).toBe(true);
  });

  test('leaves what only its own process can read to it', async () => {
    const dir = await kept({ password: '#!/bin/sh\necho secret\n' });
    const { child, ran } = started(dir, [...shell('sh who.sh'), ...KEEP, '--become-password-file', '-']);
    // It waits for a password that comes late: read(2) of descriptor 0.
    await vi.waitFor(() => expect(readFileSync(`/proc/${child.pid}/syscall`, 'utf8')).toMatch(/^(?:0|63) 0x0 /), { timeout: 10_000 });
    child.stdin!.end('secret\n');
    expect((await ran).stdout).toMatch(/^main\.js$/m);
    // Node.js gives its children a socket, which has no name to be opened by.
    expect(await said(dir, 'sh who.sh', ...KEEP, '--become-password-file', '/dev/stdin')).not.toContain('keeper.js');
    await said(dir, 'chmod 700 password', ...KEEP);
    expect(await said(dir, 'sh who.sh', ...KEEP, '--vault-password-file', 'password')).toBe('main.js');
  });
});
