import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields, Output, Step } from '../model/module.ts';
import { dig, image, type Inspected } from '../probes/docker.ts';
import { stat, type Stat } from '../probes/stat.ts';
import { pathWord } from '../probes/path.ts';
import { raw, sh } from '../shell/sh.ts';
import { bool, choice, optional, path, str } from './args.ts';
import { definePrepared } from './define.ts';

const args = z.strictObject({
  name: str.describe('The image: a reference without a tag, with one, with a digest, or an id.'),
  tag: str.default('latest').describe('The tag where the name has none.'),
  source: optional(choice('pull', 'load', 'import', 'local')).describe(
    'Where a missing image comes from: a registry, an archive of `docker save`, or a file system to import (both `load_path`).',
  ),
  load_path: optional(path).describe('Archive on the host.'),
  state: choice('present', 'absent').default('present').describe('Whether the image is on the host.'),
  force_source: bool.default(false).describe('Take it from its source though it is there.'),
  force_absent: bool.default(false).describe('Remove it though stopped containers use it, or it has other tags.'),
});
interface Ready {
  readonly args: z.output<typeof args>;
  readonly reference: string;
}
type Seen = [image: Inspected | undefined, archive: Stat | undefined];

/** A name that has a tag, a digest, or is an id needs none. */
const isWhole = (name: string): boolean => /[:@][^/]*$/.test(name) || /^[0-9a-f]{64}$/.test(name);
const isId = (name: string): boolean => /^sha256:[0-9a-f]{64}$/i.test(name);

const acquire = ({ args: { source, load_path = '' }, reference }: Ready): string => {
  const archive = raw(pathWord(load_path).text);
  if (source === 'load') return sh`docker load -i ${archive} >&2`;
  if (source === 'import') return sh`docker import ${archive} ${reference} >&2`;
  return sh`docker pull ${reference} >&2`;
};

export const dockerImage = definePrepared<Seen, Ready>()({
  name: 'docker_image',
  collections: ['community.docker'],
  summary: 'Keep an image on the host, pulled, loaded or imported.',
  args,
  reach: 'host',
  prepare(given): Ready {
    const { source, state, load_path, name, tag } = given;
    if (state === 'present' && source === undefined)
      throw new KplayError('E_ARGS', 'state is present but all of the following are missing: source');
    if ((source === 'load' || source === 'import') && load_path === undefined)
      throw new KplayError('E_ARGS', `source is ${source} but all of the following are missing: load_path`);
    return { args: given, reference: isWhole(name) ? name : `${name}:${tag}` };
  },

  observe: ({ args: { load_path }, reference }) => [
    { kind: image, subject: reference },
    load_path === undefined ? undefined : { kind: stat, subject: load_path },
  ],

  analyze({ args: { source, state, force_source, load_path }, reference }, [found, archive]) {
    const before = found === undefined ? null : dig(found, 'Id');
    if (state === 'absent') return found === undefined ? [] : [{ key: 'image', before, after: null }];
    if (found !== undefined && !force_source) return [];
    if (source === 'pull' && isId(reference))
      throw new KplayError('E_ARGS', `Image name must not be an image ID for source=pull; got: ${reference}`);
    if (source === 'local') {
      if (found !== undefined) return [];
      throw new KplayError('E_STATE', `Cannot find the image ${reference} locally.`);
    }
    if (archive !== undefined && archive.target === undefined)
      throw new KplayError('E_STATE', `Error loading image ${reference} - ${load_path} does not exist`);
    const change: Change = { key: 'image', before, after: reference };
    return [change];
  },

  act(ready): readonly Step[] {
    const { reference, args: given } = ready;
    if (given.state === 'absent') return [{ script: sh`docker rmi ${given.force_absent ? ['-f'] : []} -- ${reference} >&2` }];
    return [
      { script: acquire(ready) },
      { script: sh`docker image inspect -- ${reference} || { echo ${`the archive holds no image ${reference}`} >&2; exit 1; }` },
    ];
  },

  result(ready, [found], changes, outputs): Fields {
    const { state } = ready.args;
    const after = inspected(outputs?.at(-1)) ?? found;
    const same = state === 'present' && found !== undefined && after !== undefined && dig(after, 'Id') === dig(found, 'Id');
    return {
      changed: changes.length > 0 && !same,
      image: state === 'present' ? (after ?? {}) : changes.length > 0 ? { state: 'Deleted' } : {},
      actions: changes.length > 0 ? [actionOf(ready)] : [],
    };
  },
});
const inspected = (output: Output | undefined): Inspected | undefined =>
  output === undefined || output.stdout.length === 0 ? undefined : (JSON.parse(output.stdout.toString()) as Inspected[])[0];
/** Ansible's words. */
const actionOf = ({ args: { state, source, load_path }, reference }: Ready): string => {
  if (state === 'absent') return `Removed image ${reference}`;
  if (source === 'load') return `Loaded image ${reference} from ${load_path}`;
  if (source === 'import') return `Imported image ${reference} from ${load_path}`;
  return `Pulled image ${reference}`;
};
