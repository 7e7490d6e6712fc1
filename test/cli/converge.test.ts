import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { converge } from '../../src/cli/converge.ts';
import type { Io } from '../../src/cli/io.ts';
import { removeOld } from '../../src/cli/run-logs.ts';
import type { ConvergeSettings, RunSettings } from '../../src/cli/settings.ts';
import { FakeClock } from '../engine/_fake.ts';
import { ended, task } from '../report/_events.ts';
import { folder, kplay, started } from './_kplay.ts';
import { around } from './_system.ts';

const HOSTS = ['a', 'b', 'c', 'd'];
const inventory = (...lines: readonly string[]): string => [...HOSTS, ...lines, '[all:vars]', 'ansible_connection=local', ''].join('\n');
const SITE = `- hosts: all
  gather_facts: false
  tasks:
    - name: leave a mark
      copy: {content: x, dest: "{{ playbook_dir }}/{{ inventory_hostname }}.mark"}
    - debug: {msg: hello}
`;
const mark = (dir: string, host: string): string => join(dir, `${host}.mark`);
/** Four hosts that are as they should be, all on this machine, but for those named. */
const site = (drifted: readonly string[] = [], text = SITE, hosts = inventory()): string => {
  const dir = folder({ 'site.yml': text, hosts });
  for (const host of HOSTS) if (!drifted.includes(host)) writeFileSync(mark(dir, host), 'x');
  return dir;
};
const nightly = (dir: string, ...more: readonly string[]) => kplay(dir, ['converge', 'site.yml', '-i', 'hosts', ...more]);

describe('what becomes of drift', () => {
  test('none: nothing is said, not even a warning', async () => {
    expect(await nightly(site(), '--tags', 'all,none')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('of one host: it is repaired, and only that is told', async () => {
    const dir = site(['b']);
    const { code, stdout, stderr } = await nightly(dir);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout.replaceAll(/\*+/g, '*')).toBe(`
PLAY [all] *

TASK [leave a mark] *
changed: [b]

PLAY RECAP *
b                          : ok=2    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

`);
    expect(existsSync(mark(dir, 'b'))).toBe(true);
    expect(await nightly(dir)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.for([
    [[], 'at most 1 may (--max-changed-hosts 10%)', 6],
    [['--max-changed-hosts', '0'], 'at most 0 may (--max-changed-hosts 0)', 6],
    [['--max-changed-hosts', '49%'], 'at most 1 may (--max-changed-hosts 49%)', 6],
    [['--max-changed-hosts', '50%'], '', 3],
    [['--max-changed-hosts', '2'], '', 3],
  ] as const)('of two hosts in four, with %o', async ([more, why, code]) => {
    const dir = site(['b', 'd']);
    const ran = await nightly(dir, ...more);
    expect(ran.code).toBe(code);
    expect(ran.stdout).toMatch(/changed: \[b\]\nchanged: \[d\]\n[^]*\nb .*changed=1 .*\nd .*changed=1 /);
    expect(ran.stderr).toBe(code === 6 ? `[WARNING]: 2 of 4 hosts would change, and ${why}: nothing was changed\n` : '');
    expect(existsSync(mark(dir, 'b'))).toBe(code === 3);
  });

  test('a task that fails: nothing is changed in the look; what fails in the repair is told as ever', async () => {
    const failing = `${SITE}    - {fail: {msg: no}, when: inventory_hostname == "c" and WHEN}\n`;
    const look = site(['b'], failing.replace('WHEN', 'true'));
    expect(await nightly(look)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('fatal: [c]: FAILED!'),
      stderr: expect.stringMatching(/^\[WARNING\]: the check failed, .*: nothing was changed\n$/),
    });
    expect(existsSync(mark(look, 'b'))).toBe(false);
    const repair = site(['b'], failing.replace('WHEN', 'not ansible_check_mode'));
    expect(await nightly(repair)).toMatchObject({ code: 2, stdout: expect.stringContaining('fatal: [c]: FAILED!'), stderr: '' });
    expect(existsSync(mark(repair, 'b'))).toBe(true);
  });

  test('a host that is unreachable', async () => {
    const dir = site(['b'], SITE, inventory('[gone]', 'gone ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1'));
    expect(await nightly(dir)).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/^gone .*unreachable=1 /m),
      stderr: '[WARNING]: a host was unreachable: nothing was changed\n',
    });
    expect(existsSync(mark(dir, 'b'))).toBe(false);
  });

  test('a playbook that does not parse says so, and nothing of hosts', async () => {
    const { code, stdout, stderr } = await nightly(site([], '- hosts: all\n  tasks: [{nonsense: {}}]\n'));
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('nonsense');
    expect(stderr).not.toContain('nothing was changed');
  });
});

/** An etcd of three members on this machine, of which two are down. */
const sickCluster = async (): Promise<number> => {
  let port = 0;
  const members = (): object[] => ['a', 'b', 'c'].map((name, i) => ({ ID: name, name, clientURLs: [`http://127.0.0.1:${i ? 1 : port}`] }));
  const server = createServer((request, response) => {
    const body = request.url === '/health' ? { health: 'true' } : { header: { member_id: 'a' }, members: members() };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>(up => server.listen(0, '127.0.0.1', up));
  onTestFinished(() => void server.close());
  ({ port } = server.address() as AddressInfo);
  return port;
};

test('what a guard would refuse is refused before anything is changed', async () => {
  const text = SITE.replace('      copy:', '      guard: etcd_quorum\n      copy:').replace(
    'tasks:',
    'tasks:\n    - copy: {content: x, dest: "{{ playbook_dir }}/{{ inventory_hostname }}.first"}',
  );
  const dir = site(['a'], text, inventory(`[all:vars]\netcd_client_port=${await sickCluster()}`, '[etcds]', 'a', 'b', 'c'));
  const { code, stdout, stderr } = await nightly(dir, '-l', 'a');
  expect({ code, stderr }).toEqual({ code: 6, stderr: '[WARNING]: a guard would refuse: nothing was changed\n' });
  expect(stdout).toContain('taking etcd on a down would leave 0 of 3');
  expect(readdirSync(dir).filter(name => name.startsWith('a.'))).toEqual([]);
  // A plain check asks no guard.
  expect((await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-l', 'a', '--check'])).code).toBe(0);
});

describe('one at a time', () => {
  /** Says that it is under way, and goes on when told to. */
  const WAITING = `- hosts: a
  gather_facts: false
  tasks:
    - {shell: "echo up > {{ playbook_dir }}/up; cat {{ playbook_dir }}/go", check_mode: false, changed_when: false}
`;
  const waiting = async (command: string) => {
    const dir = site([], WAITING);
    execFileSync('mkfifo', [join(dir, 'up'), join(dir, 'go')]);
    writeFileSync(join(dir, 'other.yml'), SITE);
    const { child, ran } = started(dir, [command, 'site.yml', '-i', 'hosts']);
    await readFile(join(dir, 'up'));
    const goOn = (): Promise<void> => writeFile(join(dir, 'go'), '');
    return { dir, child, ran, goOn };
  };
  const other = (dir: string, command: string, ...more: readonly string[]) => kplay(dir, [command, 'other.yml', '-i', './hosts', ...more]);
  const busy = (command: string, pid: number | undefined) =>
    expect.stringMatching(
      new RegExp(
        `^ERROR! \\./hosts is being worked on by kplay ${command} of .+, pid ${pid}, since 20\\S+Z\\n  hint: wait until it is done\\n$`,
      ),
    );

  test('while a human is at work, nothing is looked for; other humans may', async () => {
    const { dir, child, ran, goOn } = await waiting('run');
    expect(await other(dir, 'converge')).toEqual({ code: 6, stdout: '', stderr: busy('run', child.pid) });
    expect((await other(dir, 'run')).code).toBe(0);
    await goOn();
    expect((await ran).code).toBe(0);
    expect((await other(dir, 'converge')).code).toBe(0);
  });

  test('while the job is at work, humans and other jobs keep out, unless they only look', async () => {
    const { dir, child, ran, goOn } = await waiting('converge');
    for (const command of ['run', 'converge'])
      expect(await other(dir, command)).toEqual({ code: 6, stdout: '', stderr: busy('converge', child.pid) });
    expect((await other(dir, 'run', '--check')).code).toBe(0);
    expect((await kplay(dir, ['run', 'other.yml', '-i', 'a,', '-c', 'local'])).code).toBe(0);
    await goOn();
    expect((await ran).code).toBe(0);
  });

  test('who was killed keeps nobody out', async () => {
    const { dir, child, ran, goOn } = await waiting('converge');
    child.kill('SIGKILL');
    await ran;
    expect((await other(dir, 'converge')).code).toBe(0);
    await goOn();
  });
});

describe('the logs', () => {
  const secret = SITE.replace('      copy:', '      no_log: true\n      copy:').replace('content: x', 'content: "{{ word }}"');

  test('hold the check and the run, whole, for their owner only, and no secrets', async () => {
    const dir = site(['b'], secret);
    const words = ['-e', 'word=x', '-D'];
    writeFileSync(join(dir, 'password'), 'hunter2\n', { mode: 0o600 });
    expect((await nightly(dir, ...words, '--log-dir', 'logs', '--become-password-file', 'password')).code).toBe(3);
    const names = readdirSync(join(dir, 'logs')).toSorted();
    expect(names).toEqual(
      ['log', 'ndjson'].map(end => expect.stringMatching(`^20\\d\\d-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-[0-9a-f]{12}\\.${end}$`)),
    );
    const [lines = '', events = ''] = names.map(name => readFileSync(join(dir, 'logs', name), 'utf8'));
    const parsed = events
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    expect(parsed.filter(({ type }) => type === 'run-start').map(({ check }) => check)).toEqual([true, false]);
    expect(parsed.at(-1)).toMatchObject({ type: 'run-end', exitCode: 0 });
    expect(lines).toMatch(/^20\S+Z check of .*site\.yml\n[^]*ok: \[a\]\nchanged: \[b\]\n[^]* run of [^]* exit code 0\n$/);
    expect(lines + events).not.toMatch(/hunter2|"content":"x"/);
    for (const name of names) expect(statSync(join(dir, 'logs', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'logs')).mode & 0o777).toBe(0o700);
  });

  test('say why nothing was changed', async () => {
    const dir = site(['a', 'b']);
    await nightly(dir, '--log-dir', 'logs');
    const text = readdirSync(join(dir, 'logs')).map(name => readFileSync(join(dir, 'logs', name), 'utf8'));
    for (const one of text) expect(one).toContain('2 of 4 hosts would change');
  });

  test.for([
    [{ runs: 1 }, ['2026-03-03T03-00-00Z-cc']],
    [{ ageMs: 36 * 3_600_000 }, ['2026-03-02T03-00-00Z-bb', '2026-03-03T03-00-00Z-cc']],
  ] as const)('are kept as %o says, and other files always', ([keep, kept]) => {
    const runs = ['2026-03-01T03-00-00Z-aa', '2026-03-02T03-00-00Z-bb', '2026-03-03T03-00-00Z-cc'];
    const dir = folder(Object.fromEntries(['notes.log', ...runs.flatMap(run => [`${run}.log`, `${run}.ndjson`])].map(name => [name, ''])));
    removeOld(dir, keep, new Date('2026-03-03T04:00:00Z'));
    expect(readdirSync(dir).toSorted()).toEqual([...kept.flatMap(run => [`${run}.log`, `${run}.ndjson`]), 'notes.log']);
  });

  test('--keep counts the run that just was', async () => {
    const dir = site();
    for (const _ of [1, 2]) await nightly(dir, '--log-dir', 'logs', '--keep', '1');
    expect(readdirSync(join(dir, 'logs'))).toHaveLength(2);
  });

  test('need a folder that can be written', async () => {
    const dir = site(['a']);
    expect(await nightly(dir, '--log-dir', 'hosts/logs')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('log folder ./hosts/logs'),
    });
    expect(existsSync(mark(dir, 'a'))).toBe(false);
  });
});

test('a password that everybody may read is refused; a program that gives one is not', async () => {
  const dir = site();
  writeFileSync(join(dir, 'password'), '#!/bin/sh\necho secret\n');
  const given = ['--become-password-file', 'password'];
  chmodSync(join(dir, 'password'), 0o644);
  expect(await nightly(dir, ...given)).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: chmod 600 ./password') });
  for (const mode of [0o755, 0o640]) {
    chmodSync(join(dir, 'password'), mode);
    expect((await nightly(dir, ...given)).code).toBe(0);
  }
});

test('wrong words on the command line', async () => {
  for (const more of [['--jitter', '10'], ['--keep', 'long'], ['--keep', '0'], ['--max-changed-hosts', 'all'], ['--check']])
    expect((await nightly(site(), ...more)).code, more.join(' ')).toBe(2);
});

test('as cron calls it: no terminal, no HOME, a PATH of two folders, no environment but that', () => {
  const dir = site();
  const said = execFileSync(
    'env',
    ['-i', 'PATH=/usr/bin:/bin', join(import.meta.dirname, '../../bin/kplay'), 'converge', 'site.yml', '-i', 'hosts'],
    {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    },
  );
  expect(said).toBe('');
});

const settings: ConvergeSettings = {
  run: { inventory: ['/nowhere'] } as unknown as RunSettings,
  maxChanged: { percent: 10 },
  jitterMs: 600_000,
};
const ioOf = (signal = new AbortController().signal, emit: Io['emit'] = () => undefined): Io => ({
  emit,
  resultsUnread: false,
  signal,
  terminal: around.terminal,
  diagnose: () => undefined,
  write: () => undefined,
});

test.for([
  ['docker_run', 'ok', 6],
  ['docker_run', 'failed', 2],
  // A host that is not well at the end of its permit.
  ['guard', 'ok', 2],
] as const)('a repair that a guard stops at %s, while another host %s, ends with %i', async ([action, another, code]) => {
  const told: string[] = [];
  const io = ioOf(undefined, event => event.type === 'warning' && told.push(event.message));
  const run = async ({ check }: RunSettings, { emit }: Io): Promise<number> => {
    if (check) emit(ended(task(1), 'a', 'changed'));
    else {
      emit(ended(task(1, { action }), 'a', 'failed', { code: 'E_GUARD' }));
      emit(ended(task(1), 'b', another));
    }
    return check ? 0 : 2;
  };
  expect(await converge(settings, io, { run, clock: new FakeClock(), random: () => 0 })).toBe(code);
  expect(told).toEqual(code === 6 ? ['a guard stopped the repair'] : []);
});

test('it begins at some time within the jitter, and can be interrupted until then', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const io = ioOf(controller.signal);
  const began: number[] = [];
  const run = async (): Promise<number> => {
    began.push(clock.tick());
    return 0;
  };
  const start = clock.tick();
  expect(await converge(settings, io, { run, clock, random: most => most / 2 })).toBe(0);
  expect(began).toEqual([start + 300_000]);
  controller.abort(new Error('stop'));
  await expect(converge(settings, io, { run, clock, random: most => most })).rejects.toThrow('stop');
  expect(began).toHaveLength(1);
});
