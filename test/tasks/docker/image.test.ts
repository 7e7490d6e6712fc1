import { describe, expect, test } from 'vitest';
import type { Fields } from '../../../src/model/module.ts';
import type { Inspected } from '../../../src/probes/docker.ts';
import { dockerImage } from '../../../src/tasks/docker_image.ts';

const ID = `sha256:${'0'.repeat(64)}`;
/** What docker_image would do where the host has this image, and what it would then say. */
const planned = async (args: object, image?: Inspected): Promise<Fields> => {
  const mode = { check: true, diff: false };
  const ready = await dockerImage.prepare(dockerImage.args.parse(args), mode as never);
  const changes = dockerImage.analyze(ready, [image, undefined], mode);
  return dockerImage.result(ready, [image, undefined], changes, undefined);
};

describe('docker_image says what it does as Ansible does', () => {
  test.for([
    [{ name: 'a', source: 'pull' }, undefined, ['Pulled image a:latest'], {}],
    [{ name: 'a:1', tag: '2', source: 'load', load_path: '/a.tar' }, undefined, ['Loaded image a:1 from /a.tar'], {}],
    [{ name: 'a', source: 'pull' }, { Id: ID }, [], { Id: ID }],
    [{ name: 'a', source: 'local', force_source: true }, { Id: ID }, [], { Id: ID }],
    [{ name: 'a', state: 'absent' }, { Id: ID }, ['Removed image a:latest'], { state: 'Deleted' }],
    [{ name: 'a', state: 'absent' }, undefined, [], {}],
  ] as const)('%o with %o', async ([args, there, actions, image]) => {
    expect(await planned(args, there)).toEqual({ changed: actions.length > 0, actions, image });
  });

  test('an id cannot be pulled, but be there', async () => {
    await expect(planned({ name: ID, source: 'pull' })).rejects.toThrow('must not be an image ID');
    expect(await planned({ name: ID, source: 'pull' }, { Id: ID })).toMatchObject({ changed: false });
  });
});

test.for([
  { source: 'build' },
  { source: 'local', push: true },
  { source: 'local', repository: 'b' },
  { source: 'local', archive_path: '/a' },
])('images are made elsewhere: %o', more => {
  expect(dockerImage.args.safeParse({ name: 'a', ...more }).success).toBe(false);
});
