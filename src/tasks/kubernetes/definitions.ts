import * as z from 'zod';
import type { Manifest } from '../../kubernetes/client.ts';
import { KplayError } from '../../model/errors.ts';
import type { Controller, Plain } from '../../model/module.ts';
import { manifestsIn } from '../../kubernetes/manifests.ts';
import { bool, optional, str } from '../args.ts';
import { readDecrypted } from '../source.ts';

/** What a k8s task says of the objects it is about. */
export interface Given {
  readonly definition?: Plain | undefined;
  readonly src?: string | undefined;
  readonly template?: Plain | undefined;
  readonly kind?: string | undefined;
  readonly api_version: string;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}
/** One object that a task is about. */
export interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly manifest: Manifest;
}

const templateArgs = z.strictObject({
  path: str,
  newline_sequence: optional(str),
  block_start_string: optional(str),
  block_end_string: optional(str),
  variable_start_string: optional(str),
  variable_end_string: optional(str),
  trim_blocks: bool.default(true),
  lstrip_blocks: bool.default(false),
});

/** All objects in the order they are written; lists are taken apart. What a definition does not say of itself, the arguments say. */
export const definitionsOf = async (given: Given, controller: Controller): Promise<readonly Definition[]> => {
  const written = await manifestsOf(given, controller);
  return written.flatMap(manifest => takenApart(manifest, given)).map(manifest => definitionOf(manifest, given));
};

const manifestsOf = async ({ definition, src, template }: Given, controller: Controller): Promise<readonly Manifest[]> => {
  if (definition !== undefined) return flat(definition, 'definition');
  if (src !== undefined) return readManifests(controller.find(src, 'files'), controller);
  if (template === undefined) return [{}];
  const all: Manifest[] = [];
  for (const one of Array.isArray(template) ? (template as readonly Plain[]) : [template]) all.push(...(await rendered(one, controller)));
  return all;
};
const flat = (definition: Plain, where: string): readonly Manifest[] => {
  if (typeof definition === 'string') return manifestsIn(definition, where);
  if (Array.isArray(definition)) return (definition as readonly Plain[]).flatMap(one => flat(one, where));
  if (definition !== null && typeof definition === 'object') return [definition as Manifest];
  throw new KplayError('E_ARGS', `${where}: an object is a mapping, got ${JSON.stringify(definition)}`);
};
const readManifests = async (file: string, controller: Controller): Promise<readonly Manifest[]> => {
  try {
    return manifestsIn(Buffer.from(await readDecrypted(file, controller)).toString(), file);
  } catch (cause) {
    if (cause instanceof KplayError) throw cause;
    throw new KplayError('E_FILE', `could not read ${file}`, { cause, detail: String(cause) });
  }
};

const rendered = async (given: Plain, controller: Controller): Promise<readonly Manifest[]> => {
  const parsed = templateArgs.safeParse(typeof given === 'string' ? { path: given } : given);
  if (!parsed.success) throw new KplayError('E_ARGS', `template: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  const { data } = parsed;
  const file = controller.find(data.path, 'templates');
  const text = await controller.render(file, {
    named: data.path,
    trimBlocks: data.trim_blocks,
    lstripBlocks: data.lstrip_blocks,
    ...(data.newline_sequence !== undefined && { newlineSequence: data.newline_sequence }),
    ...(data.variable_start_string !== undefined && { variableStart: data.variable_start_string }),
    ...(data.variable_end_string !== undefined && { variableEnd: data.variable_end_string }),
    ...(data.block_start_string !== undefined && { blockStart: data.block_start_string }),
    ...(data.block_end_string !== undefined && { blockEnd: data.block_end_string }),
  });
  return manifestsIn(text, file);
};

/** A `List`, and a list of one kind (`ConfigMapList`), is the objects in it. */
const takenApart = (manifest: Manifest, given: Given): readonly Manifest[] => {
  const { kind, apiVersion, items } = { kind: given.kind ?? null, apiVersion: given.api_version, ...manifest } as Manifest;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [manifest];
  const common = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length), apiVersion: apiVersion ?? null };
  return (items as readonly Manifest[]).map(item => ({ ...common, ...item }));
};

const identity = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const definitionOf = (written: Manifest, { kind, api_version, name, namespace }: Given): Definition => {
  const manifest: Manifest = {
    apiVersion: api_version,
    ...(kind !== undefined && { kind }),
    ...written,
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
      ...(written['metadata'] as Manifest | undefined),
    },
  };
  const known = identity.safeParse(manifest);
  if (!known.success) {
    const missing = known.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new KplayError('E_ARGS', `a definition does not say which object it is: ${missing}`, {
      detail: JSON.stringify(Object.keys(manifest)),
    });
  }
  const { metadata, ...type } = known.data;
  return { ...type, name: metadata.name, namespace: metadata.namespace, manifest };
};
