import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { Event, Outcome } from '../../src/model/event.ts';
import type { Report } from '../etcd/load.ts';
import type { Seen } from './probe.ts';

/** A lab of its own, beside the one that the other tests share: six hosts with Docker. */
const LAB = process.env['KPLAY_CLUSTER_LAB'] ?? '/var/lib/kplay-cluster';
const NETWORK = process.env['KPLAY_CLUSTER_NETWORK'] ?? '10.89.1';
const ENV = { ...process.env, KPLAY_LAB_DIR: LAB, KPLAY_LAB_NETWORK: `${NETWORK}.0/24` };
export const MASTERS = ['h1', 'h2', 'h3'] as const;
export const NODES = ['h4', 'h5', 'h6'] as const;
export const HOSTS = [...MASTERS, ...NODES] as const;
export type Host = (typeof HOSTS)[number];
export const OLD = '1.33.13';
export const NEW = '1.34.4';

interface Ended {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}
const exec = async (file: string, args: readonly string[]): Promise<Ended> => {
  const started = performance.now();
  const child = spawn(file, args, { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, rc] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number>(resolve => child.on('close', code => resolve(code ?? 255))),
  ]);
  return { rc, stdout: stdout.join(''), stderr: stderr.join(''), seconds: (performance.now() - started) / 1000 };
};
/** `kplay lab …` of this lab; throws with what it said. */
export const lab = async (...args: readonly string[]): Promise<string> => {
  const { rc, stdout, stderr } = await exec('bin/kplay', ['lab', ...args]);
  if (rc !== 0) throw new Error(`kplay lab ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
};
/** Runs a script on a host as root; what it prints. */
export const on = async (host: Host, script: string): Promise<string> => (await lab('ssh', host, '--', script)).trim();
export const everywhere = (hosts: readonly Host[], script: string): Promise<readonly string[]> =>
  Promise.all(hosts.map(host => on(host, script)));
export const kubectl = (args: string, by: Host = 'h1'): Promise<string> =>
  on(by, `docker exec -i kube-apiserver kubectl --kubeconfig /etc/kubernetes/admin.conf ${args}`);

const scratch = mkdtempSync(join(tmpdir(), 'kplay-cluster-'));
export const inventory = (): string => {
  const text = readFileSync('inventories/lab-cluster', 'utf8').replaceAll('10.89.0', NETWORK).replaceAll('/var/lib/kplay-lab', LAB);
  const file = join(scratch, 'hosts');
  writeFileSync(file, text);
  return file;
};

export interface Run extends Ended {
  readonly events: readonly Event[];
  readonly outcomes: readonly Outcome[];
}
/** `kplay run --json …` on the cluster; never throws. */
export const kplay = async (...args: readonly string[]): Promise<Run> => {
  const ended = await exec('bin/kplay', [
    'run',
    '--json',
    '-i',
    inventory(),
    '-e',
    `pki_dir=${join(LAB, 'pki')}`,
    '-e',
    `etcd_backup_to=${scratch}`,
    ...args,
  ]);
  const events = ended.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event);
  return { ...ended, events, outcomes: events.flatMap(event => (event.type === 'outcome' ? [event.outcome] : [])) };
};
export const status = async (...args: readonly string[]): Promise<Ended> => exec('bin/kplay', ['status', '-i', inventory(), ...args]);

/** Every failure with its message, and what stopped the run. */
export const told = ({ outcomes, events, stderr }: Run): string =>
  [
    ...outcomes
      .filter(({ status: state }) => /failed|unreachable/.test(state))
      .map(one => `${one.host}: ${one.task.name}: ${one.message ?? JSON.stringify(one.result)} ${one.hint ?? ''}`),
    ...events.flatMap(event => (event.type === 'stopped' ? [`${event.message}\n${event.detail}`] : [])),
    stderr,
  ].join('\n');
/** `host task` of everything that changed. */
export const changedBy = ({ outcomes }: Run): string[] =>
  outcomes.filter(({ status: state }) => state === 'changed').map(({ host, task }) => `${host} ${task.name}`);

/** Seconds each play took. */
export const phases = ({ events }: Run): string => {
  const begun = events.flatMap(event => (event.type === 'play-start' ? [[event.name, Date.parse(event.time)] as const] : []));
  const end = Date.parse(events.at(-1)?.time ?? '');
  return begun.map(([name, at], index) => `${name} ${(((begun[index + 1]?.[1] ?? end) - at) / 1000).toFixed(1)} s`).join(', ');
};

/** Container ids, their processes and starts, on every host. */
export const containers = (): Promise<readonly string[]> =>
  everywhere(HOSTS, `docker inspect --format '{{.Name}} {{.Id}} {{.State.Pid}} {{.State.StartedAt}}' $(docker ps -aq) | sort`);

/** The master that has the virtual address, once one has it. */
export const addressHolder = (): Promise<Host> =>
  vi.waitFor(
    async () => {
      const counts = await everywhere(MASTERS, 'ip -4 -o address show | grep -c "[.]100/32" || true');
      expect(counts.toSorted()).toEqual(['0', '0', '1']);
      return MASTERS[counts.indexOf('1')]!;
    },
    { timeout: 60_000, interval: 500 },
  );

/** How much longer than on an idle machine things may take here: others may be at work on it. */
export const crowd = (): number => Math.max(1, loadavg()[0]! / cpus().length);

/** A program of its own that looks on until it is asked what it saw. */
const witness = <T>(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): (() => Promise<T>) => {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill());
  const printed = child.stdout.setEncoding('utf8').toArray();
  return async () => {
    child.stdin.end();
    return JSON.parse((await printed).join('')) as T;
  };
};
/** Five times a second, through the virtual address. */
export const probe = (): (() => Promise<Seen>) => witness('test/cluster/probe.ts', [`https://${NETWORK}.100:8443/readyz`]);
/** Ten writes a second to etcd, over TLS, and as many questions to every member. */
export const writer = async (): Promise<() => Promise<Report>> => {
  const tls = join(scratch, 'tls');
  mkdirSync(tls, { recursive: true });
  const pki = '/etc/kubernetes/pki/etcd';
  for (const [file, path] of [
    ['ca.crt', 'ca.crt'],
    ['client.crt', 'healthcheck-client.crt'],
    ['client.key', 'healthcheck-client.key'],
  ] as const)
    writeFileSync(join(tls, file), `${await on('h1', `cat ${pki}/${path}`)}\n`, { mode: 0o600 });
  return witness(
    'test/etcd/load.ts',
    MASTERS.map((_, index) => `https://${NETWORK}.${11 + index}:2379`),
    { LOAD_TLS: tls },
  );
};
