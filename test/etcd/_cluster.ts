import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Counts, Event, Outcome } from '../../src/model/event.ts';
import { execute } from '../tasks/_converge.ts';
import { labShell } from '../tasks/_lab.ts';
import type { Report } from './load.ts';

/** The lab's hosts as inventories/lab lists them. */
export const MEMBERS = ['10.89.0.11', '10.89.0.12', '10.89.0.13'] as const;
export type Member = (typeof MEMBERS)[number];
export const OLD = '3.4.23';
export const NEW = '3.5.16';

/** Runs a script on a member's host as root; what it prints. */
export const on = (member: Member, script: string): string => {
  const { rc, stdout, stderr } = execute(labShell(`h${MEMBERS.indexOf(member) + 1}`), script);
  if (rc !== 0) throw new Error(`${member}: ${script} exits ${rc}: ${stderr.toString()}`);
  return stdout.toString().trim();
};
/** The same on every member's host, in their order. */
export const everywhere = (script: string): string[] => MEMBERS.map(member => on(member, script));

/** Takes all of etcd off the hosts. */
export const wipe = (): void => {
  everywhere(`if [ -e /etc/systemd/system/etcd.service ]; then
  systemctl disable --now etcd; rm -f /etc/systemd/system/etcd.service; systemctl daemon-reload
fi
docker rm -f etcd etcd.kplay-old >/dev/null 2>&1 || :
rm -rf /var/etcd`);
};

export interface Run {
  readonly rc: number;
  readonly seconds: number;
  readonly outcomes: readonly Outcome[];
  readonly recap: Readonly<Record<string, Counts>>;
  readonly stderr: string;
}

/** `kplay run --json …` on the lab's members; never throws. */
export const kplay = async (...args: readonly string[]): Promise<Run> => {
  const started = performance.now();
  const child = spawn('bin/kplay', ['run', '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, rc] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number>(resolve => child.on('close', code => resolve(code ?? 255))),
  ]);
  const events = stdout
    .join('')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event);
  return {
    rc,
    seconds: (performance.now() - started) / 1000,
    outcomes: events.flatMap(event => (event.type === 'outcome' ? [event.outcome] : [])),
    recap: events.find(event => event.type === 'recap')?.hosts ?? {},
    stderr: stderr.join(''),
  };
};
/** The case study's line: `kplay run --limit=etcds -i … k8s.yaml --tags etcd`. */
export const converge = (...args: readonly string[]): Promise<Run> =>
  kplay('--limit=etcds', '-i', 'inventories/lab', 'k8s.yaml', '--tags', 'etcd', ...args);
export const upgrade = (...args: readonly string[]): Promise<Run> =>
  kplay('-i', 'inventories/lab', 'upgrade.yaml', '--limit', 'etcds', ...args);

/** A fresh three-member cluster; throws with what failed. */
export const found = async (...args: readonly string[]): Promise<Run> => {
  wipe();
  const run = await converge(...args);
  if (run.rc !== 0) throw new Error(`founding failed: ${told(run)}`);
  return run;
};

/** Every failure with its message, for a look and for matching. */
export const told = ({ outcomes, stderr }: Run): string =>
  [
    ...outcomes
      .filter(({ status }) => /failed|unreachable/.test(status))
      .map(one => `${one.host}: ${one.task.name}: ${one.message} ${one.hint ?? ''}`),
    stderr,
  ].join('\n');
/** `host task` of everything that changed. */
export const changedBy = ({ outcomes }: Run): string[] =>
  outcomes.filter(({ status }) => status === 'changed').map(({ host, task }) => `${host} ${task.name}`);
export const changedCounts = ({ recap }: Run): Record<string, number> =>
  Object.fromEntries(Object.entries(recap).map(([host, { changed }]) => [host, changed]));
export const NOTHING = Object.fromEntries(MEMBERS.map(member => [member, 0]));

/** Container id, process, start and restarts, image, and when files of the data folder's top and the unit were written. */
export const fingerprint = (): string[] =>
  everywhere(`docker inspect --format '{{.Id}} {{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}} {{.Config.Image}}' etcd
stat -c '%n %Y %Z %a %U' /var/etcd /var/etcd/data /var/etcd/data/member
stat -c '%n %Y %Z %a %U' /etc/systemd/system/etcd.service 2>/dev/null || :
systemctl is-enabled etcd 2>/dev/null || :; ls -a /var/etcd`);

export const images = (): string[] => everywhere(`docker inspect --format '{{.Config.Image}}' etcd`).map(name => name.split(':').at(-1)!);

interface Status {
  readonly header: { readonly cluster_id: string; readonly member_id: string; readonly revision: string };
  readonly version: string;
  readonly leader: string;
}
/** Asks a member's gateway over the bridge. */
export const gateway = async <T>(member: Member, path: string, body: object = {}): Promise<T> => {
  const answer = await fetch(`http://${member}:2379/v3/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`${member} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
};
export const statusOf = (member: Member): Promise<Status> => gateway<Status>(member, 'maintenance/status');
export const leader = async (): Promise<Member> => {
  for (const member of MEMBERS) {
    const { header, leader: led } = await statusOf(member);
    if (header.member_id === led) return member;
  }
  throw new Error('no member leads');
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const put = (member: Member, key: string, value: string): Promise<unknown> =>
  gateway(member, 'kv/put', { key: base64(key), value: base64(value) });
export const get = async (member: Member, key: string): Promise<string | undefined> => {
  const { kvs } = await gateway<{ kvs?: { value: string }[] }>(member, 'kv/range', { key: base64(key) });
  return kvs?.[0] && Buffer.from(kvs[0].value, 'base64').toString();
};

/** Waits until each of these members answers in health. */
export const healthy = async (...members: readonly Member[]): Promise<void> => {
  const until = performance.now() + 60_000;
  for (const member of members) {
    for (;;) {
      const answer = await fetch(`http://${member}:2379/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
      if (answer?.ok) break;
      if (performance.now() > until) throw new Error(`${member} does not become healthy`);
      await setTimeout(200);
    }
  }
};

/** An inventory for this test only: lines of [etcds], then the lab's variables. */
export const inventory = (members: readonly string[], more = ''): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-etcd-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'hosts');
  writeFileSync(
    file,
    `[etcds]
${members.join('\n')}
[etcds:vars]
etcd_version=${OLD}
etcd_interface=host0
${more}
[all:vars]
registry=10.89.0.1:10500
ansible_user=root
ansible_ssh_private_key_file=/var/lib/kplay-lab/id_ed25519
ansible_ssh_common_args=-o UserKnownHostsFile=/var/lib/kplay-lab/known_hosts
`,
  );
  return file;
};

/** How much longer than on an idle machine things may take here: others may be at work on it. */
export const crowd = (): number => Math.max(1, loadavg()[0]! / cpus().length);

interface Load {
  /** Ends the load and gives what its client saw. */
  end(): Promise<Report>;
}
/** Starts the writer and health sampler as a program of its own. */
export const load = (): Load => {
  const child = spawn(process.execPath, ['test/etcd/load.ts', ...MEMBERS.map(member => `http://${member}:2379`)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const printed = child.stdout.setEncoding('utf8').toArray();
  return {
    async end() {
      child.stdin.end();
      return JSON.parse((await printed).join('')) as Report;
    },
  };
};

/** A healthy cluster of whatever version: the one that is there, or a new one. */
export const ensure = async (): Promise<void> => {
  const states = await Promise.all(MEMBERS.map(member => statusOf(member).catch(() => undefined)));
  if (states.every(state => state !== undefined && state.header.cluster_id === states[0]?.header.cluster_id)) await healthy(...MEMBERS);
  else await found();
};
