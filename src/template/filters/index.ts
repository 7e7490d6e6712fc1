import type { Filter } from '../run.ts';
import { collectionFilters } from './collection.ts';
import { dataFilters } from './data.ts';
import { dictFilters } from './dict.ts';
import { htmlFilters } from './html.ts';
import { logicFilters } from './logic.ts';
import { numberFilters } from './number.ts';
import { passwordFilters } from './password.ts';
import { pathFilters } from './path.ts';
import { regexFilters } from './regex.ts';
import { textFilters } from './text.ts';
import { vaultFilters } from './vault.ts';

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
  }),
);
const BUILTIN = /^ansible\.(?:builtin|legacy)\./;

/** A filter by its short name or its FQCN. */
export const findFilter = (name: string): Filter | undefined => filters.get(name.replace(BUILTIN, ''));
