import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dockerRun } from '../../src/tasks/docker_run.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell } from './_lab.ts';

const shell = labShell('h3');
const IMAGE = '10.89.0.1:10500/root/busybox:1';
const NAME = 'kplay-test';
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
};
const line = (options: string, rest = `${IMAGE} sleep 1000`): string => `docker run -d --name ${NAME} --stop-timeout 0 ${options} ${rest}`;
const run = async (command: string, args: object = {}) => runOnce(dockerRun, { command, stop_timeout: 0, settle: 1, ...args }, { shell });
const keys = async (command: string, args: object = {}): Promise<readonly string[]> =>
  (await runOnce(dockerRun, { command, ...args }, { shell, mode: { check: true, diff: false } })).changes.map(({ key }) => key);
const id = (): string => on(`docker container inspect --format '{{.Id}}' ${NAME}`);
const clean = (): string => on(`docker rm -f ${NAME} ${NAME}.kplay-old >/dev/null 2>&1 || :`);

beforeAll(() => {
  clean();
  on(`docker pull -q ${IMAGE}`);
});
afterEach(clean);
afterAll(() => on(`docker network rm kplay-test-net >/dev/null 2>&1 || :`));

describe('with a real Docker', () => {
  test('a container is made once, and what differs is told by its option', async () => {
    const first = await run(line('--restart=always -e A=1 -v /tmp:/x:ro -l role=etcd -p 127.0.0.1:10999:80'));
    expect(first.changes).toEqual([{ key: 'container', before: null, after: NAME }]);
    expect(first.result).toMatchObject({ changed: true, container: { Name: `/${NAME}`, State: { Running: true } } });
    const before = id();
    const again = await run(line('--label=role=etcd -v=/tmp/:/x:ro --restart always --env A=1 --publish 127.0.0.1:10999:80/tcp'));
    expect(again).toMatchObject({ changes: [], result: { changed: false, container: { Id: before } } });
    const moved = await run(line('--restart=unless-stopped -e A=2 -v /tmp:/x -p 127.0.0.1:10999:80'));
    expect(moved.changes).toEqual([
      expect.objectContaining({ key: '--env', after: expect.objectContaining({ A: '2' }) }),
      { key: '--label', before: { role: 'etcd' }, after: {} },
      { key: '--restart', before: 'always', after: 'unless-stopped' },
      { key: '--volume', before: ['/tmp:/x:ro'], after: ['/tmp:/x'] },
    ]);
    expect(id()).not.toBe(before);
    expect(on(`docker ps -a --format '{{.Names}}' | grep kplay-old || :`)).toBe('');
  });

  test('a restart policy and limits change in the container that runs', async () => {
    await run(line('--restart=always -m 64m'));
    const before = id();
    const { changes } = await run(line('--restart=on-failure:3 -m 32m --memory-swap 64m'));
    expect(changes.map(({ key }) => key)).toEqual(['--memory', '--memory-swap', '--restart']);
    expect((await run(line('--restart=on-failure:3 -m 32m --memory-swap 64m'))).changes).toEqual([]);
    expect(id()).toBe(before);
  });

  test.for([
    '--privileged --pid=host --ipc host --net=host --uts=host --cgroupns=host --security-opt label=disable',
    '--cap-add NET_ADMIN --cap-add=sys_time --cap-drop CAP_MKNOD --security-opt no-new-privileges --security-opt seccomp=unconfined',
    '-u 1:2 -w /tmp -h some.name --add-host a:1.2.3.4 --dns 1.1.1.1 --dns 8.8.8.8 --dns-search x.y --dns-opt ndots:2',
    '-m 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 100 --cpuset-cpus 0 --ulimit nofile=1000:2000 --ulimit core=0',
    '--tmpfs /t:size=1m,mode=1777 --mount type=bind,src=/tmp,dst=/m,readonly --mount type=tmpfs,target=/n,tmpfs-size=1m --mount source=kplay-test-vol,target=/v',
    '--device /dev/null:/dev/nil:r --device=/dev/zero --read-only --init -it --shm-size 1m --sysctl net.ipv4.ip_forward=1',
    '--log-driver json-file --log-opt max-size=1m --log-opt max-file=2 --stop-signal SIGINT --group-add 5 --oom-score-adj 10',
    '--health-cmd "exit 0" --health-interval 5s --health-retries 3 --health-timeout 1m30s --health-start-period 500ms',
    '--entrypoint /bin/sleep -P --expose 90/udp -p 10998-10999:81-82 -p 8001 --link-local-ip= --pids-limit 100 --rm',
    '-v /anon -v kplay-test-vol:/named --label a --label b=c=d -e EMPTY= -e "SPACED=a b" --no-healthcheck',
    '--cpu-period 100000 --cpu-quota 50000 --blkio-weight 100 --device-cgroup-rule "c 1:3 r" --restart on-failure:3',
  ])('%s converges', async options => {
    const rest = options.includes('--entrypoint') ? `${IMAGE} 1000` : `${IMAGE} sleep 1000`;
    await run(line(options, rest));
    const { changes, result } = await run(line(options, rest));
    expect(changes).toEqual([]);
    expect(result['changed']).toBe(false);
    const without = (await keys(line('', `${IMAGE} sleep 1000`))).filter(key => key !== 'command');
    expect(without.length, without.join(' ')).toBeGreaterThan(1);
  });

  test('networks and their aliases', async () => {
    on('docker network create --subnet 10.123.0.0/24 kplay-test-net >/dev/null');
    const wanted = line('--network kplay-test-net --network-alias one --net-alias two --ip 10.123.0.9');
    await run(wanted);
    expect((await run(wanted)).changes).toEqual([]);
    expect(await keys(line('--network kplay-test-net --network-alias one'))).toEqual(['--ip', '--network-alias']);
    expect(await keys(line(''))).toContain('--network');
  });

  test('a container made by hand is adopted', async () => {
    on(`docker pull -q ${IMAGE} >/dev/null; docker run -d --name ${NAME} --restart=always -v /tmp:/data ${IMAGE} sleep 1000`);
    const before = id();
    expect((await run(`docker run --restart=always --name ${NAME} \\\n  -v /tmp:/data \\\n  ${IMAGE} \\\n  sleep 1000`)).changes).toEqual(
      [],
    );
    expect(id()).toBe(before);
  });

  test('states', async () => {
    expect((await run(line(''), { state: 'present' })).result).toMatchObject({ container: { State: { Status: 'created' } } });
    expect((await run(line(''), { state: 'present' })).changes).toEqual([]);
    expect((await run(line(''))).changes).toEqual([{ key: 'state', before: 'created', after: 'running' }]);
    expect((await run(line(''), { state: 'stopped' })).result).toMatchObject({ container: { State: { Running: false } } });
    expect((await run(line(''), { state: 'stopped' })).changes).toEqual([]);
    expect((await run(line(''), { state: 'absent' })).result).toEqual({ changed: true, container: {} });
    expect((await run(line(''), { state: 'absent' })).changes).toEqual([]);
  });

  test('a line that docker cannot run leaves the old container running', async () => {
    await run(line('--restart=always'));
    const before = id();
    await expect(run(line('--restart=always -v no/abs:/x'))).rejects.toThrow(/the container of before is back/);
    expect([id(), on(`docker container inspect --format '{{.State.Running}}' ${NAME}`)]).toEqual([before, 'true']);
    await expect(run(line('--restart=always', `${IMAGE} no-such-program`))).rejects.toThrow(/the container of before is back/);
    await expect(run(line('--restart=always', `${IMAGE} sh -c "echo bad flag; exit 1"`))).rejects.toThrow(
      /does not keep running.*bad flag/s,
    );
    expect([id(), on(`docker container inspect --format '{{.State.Running}}' ${NAME}`)]).toEqual([before, 'true']);
  });

  test('an image that cannot be pulled changes nothing', async () => {
    await run(line(''));
    const before = id();
    await expect(run(line('', `${IMAGE}.none sleep 1000`))).rejects.toThrow(/manifest|not found/);
    await expect(run(line('', `${IMAGE}.none sleep 1000`), { pull: 'never' })).rejects.toMatchObject({ code: 'E_STATE' });
    expect(id()).toBe(before);
  });

  test('pull: always acts only when the registry has another image under the tag', async () => {
    const tag = '10.89.0.1:10500/root/kplay-test:1';
    const push = (text: string): string =>
      on(`docker build -q -t ${tag} - >/dev/null <<END
FROM ${IMAGE}
ENV TEXT=${text}
END
docker push -q ${tag} >/dev/null`);
    push('one');
    await run(line('', `${tag} sleep 1000`), { pull: 'always' });
    expect((await run(line('', `${tag} sleep 1000`), { pull: 'always' })).changes).toEqual([]);
    on(`docker tag ${tag} kplay-test-keep`);
    push('two');
    on(`docker tag kplay-test-keep ${tag}; docker rmi kplay-test-keep >/dev/null`);
    expect((await run(line('', `${tag} sleep 1000`))).changes).toEqual([]);
    const { changes } = await run(line('', `${tag} sleep 1000`), { pull: 'always' });
    expect(changes.map(({ key }) => key)).toEqual(['image']);
    expect(on(`docker exec ${NAME} sh -c 'echo $TEXT'`)).toBe('two');
    on(`docker rm -f ${NAME} >/dev/null; docker rmi ${tag} >/dev/null`);
  });

  test('what a killed run left aside is taken up again', async () => {
    await run(line('-e A=1'));
    const before = id();
    on(`docker stop -t 0 ${NAME} >/dev/null; docker rename ${NAME} ${NAME}.kplay-old`);
    await expect(run(line('-e A=2 -v bad/path:/x'))).rejects.toThrow(/the container of before is back/);
    expect(id()).toBe(before);
    on(`docker stop -t 0 ${NAME} >/dev/null; docker rename ${NAME} ${NAME}.kplay-old`);
    await run(line('-e A=2'));
    expect(on(`docker ps -a --format '{{.Names}}' | grep ${NAME}`)).toBe(NAME);
    on(`docker create --name ${NAME}.kplay-old ${IMAGE} >/dev/null`);
    expect((await run(line('-e A=2'))).changes.map(({ key }) => key)).toEqual(['leftover']);
    expect((await run(line('-e A=2'))).changes).toEqual([]);
  });
});
