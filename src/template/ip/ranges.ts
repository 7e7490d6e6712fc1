import type { Address } from './address.ts';
import { Network } from './network.ts';

/** Of ranges that are separated by blanks. They are read when they are first asked for, as hardly any playbook does. */
export const within = (texts: string): ((network: Network) => boolean) => {
  let ranges: readonly Network[] | undefined;
  return network => (ranges ??= texts.split(' ').flatMap(text => Network.parse(text) ?? [])).some(range => range.contains(network));
};
const address =
  (check: (network: Network) => boolean): ((given: Address) => boolean) =>
  given =>
    check(new Network(given));

export const isLoopback = address(within('127.0.0.0/8 ::1'));
export const isLinkLocal = address(within('169.254.0.0/16 fe80::/10'));
export const isSixToFour = address(within('2002::/16'));
/** Of a whole network. */
export const isMulticast = within('224.0.0.0/4 ff00::/8');

/** IANA's special-purpose registries (RFC 6890), without what they call globally reachable. */
const isSpecial = address(
  within(
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 ' +
      '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ' +
      '::1 :: ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10',
  ),
);
const isException = address(within('192.0.0.9 192.0.0.10 2001:1::1 2001:1::2 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28'));
export const isGlobal = (given: Address): boolean => !isSpecial(given) || isException(given);
