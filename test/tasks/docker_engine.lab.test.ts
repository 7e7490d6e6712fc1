import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Container, container, containerOf, dig, image } from '../../src/probes/docker.ts';
import type { ProbeKind } from '../../src/model/probe.ts';
import { execute } from './_converge.ts';
import { labShell } from './_lab.ts';

const shell = labShell('h3');
const IMAGE = '10.89.0.1:10500/root/busybox:1';
const NAMES = ['kplay-test-e', 'kplay-test-untagged', 'kplay-test-none'];
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString();
};
const clean = (): string => on(`docker rm -f ${NAMES.join(' ')} >/dev/null 2>&1; docker rmi kplay-test-u >/dev/null 2>&1; :`);

beforeAll(() => {
  clean();
  on(`docker pull -q ${IMAGE}; docker tag ${IMAGE} kplay-test-u; docker run -d --name kplay-test-e ${IMAGE} sleep 1000
docker create --name kplay-test-untagged kplay-test-u`);
});
afterAll(clean);

/** What the engine is not asked with: a context of the user's own, as `docker context use` leaves behind. */
const BY_COMMAND = 'export DOCKER_CONFIG=/root/.docker\n';
const seen = <O>(kind: ProbeKind<O>, subjects: readonly string[], before: string): readonly unknown[] =>
  kind.parse(Buffer.from(on(before + kind.script(subjects))), subjects);

describe('the engine and docker, the command, tell the same', () => {
  const [one, untagged, none] = NAMES as [string, string, string];
  const pairs = [containerOf(one, IMAGE), containerOf(untagged, 'kplay-test-u'), containerOf(none, `${IMAGE}.none`), containerOf(one)];
  const subjects = pairs.map(({ subject }) => subject);

  test('of containers and what they are made of', () => {
    const [asked, told] = ['', BY_COMMAND].map(before => seen(container, subjects, before) as readonly Container[]);
    expect(asked!.map(found => [found.container, found.image, found.wanted].map(it => dig(it, 'Id')))).toEqual(
      told!.map(found => [found.container, found.image, found.wanted].map(it => dig(it, 'Id'))),
    );
    expect(asked!.map(({ container: it }) => dig(it, 'Name'))).toEqual([`/${one}`, `/${untagged}`, null, `/${one}`]);
    expect(asked!.map(({ container: it }) => it?.['HostConfig'])).toEqual(told!.map(({ container: it }) => it?.['HostConfig']));
    expect(asked!.map(({ engine }) => engine['ID'])).toEqual(told!.map(({ engine }) => engine['ID']));
  });

  test.for([[IMAGE, 'kplay-test-u'], [IMAGE, 'kplay-test-none', 'kplay-test-u'], ['UPPER']])('of the images %s', references => {
    expect(seen(image, references, '')).toEqual(seen(image, references, BY_COMMAND));
  });

  test('where the engine does not run', () => {
    const gone = 'curl() { return 7; }; docker() { echo "Cannot connect to the Docker daemon" >&2; return 1; }\n';
    for (const kind of [container, image] as ProbeKind<unknown>[])
      expect(seen(kind, ['x'], gone)).toMatchObject([{ code: 'E_PROBE', message: expect.stringMatching(/Cannot connect/) }]);
  });
});
