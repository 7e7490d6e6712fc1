import * as z from 'zod';
import { Kubernetes, type Manifest } from '../kubernetes/client.ts';
import { isReady } from '../kubernetes/ready.ts';
import { until } from '../kubernetes/wait.ts';
import { KplayError } from '../model/errors.ts';
import { list, optional, str } from './args.ts';
import { defineApi } from './define.ts';
import { accessArgs, collections, conditionOf, patienceOf, waitArgs } from './kubernetes/arguments.ts';

const args = z.strictObject({
  kind: str.describe('Kind of the objects; plural, singular and short names do too.'),
  api_version: str.default('v1').describe('Its API version.'),
  name: optional(str).describe('Only the object of this name.'),
  namespace: optional(str).describe('Only in this namespace.'),
  label_selectors: list.default([]).describe('Only with these labels: `app=web`, `tier in (a, b)`, `!old`.'),
  field_selectors: list.default([]).describe('Only with these fields: `status.phase=Running`.'),
  ...waitArgs,
  ...accessArgs,
});
type Args = z.output<typeof args>;

/** Undefined: the API serves no such kind. */
type Seen = readonly Manifest[] | undefined;

const look = async (given: Args, api: Kubernetes): Promise<Seen> => {
  const resource = await api.resource(given.api_version, given.kind);
  if (resource === undefined) return undefined;
  const { name, namespace, label_selectors: labelSelectors, field_selectors } = given;
  const fieldSelectors = [...field_selectors, ...(name === undefined ? [] : [`metadata.name=${name}`])];
  const found = (): Promise<readonly Manifest[]> => api.list(resource, { namespace, labelSelectors, fieldSelectors });
  if (!given.wait) return found();
  api.line.waiting(`waits for ${resource.kind}${name === undefined ? '' : ` ${name}`}`);
  let last: readonly Manifest[] = [];
  const ready = await until(api, patienceOf(given), async () => {
    last = await found();
    return last.length > 0 && last.every(object => isReady(object, conditionOf(given))) ? last : undefined;
  });
  // kubernetes.core: nothing found is no failure, something found that does not become ready is.
  if (ready !== undefined || last.length === 0) return last;
  throw new KplayError(
    'E_TIMEOUT',
    `Failed to gather information about ${resource.kind}(s) even after waiting for ${given.wait_timeout} seconds`,
  );
};

export const k8sInfo = defineApi({
  name: 'k8s_info',
  collections,
  summary: 'Read objects of Kubernetes, through a master.',
  args,
  aliases: { api: 'api_version', version: 'api_version' },
  prepare: (given: Args) => given,
  connect: (given, line) => Kubernetes.through(line, given),
  observe: look,
  analyze: () => [],
  act: () => Promise.resolve(),
  result: ({ api_version, kind }, seen) => {
    if (seen !== undefined) return { resources: seen, api_found: true };
    const msg = `Failed to find API for resource with apiVersion "${api_version}" and kind "${kind}"`;
    return { resources: [], api_found: false, msg };
  },
});
