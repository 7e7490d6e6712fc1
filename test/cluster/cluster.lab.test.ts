import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addressHolder,
  changedBy,
  containers,
  crowd,
  type Host,
  HOSTS,
  kplay,
  kubectl,
  lab,
  NEW,
  on,
  phases,
  probe,
  status,
  told,
  writer,
} from './_cluster.ts';

const MINUTES = 60_000;

/** Six bare hosts, and a cluster on them, in one order: each test takes it as the one before left it. */
describe.runIf(process.env['KPLAY_LAB'])('a cluster', () => {
  beforeAll(async () => {
    await lab('up', '6', '--docker');
    await lab('images', 'kubernetes');
  }, 60 * MINUTES);
  afterAll(() => lab('down'), 5 * MINUTES);

  test('is built from bare hosts, up to a page that every node can see', { timeout: 15 * MINUTES, retry: 0 }, async () => {
    const run = await kplay('site.yaml');
    expect(told(run)).toBe('');
    console.log(`site.yaml: ${run.seconds.toFixed(1)} s at load ${crowd().toFixed(1)} a core: ${phases(run)}`);
    expect((await kubectl('get nodes --no-headers')).split('\n').map(line => line.split(/\s+/)[1])).toEqual(HOSTS.map(() => 'Ready'));
  });

  test('a second run changes nothing, and restarts nothing', { timeout: 10 * MINUTES }, async () => {
    const before = await containers();
    const run = await kplay('site.yaml');
    console.log(`site.yaml again: ${run.seconds.toFixed(1)} s at load ${crowd().toFixed(1)} a core: ${phases(run)}`);
    expect(told(run)).toBe('');
    expect(changedBy(run)).toEqual([]);
    expect(await containers()).toEqual(before);
  });

  test('nodes are cordoned, drained and given back as they were', { timeout: 10 * MINUTES }, async () => {
    const unschedulable = async (): Promise<string> => kubectl(`get nodes -o jsonpath='{.items[?(@.spec.unschedulable)].metadata.name}'`);
    const running = (node: string): Promise<string> => kubectl(`get pods -A --field-selector spec.nodeName=${node} -o name`);
    expect(told(await kplay('drain.yaml'))).toContain('which nodes?');
    for (const _ of [1, 2]) expect(told(await kplay('cordon.yaml', '-e', 'node=h4'))).toBe('');
    expect(await unschedulable()).toBe('h4');
    expect(told(await kplay('drain.yaml', '--limit', 'h4,h5'))).toBe('');
    expect([await unschedulable(), await running('h4'), await running('h5')]).toEqual(['h4 h5', '', '']);
    expect((await status()).stdout).toMatch(/^h5 .* Ready, cordoned by /m);
    expect(told(await kplay('uncordon.yaml', '--limit', 'h4,h5'))).toBe('');
    expect(changedBy(await kplay('uncordon.yaml', '--limit', 'h4,h5'))).toEqual([]);
    expect(await unschedulable()).toBe('');

    await kubectl('cordon h6');
    for (const playbook of ['drain.yaml', 'uncordon.yaml']) expect(told(await kplay(playbook, '-e', 'node=h6'))).toBe('');
    expect(await unschedulable(), 'what an operator has cordoned stays so').toBe('h6');
    await kubectl('uncordon h6');
  });

  test('a disruption budget that has nothing left stops a drain before the cordon', { timeout: 5 * MINUTES }, async () => {
    await kubectl('create pdb keep -n kplay-smoke --selector app=web --min-available 3');
    const [node = ''] = (await kubectl(`get pods -n kplay-smoke -o jsonpath='{.items[*].spec.nodeName}'`)).split(' ');
    const run = await kplay('drain.yaml', '-e', `node=${node}`);
    expect(run.rc).toBe(2);
    expect(told(run)).toContain('kplay-smoke/keep');
    expect(changedBy(run)).toEqual([]);
    expect(await kubectl(`get node ${node} -o jsonpath='{.spec.unschedulable}'`)).toBe('');
    await kubectl('delete pdb keep -n kplay-smoke');
  });

  test.for([
    [['-e', 'kube_version=1.35.4'], 'upgrades go one minor version at a time'],
    [['-e', 'kube_version=1.32.1'], 'upgrades go one minor version at a time'],
    [['-e', 'kube_vip=192.0.2.7'], 'is not in the network of host0'],
    [['-e', `kube_version=${NEW}`, '--tags', 'nodes'], 'a kubelet is never newer than an API server'],
    [['-e', 'kube_pattern=podman'], 'kube_pattern is docker, systemd, systemd-docker or static-pods'],
    [['-e', '{"kube_vip": "{{ hostvars.h2.ansible_host }}"}'], "a master's own address"],
  ] as const)('%j is refused before anything is touched', { timeout: 5 * MINUTES }, async ([args, why]) => {
    const run = await kplay('site.yaml', ...args);
    expect(run.rc).toBe(2);
    expect(told(run)).toContain(why);
    expect(changedBy(run)).toEqual([]);
  });

  test('with a member of etcd down an upgrade refuses, and changes nothing', { timeout: 5 * MINUTES }, async () => {
    const before = await containers();
    await on('h3', 'docker stop etcd');
    const run = await kplay('upgrade.yaml', '-e', `kube_version=${NEW}`, '-e', 'etcd_version=3.5.35');
    await on('h3', 'docker start etcd');
    expect(run.rc).toBe(2);
    expect(told(run)).toContain('h3 is not healthy');
    expect(changedBy(run)).toEqual([]);
    const ids = (lines: readonly string[]): string[] =>
      lines.flatMap(text => text.split('\n').map(line => line.split(' ').slice(0, 2).join(' ')));
    expect(ids(await containers())).toEqual(ids(before));
  });

  test('masters and nodes go to the next minor version, and nobody notices', { timeout: 30 * MINUTES, retry: 0 }, async () => {
    await kubectl('cordon h6');
    const [seen, written] = [probe(), await writer()];
    // Six hosts share the processors of one machine: three images unpacked at once would leave etcd none.
    const run = await kplay('upgrade.yaml', '-e', `kube_version=${NEW}`, '-f', '50', '-e', 'component_pulls_at_once=1');
    const [asked, load] = [await seen(), await written()];
    console.log(`upgrade.yaml: ${run.seconds.toFixed(1)} s at load ${crowd().toFixed(1)} a core: ${phases(run)}`);
    console.log(`meanwhile ${asked.failed.length} of ${asked.asked} requests failed, longest gap ${asked.longestGapMs.toFixed(0)} ms;`);
    console.log(
      `${load.acknowledged} writes, ${load.lost.length} lost, longest gap ${load.longestGapMs.toFixed(0)} ms, ${load.mostDown} members down`,
    );
    expect(told(run)).toBe('');
    expect(load).toMatchObject({ lost: [], mostDown: 0 });
    expect(asked.failed).toEqual([]);
    const versions = await kubectl(`get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'`);
    expect(versions.split(' ')).toEqual(HOSTS.map(() => `v${NEW}`));
    expect(await kubectl(`get nodes -o jsonpath='{.items[?(@.spec.unschedulable)].metadata.name}'`), 'whom an operator had cordoned').toBe(
      'h6',
    );
    await kubectl('uncordon h6');
  });

  test('the same upgrade again changes nothing', { timeout: 10 * MINUTES }, async () => {
    const before = await containers();
    const run = await kplay('upgrade.yaml', '-e', `kube_version=${NEW}`);
    expect(told(run)).toBe('');
    expect(changedBy(run)).toEqual([]);
    expect(await containers()).toEqual(before);
    expect((await status('-e', `kube_version=${NEW}`)).stdout).toContain('nothing out of the ordinary');
  });

  test('of ten things damaged by hand the next run repairs exactly these', { timeout: 10 * MINUTES }, async () => {
    const run = (component: string): string => `docker inspect -f '{{json .Config.Cmd}}' ${component} | tr -d '[]"' | tr , ' '`;
    const damages: readonly (readonly [Host, string, string])[] = [
      ['h4', 'rm /etc/kubernetes/pki/kubelet.crt', 'certificates'],
      ['h3', 'chmod 644 /etc/kubernetes/admin.conf', 'kubeconfig of the administrator'],
      [
        'h2',
        `set -- $(${run('kube-scheduler')}); image=$(docker inspect -f '{{.Config.Image}}' kube-scheduler); docker rm -f kube-scheduler
docker run -d --restart=always --name kube-scheduler --net=host -v /etc/kubernetes:/etc/kubernetes:ro $image "$@" --v=3`,
        'run kube-scheduler in docker',
      ],
      ['h5', 'docker rm -f kube-proxy', 'run kube-proxy in docker'],
      ['h1', 'docker stop haproxy', 'run haproxy in docker'],
      ['h6', 'echo "# by hand" >>/etc/kubernetes/kubelet.yaml', 'write what the kubelet reads'],
      ['h5', 'rm -r /etc/containerd/certs.d', 'make a folder for what containerd knows of the registry'],
      ['h5', 'true', 'let containerd pull from the registry'],
      ['h4', 'echo >/etc/cni/net.d/10-flannel.conflist', 'tell the runtime'],
      ['h6', 'systemctl -q disable docker', 'run containerd and Docker'],
      [
        'h1',
        'docker exec kube-apiserver kubectl --kubeconfig /etc/kubernetes/admin.conf delete clusterrolebinding kplay-apiserver-to-kubelets',
        'let API servers speak to kubelets',
      ],
      [
        'h1',
        'docker exec kube-apiserver kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system scale deployment coredns --replicas=1',
        'run CoreDNS',
      ],
    ];
    const [version = ''] = (await kubectl(`get nodes -o jsonpath='{.items[0].status.nodeInfo.kubeletVersion}'`)).split('v').slice(1);
    for (const [host, script] of damages) await on(host, script);
    const repair = await kplay('site.yaml', '-e', `kube_version=${version}`);
    expect(told(repair)).toBe('');
    // An object of the cluster is applied by whichever master comes first.
    const repaired = changedBy(repair).map(line => line.replace(/^h[23] (?=let API servers|run CoreDNS)/, 'h1 '));
    expect(repaired.toSorted()).toEqual(damages.map(([host, , task]) => `${host} ${task}`).toSorted());
    expect(changedBy(await kplay('site.yaml', '-e', `kube_version=${version}`))).toEqual([]);
  });

  test('the address moves when its holder loses the load balancer', { timeout: 5 * MINUTES }, async () => {
    const holder = await addressHolder();
    const seen = probe();
    await on(holder, 'docker kill haproxy && sleep 10 && docker start haproxy');
    const { failed, longestGapMs } = await seen();
    console.log(
      `VIP: its holder's haproxy was killed: ${failed.length} requests failed, longest gap ${longestGapMs.toFixed(0)} ms at load ${crowd().toFixed(1)} a core`,
    );
    expect(longestGapMs).toBeLessThan(3_000 * crowd());
  });
});
