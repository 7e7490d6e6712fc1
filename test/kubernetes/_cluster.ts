import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { images, labHere } from '../../src/lab/index.ts';
import type { Manifest } from '../../src/kubernetes/client.ts';
import type { Plain } from '../../src/model/module.ts';
import { freePort } from '../transport/_keys.ts';

/** A program that the lab has compiled for its images. */
const program = (name: string): string | undefined => {
  const go = join(labHere().cacheDir, 'go');
  const folders = existsSync(go) ? readdirSync(go).filter(folder => folder.startsWith('programs-')) : [];
  return folders.map(folder => join(go, folder, name)).find(path => existsSync(path));
};
/** As long as compiling Kubernetes takes where it never was. */
export const BUILD_MS = 3_600_000;

export interface Cluster {
  readonly dir: string;
  /** With certificates within, and with certificates in files beside it. */
  readonly kubeconfig: string;
  readonly kubeconfigOfFiles: string;
  /** The API, asked without kplay. Rejects unless the answer is a success. */
  api(method: string, path: string, body?: unknown, type?: string): Promise<Manifest>;
  stop(): Promise<void>;
}

const openssl = (dir: string, ...args: readonly string[]): void =>
  void execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

const certificates = (dir: string): void => {
  openssl(dir, 'req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=test-ca');
  const leaf = (name: string, subject: string, extensions: string): void => {
    writeFileSync(join(dir, `${name}.ext`), `extendedKeyUsage=serverAuth,clientAuth\n${extensions}`);
    openssl(dir, 'req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
    openssl(dir, 'x509', '-req', '-in', `${name}.csr`, ...ca, '-out', `${name}.crt`);
  };
  leaf('apiserver', '/CN=kube-apiserver', 'subjectAltName=IP:127.0.0.1,DNS:kubernetes');
  leaf('admin', '/O=system:masters/CN=admin', '');
  openssl(dir, 'genrsa', '-out', 'sa.key', '2048');
  openssl(dir, 'rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
};

const kubeconfigs = (dir: string, port: number): void => {
  const write = (name: string, cluster: object, user: object): void =>
    writeFileSync(
      join(dir, name),
      JSON.stringify({
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
        clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${port}`, ...cluster } }],
        users: [{ name: 'admin', user }],
      }),
    );
  const data = (name: string): string => readFileSync(join(dir, name)).toString('base64');
  write(
    'admin.conf',
    { 'certificate-authority-data': data('ca.crt') },
    { 'client-certificate-data': data('admin.crt'), 'client-key-data': data('admin.key') },
  );
  write('files.conf', { 'certificate-authority': 'ca.crt' }, { 'client-certificate': 'admin.crt', 'client-key': join(dir, 'admin.key') });
};

/**
 * etcd, an API server and the controllers that keep disruption budgets and end namespaces, all on loopback. There is no kubelet. Compiles them
 * where nobody did.
 */
export const startCluster = async (): Promise<Cluster> => {
  if (program('hyperkube') === undefined) await images(line => console.log(`lab: ${line}`), 'kubernetes');
  const [etcd, hyperkube] = [program('etcd'), program('hyperkube')];
  if (etcd === undefined || hyperkube === undefined) throw new Error(`no etcd or hyperkube in ${labHere().cacheDir}/go`);
  const dir = mkdtempSync(join(tmpdir(), 'kplay-kubernetes-'));
  const children: ChildProcess[] = [];
  const said = new Map<string, string>();
  const start = (name: string, ...argv: readonly string[]): void => {
    // They end with the test, however that ends.
    const child = spawn('nice', ['setpriv', '--pdeathsig', 'KILL', ...argv], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => said.set(name, ((said.get(name) ?? '') + chunk.toString()).slice(-5_000)));
    children.push(child);
  };
  const stop = async (): Promise<void> => {
    agent.destroy();
    for (const child of children.toReversed()) {
      const gone = child.exitCode !== null || child.signalCode !== null ? undefined : new Promise(done => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  certificates(dir);
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  kubeconfigs(dir, port);
  mkdirSync(join(dir, 'bin'));
  const command = (name: string): string => {
    symlinkSync(hyperkube, join(dir, 'bin', name));
    return join(dir, 'bin', name);
  };
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(join(dir, 'ca.crt')),
    cert: readFileSync(join(dir, 'admin.crt')),
    key: readFileSync(join(dir, 'admin.key')),
  });
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  // prettier-ignore
  start('etcd', etcd, '--data-dir', 'etcd', '--unsafe-no-fsync', '--listen-client-urls', clients, '--advertise-client-urls', clients,
    '--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`);
  // prettier-ignore
  start('apiserver', command('kube-apiserver'), `--etcd-servers=${clients}`, '--bind-address=127.0.0.1', `--secure-port=${port}`,
    '--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.96.0.0/16',
    '--client-ca-file=ca.crt', '--tls-cert-file=apiserver.crt', '--tls-private-key-file=apiserver.key', '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes', '--service-account-key-file=sa.pub', '--service-account-signing-key-file=sa.key',
    '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition');
  const api: Cluster['api'] = async (method, path, body, type = 'application/json') => {
    const answer = await ask(agent, port, method, path, body, type);
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return path.startsWith('/readyz') ? {} : (JSON.parse(text) as Manifest);
  };
  try {
    await answering(() => api('GET', '/readyz'));
    // prettier-ignore
    start('controllers', command('kube-controller-manager'), '--kubeconfig=admin.conf', '--leader-elect=false', '--secure-port=0',
      '--controllers=disruption-controller,namespace-controller', '--use-service-account-credentials=false');
    await answering(() => api('GET', '/api/v1/namespaces/default'));
  } catch (error) {
    await stop();
    throw new Error([...said].map(([name, text]) => `${name}: ${text}`).join('\n'), { cause: error });
  }
  return { dir, kubeconfig: join(dir, 'admin.conf'), kubeconfigOfFiles: join(dir, 'files.conf'), api, stop };
};

const ask = (agent: Agent, port: number, method: string, path: string, body: unknown, type: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': type };
    const asked = request({ host: '127.0.0.1', port, agent, method, path, headers }, resolve).on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });

/** Asks until there is an answer. */
export const answering = async <T>(look: () => Promise<T>, limitMs = 120_000): Promise<T> => {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise(done => setTimeout(done, 100));
    }
  }
};

/** A node that is a name. */
export const addNode = (cluster: Cluster, name: string, spec: Manifest = {}): Promise<Manifest> =>
  cluster.api('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec });

export interface PodOptions {
  readonly labels?: Record<string, string>;
  /** Kind of what started it. */
  readonly owner?: string;
  readonly annotations?: Record<string, string>;
  readonly volumes?: readonly Plain[];
  readonly finalizers?: readonly string[];
}
/** A pod that runs and is ready, as far as the API knows. */
export const addPod = async (cluster: Cluster, node: string, name: string, options: PodOptions = {}): Promise<Manifest> => {
  const { labels = {}, owner = 'ReplicaSet', annotations = {}, volumes = [], finalizers = [] } = options;
  const pods = '/api/v1/namespaces/default/pods';
  await cluster.api('POST', pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels,
      annotations,
      finalizers,
      ownerReferences: owner === '' ? [] : [{ apiVersion: 'apps/v1', kind: owner, name: 'x', uid: crypto.randomUUID(), controller: true }],
    },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 30, volumes },
  });
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  return cluster.api('PATCH', `${pods}/${name}/status`, { status }, 'application/merge-patch+json');
};

/** Ends pods as a kubelet does: once their deletion is asked for. */
export const playKubelet = async ({ dir, api }: Cluster, port = portOf(dir)): Promise<() => void> => {
  const file = (name: string): Buffer => readFileSync(join(dir, name));
  const agent = new Agent({ ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key') });
  const events = await ask(agent, port, 'GET', '/api/v1/pods?watch=1', undefined, '');
  const lines = createInterface({ input: events });
  lines.on('line', line => {
    const { type, object } = JSON.parse(line) as { type: string; object: { metadata: Record<string, string> } };
    const { name, namespace, deletionTimestamp } = object.metadata;
    if (type === 'DELETED' || deletionTimestamp === undefined) return;
    // The last of its changes comes when it is gone.
    api('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`).catch((error: Error) => {
      if (!error.message.includes(' 404 ')) throw error;
    });
  });
  for (const stream of [events, lines]) stream.on('error', () => undefined);
  return () => {
    events.destroy();
    agent.destroy();
  };
};
const portOf = (dir: string): number => Number(/127\.0\.0\.1:(\d+)/.exec(readFileSync(join(dir, 'admin.conf'), 'utf8'))?.[1]);
