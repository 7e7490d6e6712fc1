import type { Event, Status, Untimed } from '../../src/model/event.ts';
import { counts, ended, item, play, started, task } from './_events.ts';

const HOSTS = ['cp01', 'cp02', 'cp03', 'worker01', 'worker02', 'worker03', 'worker04', 'edge-frankfurt-01'];
const conf = (value: string): string =>
  `# managed\napiVersion: v1\nkind: Config\nmaxPods: ${value}\nclusterDNS:\n  - 10.96.0.10\ncgroupDriver: systemd\n`;

/** A run that has everything: failures, an unreachable host, diffs, loops, a handler, text that would be markup. */
export const eventfulRun = (): Untimed<Event>[] => {
  const info = (id: number, name: string, more = {}): ReturnType<typeof task> => task(id, { name, role: 'kubelet', ...more });
  const all = (id: number, name: string, status: (host: string) => Status, more = {}): Untimed<Event>[] => {
    const one = info(id, name, more);
    const live = HOSTS.filter(host => host !== 'worker04' && (id < 4 || host !== 'cp02'));
    return [started(one, ...live), ...live.map((host): Untimed<Event> => ended(one, host, status(host), { durationMs: 200 + 37 * id }))];
  };
  const facts = task(1, { name: 'Gathering Facts', action: 'setup' });
  const config = info(2, 'Write the kubelet configuration', { action: 'template' });
  const pull = info(3, 'Pull images');
  const mode = info(5, 'Set <b>modes</b> & owners', { action: 'file' });
  const before = (host: string): string => conf(host === 'worker02' ? '90' : '110');
  return [
    { type: 'run-start', run: 'r1', playbooks: ['/srv/site.yml'], plays: [1], check: false, diff: true, version: '0.1.0' },
    { type: 'warning', message: 'kubelet_max_pods is deprecated', at: { file: 'group_vars/all.yml', line: 3, col: 1 } },
    play('Kubelets', HOSTS),
    started(facts, ...HOSTS),
    ...HOSTS.map((host): Untimed<Event> =>
      host === 'worker04'
        ? ended(facts, host, 'unreachable', {
            message: 'worker04 did not answer: connection refused',
            hint: 'is sshd running on 10.89.0.14:22?',
            result: { unreachable: true, msg: 'Failed to connect to the host via ssh: connect to 10.89.0.14 port 22: Connection refused' },
          })
        : ended(facts, host, 'ok'),
    ),
    started(config, ...HOSTS),
    ...HOSTS.filter(host => host !== 'worker04').map((host): Untimed<Event> =>
      ended(config, host, 'changed', {
        result: { dest: '/var/lib/kubelet/config.yaml' },
        changes: [{ key: 'content', before: before(host), after: conf('250') }],
      }),
    ),
    started(pull, 'cp01', 'cp02', 'cp03'),
    item('pause:3.9', pull, 'cp01', 'ok'),
    item('etcd:3.5', pull, 'cp01', 'changed'),
    ended(pull, 'cp01', 'changed', { result: { results: [] }, durationMs: 4200 }),
    item('pause:3.9', pull, 'cp02', 'ok'),
    item('etcd:3.5', pull, 'cp02', 'failed', {
      durationMs: 8300,
      message: 'non-zero return code',
      hint: 'the registry 10.89.0.1:10500 answers 503; is it up?',
      result: {
        rc: 1,
        cmd: ['docker', 'pull', 'etcd:3.5'],
        stderr: 'Error response from daemon: <script>alert("x")</script>\nreceived unexpected HTTP status: 503 Service Unavailable',
        stdout: 'Trying to pull…',
      },
    }),
    ended(pull, 'cp02', 'failed', { result: { msg: 'One or more items failed', results: [] }, durationMs: 8300 }),
    ended(pull, 'cp03', 'skipped'),
    ...all(4, 'Look for swap', host => (host === 'worker01' ? 'ignored' : 'ok')),
    started(mode, 'cp01', 'cp03'),
    ended(mode, 'cp01', 'changed', {
      changes: [
        { key: 'mode', before: '0644', after: '0600' },
        { key: 'owner', before: 'kube', after: 'root' },
      ],
    }),
    ended(mode, 'cp03', 'rescued', { result: { msg: 'chown: operation not permitted' } }),
    ...all(6, 'Restart kubelet', host => (host === 'cp03' ? 'ok' : 'changed'), { handler: true }),
    { type: 'no-hosts', play: 2, name: 'Retired hosts', why: 'no match' },
    {
      type: 'recap',
      hosts: Object.fromEntries(
        HOSTS.map(host => [
          host,
          counts(
            host === 'worker04'
              ? { unreachable: 1 }
              : {
                  ok: 5,
                  changed: host === 'cp03' ? 1 : 3,
                  failed: host === 'cp02' ? 1 : 0,
                  ignored: host === 'worker01' ? 1 : 0,
                  rescued: host === 'cp03' ? 1 : 0,
                },
          ),
        ]),
      ),
    },
    { type: 'run-end', exitCode: 4, durationMs: 96_500 },
  ];
};
