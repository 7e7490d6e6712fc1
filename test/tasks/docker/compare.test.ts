import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../../src/probes/docker.ts';
import { differences } from '../../../src/tasks/docker/compare.ts';
import { parseLine } from '../../../src/tasks/docker/line.ts';
import { dockerRun } from '../../../src/tasks/docker_run.ts';

/** Lines as they were run by Docker 20.10.24, with what docker inspect and docker info said then. */
const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Record<
  string,
  { line: string; seen: Container }
>;
const of = (name: string): { line: string; seen: Container } => {
  const found = recorded[name];
  if (found === undefined) throw new Error(`${name} was not recorded`);
  return found;
};
const compare = (name: string, change: (line: string) => string = line => line) => {
  const { line, seen } = of(name);
  return differences(parseLine(change(line)), `recorded-${name}`, seen);
};

describe('a container that docker run made', () => {
  test.for(Object.keys(recorded))('%s is as its line says', name => {
    expect(compare(name)).toEqual([]);
  });

  test('an option more, fewer or other is told by its name', () => {
    expect(compare('etcd', line => line.replace('--restart=always', '--restart=no'))).toEqual([
      { key: '--restart', before: 'always', after: 'no' },
    ]);
    expect(compare('etcd', line => line.replace('new', 'existing'))).toEqual([
      { key: 'command', before: expect.arrayContaining(['new']), after: expect.arrayContaining(['existing']) },
    ]);
    expect(compare('etcd', line => line.replace('-p 4001:4001 ', '--privileged ')).map(({ key }) => key)).toEqual([
      '--expose',
      '--privileged',
      '--publish',
    ]);
  });

  test('every option of a rich line shows when it is gone', () => {
    const keys = new Set(compare('rich', () => 'docker run --name recorded-rich 10.89.0.1:10500/root/busybox:1').map(({ key }) => key));
    const stated = [...parseLine(of('rich').line).options.keys()];
    // The daemon's own defaults hide these: they are compared only where the line says them.
    const unseen = ['--name', '--detach', '--ulimit', '--log-opt', '--shm-size'];
    expect(stated.filter(option => !keys.has(option))).toEqual(expect.arrayContaining(unseen));
    expect(stated.filter(option => !keys.has(option) && !unseen.includes(option))).toEqual([]);
  });

  test('other spellings are the same', () => {
    const respell = (line: string): string =>
      line
        .replace('-dit', '--interactive --tty')
        .replace('--cpus 0.5', '--cpus=.5')
        .replace('-m 64m', '--memory 65536k')
        .replace('NET_ADMIN', 'cap_net_admin')
        .replace('10998-10999:81-82', '10998:81')
        .replace('-p 8001', '-p 8001/tcp -p 127.0.0.1:10999:82')
        .replace('5s', '5000ms');
    expect(compare('rich', respell)).toEqual([]);
  });

  test('what the kernel cannot keep is not compared', () => {
    const { seen } = of('plain');
    const keys = (options: string, now: Container): readonly string[] =>
      differences(
        parseLine(`docker run --name recorded-plain ${options} 10.89.0.1:10500/root/busybox:1 sleep 1000`),
        'recorded-plain',
        now,
      ).map(({ key }) => key);
    expect(keys('--blkio-weight 100 --memory 1g', seen)).toEqual(['--memory']);
    expect(keys('--blkio-weight 100 --memory 1g', { ...seen, engine: { ...seen.engine, MemoryLimit: false } })).toEqual([]);
  });
});

const prepare = async (args: object): Promise<unknown> => {
  const refuse = (): never => {
    throw new Error('no controller');
  };
  return dockerRun.prepare(dockerRun.args.parse(args), {
    check: false,
    diff: false,
    find: refuse,
    render: refuse,
    decrypt: refuse,
    once: (_key, make) => make(),
  });
};
test.for([
  'docker run busybox',
  'docker run --name a --rm --restart always busybox',
  'docker run --name a --detach=false busybox',
  'docker run --name a -e NAME busybox',
  'docker run --name a --memory lots busybox',
  'docker run --name a --env-file /x busybox',
])('%s is refused', async command => {
  await expect(prepare({ command })).rejects.toMatchObject({ code: 'E_ARGS' });
});
test('a name of the task must be that of the line', async () => {
  await expect(prepare({ command: 'docker run --name a busybox', name: 'b' })).rejects.toMatchObject({ code: 'E_ARGS' });
  await expect(prepare({ command: 'docker run busybox', name: 'b' })).resolves.toMatchObject({ name: 'b' });
});
