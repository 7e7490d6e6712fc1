import type { Address, Become } from '../model/session.ts';
import type { Scope } from '../value/scope.ts';
import { type Addresses, becomeOf, becomes, exportsOf } from './address.ts';
import type { Keywords } from './keywords.ts';
import { becomeKey, loginOf, type Seat, type Target } from './targets.ts';
import type { Timed } from './timed.ts';

/** Where a task wants to run, before a connection is there. */
export interface Seating {
  readonly address: Address;
  /** Over ssh and, even where that is the same user, not with become. */
  readonly viaSftp: boolean;
  on(target: Target, timed: Timed): Seat;
}

/** From the task's own scope, or for a delegated task from the delegate's variables. */
export const seating = (
  host: string,
  scope: Scope,
  keywords: Keywords,
  hostScope: (host: string) => Scope,
  addresses: Addresses,
): Seating => {
  const { defaults } = addresses;
  const delegate = keywords.delegate();
  const where = delegate === undefined ? scope : hostScope(delegate);
  const address = addresses.of(delegate ?? host, where, keywords.value, delegate !== undefined);
  const become: Become | undefined = becomeOf(where, keywords.value, defaults, address);
  const prelude = exportsOf(keywords.environment());
  return {
    address,
    viaSftp: address.connection !== 'local' && !becomes(where, keywords.value, defaults),
    on: (target, timed) => ({
      target,
      timed,
      prelude,
      identity: `${loginOf(target.address)}\0${becomeKey(become)}\0${prelude}`,
      ...(become && { become }),
    }),
  };
};
