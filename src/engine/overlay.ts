import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';

/** A scope with some names put in front, final as they are. */
export const overlay = (scope: Scope, names: ReadonlyMap<string, Value>): Scope => ({
  lookup: name => (names.has(name) ? names.get(name)! : scope.lookup(name)),
  names: function* () {
    yield* names.keys();
    yield* scope.names();
  },
  ...(scope.hearsay && { hearsay: scope.hearsay }),
  ...(scope.derived && { derived: name => !names.has(name) && scope.derived!(name) }),
});
