import * as z from 'zod';
import { Kubernetes, type Manifest } from '../kubernetes/client.ts';
import { texts, stated, withoutSecrets } from '../kubernetes/shown.ts';
import { isReady } from '../kubernetes/ready.ts';
import { until } from '../kubernetes/wait.ts';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields } from '../model/module.ts';
import { MAX_DIFF_BYTES } from '../probes/content.ts';
import { any, bool, choice, dict, optional, path, str } from './args.ts';
import { defineApi } from './define.ts';
import { accessArgs, collections, conditionOf, patienceOf, waitArgs } from './kubernetes/arguments.ts';
import { type Definition, definitionsOf } from './kubernetes/definitions.ts';
import { apply, explained, placeOf, seeApplied, seeRemoved, type Sight } from './kubernetes/objects.ts';

const args = z
  .strictObject({
    state: choice('present', 'absent').default('present').describe('Applied, or deleted.'),
    definition: optional(any).describe('The objects: a mapping, a list of them, or YAML of one or more documents.'),
    src: optional(path).describe('File of the controller with such YAML.'),
    template: optional(any).describe('Template of the controller that gives such YAML: its path, a mapping with `path`, or a list.'),
    kind: optional(str).describe('Kind of an object that does not say it.'),
    api_version: str.default('v1').describe('Its API version.'),
    name: optional(str).describe('Its name.'),
    namespace: optional(str).describe('Its namespace.'),
    field_manager: str.default('kplay').describe('Whose fields they are from then on (server-side apply).'),
    force_conflicts: bool.default(false).describe('Take over fields that another manager has set otherwise.'),
    apply: bool.default(true).describe('Taken: objects are always applied, by the server.'),
    server_side_apply: optional(z.strictObject({ field_manager: optional(str), force_conflicts: optional(bool) })).describe(
      '`field_manager` and `force_conflicts`, written as kubernetes.core does.',
    ),
    delete_options: dict.default({}).describe('`propagationPolicy`, `gracePeriodSeconds`, `preconditions` of a deletion.'),
    ...waitArgs,
    ...accessArgs,
  })
  .superRefine(({ definition, src, template }, context) => {
    const given = Object.entries({ definition, src, template }).filter(([, value]) => value !== undefined);
    if (given.length > 1) context.addIssue(`parameters are mutually exclusive: ${given.map(([name]) => name).join('|')}`);
  });
type Args = z.output<typeof args>;
interface Ready {
  readonly given: Args;
  readonly definitions: readonly Definition[];
}
interface Seen {
  readonly sights: readonly Sight[];
  /** Where nothing differs and the task waits: the objects as they are in the end. */
  readonly waited?: readonly (Manifest | undefined)[];
}

const managerOf = ({ field_manager, force_conflicts, server_side_apply: said }: Args) => ({
  fieldManager: said?.field_manager ?? field_manager,
  force: said?.force_conflicts ?? force_conflicts,
});

/** Until the objects are ready or gone; E_TIMEOUT names the one that is not. */
const waitForAll = async ({ given, definitions }: Ready, api: Kubernetes): Promise<readonly (Manifest | undefined)[]> => {
  const all: (Manifest | undefined)[] = [];
  for (const definition of definitions) {
    const { kind, name } = definition;
    if (given.state === 'absent' && (await api.resource(definition.apiVersion, kind)) === undefined) {
      all.push(undefined);
      continue;
    }
    const place = await placeOf(api, definition);
    api.line.waiting(`waits for ${kind} ${name}`);
    const found = await until(api, patienceOf(given), async () => {
      const object = await api.get(place);
      if (given.state === 'absent') return object === undefined ? { object } : undefined;
      return object !== undefined && isReady(object, conditionOf(given)) ? { object } : undefined;
    });
    if (found === undefined) throw new KplayError('E_TIMEOUT', `"${kind}" "${name}": Timed out waiting on resource`);
    all.push(found.object);
  }
  return all;
};

const changeOf = ({ title, before, after }: Sight, definition: Definition): Change => {
  const [old = '', now = ''] = texts(before && stated(before, definition.manifest), after && stated(after, definition.manifest));
  if (Math.max(old.length, now.length) <= MAX_DIFF_BYTES) return { path: title, key: 'content', before: old, after: now };
  return { path: title, key: 'state', before: before ? 'present' : 'absent', after: after ? 'applied' : 'absent' };
};

/** kubernetes.core.k8s, by server-side apply: the server says what would differ before anything is done. */
export const k8s = defineApi({
  name: 'k8s',
  collections,
  summary: 'Apply or delete objects of Kubernetes, through a master.',
  args,
  aliases: { resource_definition: 'definition', inline: 'definition', api: 'api_version', version: 'api_version' },

  prepare: async (given: Args, controller): Promise<Ready> => ({ given, definitions: await definitionsOf(given, controller) }),
  connect: ({ given }, line) => Kubernetes.through(line, given),

  async observe(ready, api, mode): Promise<Seen> {
    const { given, definitions } = ready;
    const sights: Sight[] = [];
    for (const [index, definition] of definitions.entries())
      sights.push(
        given.state === 'absent'
          ? await seeRemoved(api, definition)
          : await seeApplied(api, definition, definitions.slice(0, index), managerOf(given)).catch((error: unknown) => {
              throw explained(error);
            }),
      );
    if (!given.wait || mode.check || sights.some(({ differs }) => differs)) return { sights };
    return { sights, waited: await waitForAll(ready, api) };
  },

  analyze: ({ definitions }, { sights }) =>
    sights.flatMap((sight, index) => (sight.differs ? [changeOf(sight, definitions[index] as Definition)] : [])),

  async act(ready, { sights }, _changes, api): Promise<readonly (Manifest | undefined)[]> {
    const { given, definitions } = ready;
    const done: (Manifest | undefined)[] = [];
    // Objects are deleted in the opposite order: what is in a namespace before the namespace.
    const order = [...definitions.entries()];
    for (const [index, definition] of given.state === 'absent' ? order.toReversed() : order) {
      if (!sights[index]?.differs) done[index] = sights[index]?.after;
      else if (given.state === 'absent') done[index] = await api.remove(await placeOf(api, definition), given.delete_options);
      else
        done[index] = await apply(api, definition, definitions.slice(0, index), managerOf(given)).catch((error: unknown) => {
          throw explained(error);
        });
    }
    const waited = given.wait ? await waitForAll(ready, api) : [];
    return done.map((object, index) => waited[index] ?? object);
  },

  result({ given }, { sights, waited }, _changes, done): Fields {
    const method = given.state === 'absent' ? 'delete' : 'apply';
    const results = sights.map(({ after, differs }, index): Fields => {
      const object = done?.[index] ?? waited?.[index] ?? after;
      return { changed: differs, method, result: object === undefined ? {} : withoutSecrets(object) };
    });
    const [only] = results;
    return results.length === 1 && only !== undefined ? only : { changed: sights.some(({ differs }) => differs), result: { results } };
  },
});
