import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerContainer } from '../../src/tasks/docker_container.ts';
import { dockerImage } from '../../src/tasks/docker_image.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell } from './_lab.ts';

const shell = labShell('h3');
const IMAGE = '10.89.0.1:10500/root/busybox:1';
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
};
const get = async (args: object) => runOnce(dockerImage, args, { shell });
const keep = async (args: object, check = false) =>
  runOnce(
    dockerContainer,
    { name: 'kplay-test-c', image: IMAGE, stop_timeout: 0, settle: 0, ...args },
    { shell, mode: { check, diff: false } },
  );
const clean = (): string =>
  on(
    `docker rm -f kplay-test-c >/dev/null 2>&1; docker rmi kplay-test-img:1 kplay-test-imp:latest kplay-test-load:2 >/dev/null 2>&1; rm -f /tmp/kplay-test.tar; :`,
  );

beforeAll(clean);
afterAll(clean);

describe('images', () => {
  test('are pulled once', async () => {
    on(`docker tag $(docker pull -q ${IMAGE}) kplay-test-img:1; docker rmi ${IMAGE} >/dev/null`);
    expect((await get({ name: '10.89.0.1:10500/root/busybox', tag: 1, source: 'pull' })).result).toMatchObject({
      changed: true,
      image: { RepoTags: expect.arrayContaining([IMAGE]) },
    });
    expect((await get({ name: IMAGE, source: 'pull' })).changes).toEqual([]);
    const forced = await get({ name: IMAGE, source: 'pull', force_source: true });
    expect([forced.changes.length, forced.result['changed']]).toEqual([1, false]);
    await expect(get({ name: `${IMAGE}.none`, source: 'pull' })).rejects.toThrow(/not found|manifest/);
  });

  test('are loaded, imported and removed', async () => {
    on(
      `docker tag ${IMAGE} kplay-test-load:2; docker save -o /tmp/kplay-test.tar kplay-test-load:2; docker rmi kplay-test-load:2 >/dev/null`,
    );
    const load = { name: 'kplay-test-load', tag: '2', source: 'load', load_path: '/tmp/kplay-test.tar' };
    expect((await get(load)).result['changed']).toBe(true);
    expect((await get(load)).changes).toEqual([]);
    await expect(get({ ...load, tag: '3' })).rejects.toThrow(/holds no image kplay-test-load:3/);
    await expect(get({ ...load, tag: '3', load_path: '/nope' })).rejects.toMatchObject({ code: 'E_STATE' });
    const imported = { name: 'kplay-test-imp', source: 'import', load_path: '/tmp/kplay-test.tar' };
    expect((await get(imported)).result['changed']).toBe(true);
    expect((await get(imported)).changes).toEqual([]);
    expect((await get({ name: 'kplay-test-imp', state: 'absent' })).result).toMatchObject({ changed: true, image: {} });
    expect((await get({ name: 'kplay-test-imp', state: 'absent' })).changes).toEqual([]);
    await expect(get({ name: 'kplay-test-imp', source: 'local' })).rejects.toMatchObject({ code: 'E_STATE' });
  });
});

describe('docker_container', () => {
  test('compares what it is told and leaves the rest', async () => {
    const wanted = {
      command: 'sleep 1000',
      env: { A: 1 },
      restart_policy: 'always',
      published_ports: ['127.0.0.1:10997:80'],
      volumes: ['/tmp:/x'],
    };
    expect((await keep(wanted)).result).toMatchObject({ changed: true, container: { State: { Running: true } } });
    expect((await keep(wanted)).changes).toEqual([]);
    expect((await keep({ command: ['sleep', '1000'] })).changes).toEqual([]);
    expect((await keep({ env: {} })).changes).toEqual([]);
    expect((await keep({ env: {}, comparisons: { env: 'strict' } }, true)).changes.map(({ key }) => key)).toEqual(['--env']);
    expect((await keep({ env: { B: 'x' } }, true)).changes.map(({ key }) => key)).toEqual(['--env']);
    expect((await keep({ env: { B: 'x' }, comparisons: { '*': 'ignore' } }, true)).changes).toEqual([]);
    expect((await keep({ ...wanted, restart: true })).changes.map(({ key }) => key)).toEqual(['restart']);
    expect((await keep({ ...wanted, command: 'sleep 999' })).changes.map(({ key }) => key)).toEqual(['command']);
    expect((await keep({ state: 'absent' })).result).toEqual({ changed: true, container: {} });
  });
});

test.for([{}, { image: 'x', pull: 'often' }, { image: 'x', comparisons: { '*': 'loose' } }, { image: 'x', networks: [{}] }])(
  '%o is refused',
  async args => {
    await expect(runOnce(dockerContainer, { name: 'x', ...args }, { shell })).rejects.toMatchObject({ code: 'E_ARGS' });
  },
);
test.for([{ name: 'x' }, { name: 'x', source: 'load' }])('docker_image refuses %o', async args => {
  await expect(get(args)).rejects.toMatchObject({ code: 'E_ARGS' });
});
