import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { kplay } from './_kplay.ts';

/** The machine that runs the job, and one that is kept as it should be: two that have no Docker. */
const [JOB, KEPT] = (process.env['KPLAY_CONVERGE_HOSTS'] ?? 'h6 h7').split(' ') as [string, string];
const HOME = join(import.meta.dirname, '../..');
const LAB = process.env['KPLAY_LAB'] ?? '';
const lab = readFileSync(LAB, 'utf8');
const find = (pattern: RegExp): string => pattern.exec(lab)?.[1] ?? '';
const addressOf = (name: string): string => find(new RegExp(`^${name} ansible_host=(\\S+)$`, 'm'));
const key = find(/^ansible_ssh_private_key_file=(\S+)$/m);
const known = find(/UserKnownHostsFile=(\S+)/);
const login = (name: string): string[] => [
  '-i',
  key,
  '-o',
  `UserKnownHostsFile=${known}`,
  '-o',
  'BatchMode=yes',
  `root@${addressOf(name)}`,
];
const on = async (name: string, command: string): Promise<string> => (await promisify(execFile)('ssh', [...login(name), command])).stdout;

const LOGS = '/var/log/kplay-test';
const MARK = '/etc/kplay-converge-test';
const SITE = `- hosts: kept
  gather_facts: false
  become: true
  tasks:
    - name: leave a mark
      copy: {content: as it should be, dest: ${MARK}}
`;
/** Sent as it is to the machine that runs the job. */
const PROJECT: Readonly<Record<string, string>> = {
  'site.yml': SITE,
  // Whoever runs it by night has no root there: the password is in a file.
  hosts: `[kept]
${KEPT} ansible_host=${addressOf(KEPT)} ansible_user=ops ansible_ssh_private_key_file=/srv/site/key
[kept:vars]
ansible_ssh_common_args=-o UserKnownHostsFile=/srv/site/known_hosts
`,
  password: 'secret\n',
  key: readFileSync(key, 'utf8'),
  known_hosts: readFileSync(known, 'utf8'),
};
const VARIABLES = {
  converge_on: JOB,
  converge_dir: '/srv/site',
  converge_playbook: 'site.yml',
  converge_inventory: 'hosts',
  converge_become_password_file: 'password',
  converge_command: '/opt/kplay/bin/kplay',
  converge_log_dir: LOGS,
  converge_jitter: '0s',
};
const install = (vars: object) => kplay(HOME, ['run', 'converge.yaml', '-i', LAB, '-e', JSON.stringify({ ...VARIABLES, ...vars })]);
/** How many runs have come to their end. */
const ended = async (): Promise<number> => Number(await on(JOB, `tail -qn 1 ${LOGS}/*.log 2>/dev/null | grep -c ' exit code ' || true`));
const drift = (): Promise<string> => on(KEPT, `echo something else > ${MARK}`);
const mark = (): Promise<string> => on(KEPT, `cat ${MARK}`);

let scratch: string;
const clean = async (): Promise<void> => {
  await install({ converge_schedule: 'none' });
  await on(JOB, `rm -rf ${LOGS}`);
  await on(KEPT, `rm -f ${MARK}`);
};
const remove = (): Promise<string> => on(JOB, 'rm -rf /srv/site /opt/kplay');
/** How often cron had something to mail, and nobody to send it. */
const mails = async (): Promise<number> => Number(await on(JOB, "journalctl -t CRON -o cat | grep -c 'discarding output' || true"));

// The machine gets kplay as npm installs it anywhere: the package, what it needs, and a Node.js of its own.
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'kplay-converge-'));
  await remove();
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch], { cwd: HOME, stdio: 'ignore' });
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--ignore-scripts'];
  execFileSync('sh', ['-c', 'npm install --global --prefix "$0/kplay" "$@" "$0"/*.tgz', scratch, ...quiet]);
  for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(scratch, name), text, { mode: 0o600 });
  const tar = spawn('tar', ['-C', scratch, '-cf', '-', 'kplay', ...Object.keys(PROJECT)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const there = spawn('ssh', [...login(JOB), `mkdir /srv/site && tar -C /srv/site -xf - && mv /srv/site/kplay /opt/kplay`], {
    stdio: [tar.stdout, 'inherit', 'inherit'],
  });
  expect(await once(there, 'exit')).toEqual([0, null]);
}, 200_000);
beforeEach(clean);
afterAll(async () => {
  await clean();
  await remove();
  rmSync(scratch, { recursive: true, force: true });
});

test('cron runs it: drift is repaired, then nothing is found and nothing is said', { timeout: 300_000 }, async () => {
  const cron = { converge_cron: '* * * * *' };
  const before = await mails();
  expect((await install(cron)).stdout).toMatch(new RegExp(`^${JOB} .*changed=3 .*failed=0`, 'm'));
  expect((await install(cron)).stdout).toMatch(new RegExp(`^${JOB} .*changed=0 .*failed=0`, 'm'));
  await vi.waitUntil(async () => (await ended()) >= 2, { timeout: 150_000, interval: 1000 });
  expect(await mark()).toBe('as it should be');
  const [first = '', second = ''] = (await on(JOB, `cd ${LOGS} && for log in *.log; do cat "$log"; printf '\\001'; done`)).split('\u0001');
  expect(first).toMatch(
    new RegExp(`Z check of /srv/site/site.yml\n[^]*changed: \\[${KEPT}\\][^]*Z run of[^]*changed: \\[${KEPT}\\][^]* exit code 0\n$`),
  );
  expect(second).toMatch(new RegExp(`^20\\S+Z check of /srv/site/site.yml\n[^]*\nok: \\[${KEPT}\\][^]* exit code 0\n$`));
  expect(second).not.toMatch(/ run of |changed: /);
  expect(await on(JOB, `stat -c '%a' ${LOGS} ${LOGS}/* | sort | uniq -c | sed 's/ \\+/ /'`)).toMatch(/ \d+ 600\n 1 700\n/);
  expect(await mails()).toBe(before + 1);
});

test('a timer runs it instead, with no HOME and no terminal; a refusal is a unit that failed', { timeout: 300_000 }, async () => {
  const timer = { converge_schedule: 'timer', converge_calendar: '*-*-* 03:00:00' };
  expect((await install(timer)).stdout).toMatch(new RegExp(`^${JOB} .*failed=0`, 'm'));
  expect((await install(timer)).stdout).toMatch(new RegExp(`^${JOB} .*changed=0 .*failed=0`, 'm'));
  expect(await on(JOB, 'systemctl list-timers --all kplay-converge.timer')).toContain('kplay-converge.service');
  await drift();
  await on(JOB, 'systemctl start kplay-converge.service');
  expect(await mark()).toBe('as it should be');
  expect(await on(JOB, 'systemctl show -p ExecMainStatus,Result kplay-converge.service')).toBe('Result=success\nExecMainStatus=3\n');
  await on(JOB, 'systemctl start kplay-converge.service');
  expect(await on(JOB, 'systemctl show -p ExecMainStatus,Result kplay-converge.service')).toBe('Result=success\nExecMainStatus=0\n');

  expect((await install({ ...timer, converge_max_changed_hosts: '0' })).code).toBe(0);
  await drift();
  await expect(on(JOB, 'systemctl start kplay-converge.service')).rejects.toThrow('failed');
  expect(await on(JOB, 'systemctl show -p ExecMainStatus,Result kplay-converge.service')).toBe('Result=exit-code\nExecMainStatus=6\n');
  expect(await on(JOB, 'journalctl -u kplay-converge.service -o cat')).toContain('1 of 1 hosts would change, and at most 0 may');
  expect(await mark()).toBe('something else\n');
});

test('none takes everything away again, the logs excepted', async () => {
  const none = { converge_schedule: 'none' };
  expect((await install({ converge_schedule: 'timer' })).code).toBe(0);
  expect((await install(none)).code).toBe(0);
  expect((await install(none)).stdout).toMatch(new RegExp(`^${JOB} .*changed=0 .*failed=0`, 'm'));
  expect(await on(JOB, 'ls /etc/cron.d /etc/systemd/system /usr/local/sbin')).not.toContain('kplay-converge');
});
