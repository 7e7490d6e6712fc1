import { withoutCollection } from '../../model/builtin.ts';
import type { Filter } from '../run.ts';
import { collectionFilters } from './collection.ts';
import { communityFilters } from './community.ts';
import { dataFilters } from './data.ts';
import { type Filters, prefixed } from './define.ts';
import { dictFilters } from './dict.ts';
import { htmlFilters } from './html.ts';
import { ipFilters } from './ip.ts';
import { logicFilters } from './logic.ts';
import { numberFilters } from './number.ts';
import { passwordFilters } from './password.ts';
import { pathFilters } from './path.ts';
import { regexFilters } from './regex.ts';
import { textFilters } from './text.ts';
import { vaultFilters } from './vault.ts';

/** Filters that were ansible.builtin's once keep their short names (ansible_builtin_runtime.yml). */
const redirected = (names: string, filters: Filters): Filters =>
  Object.fromEntries(names.split(' ').flatMap(name => (filters[name] ? [[name, filters[name]]] : [])));

const FORMERLY_BUILTIN =
  'cidr_merge ipaddr ipmath ipwrap ip4_hex ipv4 ipv6 ipsubnet next_nth_usable network_in_network network_in_usable reduce_on_network ' +
  'nthhost previous_nth_usable slaac hwaddr';

const filters: ReadonlyMap<string, Filter> = new Map(
  Object.entries({
    ...textFilters,
    ...regexFilters,
    ...numberFilters,
    ...collectionFilters,
    ...dictFilters,
    ...pathFilters,
    ...dataFilters,
    ...logicFilters,
    ...vaultFilters,
    ...htmlFilters,
    ...passwordFilters,
    ...redirected(FORMERLY_BUILTIN, ipFilters),
    ...prefixed('ansible.utils', ipFilters),
    ...redirected('json_query random_mac', communityFilters),
    ...prefixed('community.general', communityFilters),
    // Where they were before.
    ...prefixed('ansible.netcommon', ipFilters),
  }),
);

/** A filter by its short name or its FQCN. */
export const findFilter = (name: string): Filter | undefined => filters.get(withoutCollection(name));
export const filterNames = (): Iterable<string> => filters.keys();
