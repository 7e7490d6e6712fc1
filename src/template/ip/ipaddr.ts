import { evaluationError } from '../../value/errors.ts';
import { isInteger, isText, textOf, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { showAddress, type Version } from './address.ts';
import { Network } from './network.ts';
import { QUERIES, type Subject } from './query.ts';

const NUMBER = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
const numbered = (value: bigint, prefix: number | undefined, version: Version | undefined): Network | undefined =>
  (version === 6 ? undefined : Network.of(4, value, prefix ?? 32)) ?? Network.of(6, value, prefix ?? 128);

/** Addresses, networks, and both as plain numbers. */
const subjectOf = (text: string, version: Version | undefined): Subject | undefined => {
  if (/^\d+$/.test(text)) {
    const network = numbered(BigInt(text), undefined, version);
    return network && { network, text: String(network), prefixed: false };
  }
  const network = Network.parse(text);
  if (network) return { network, text, prefixed: text.includes('/') };
  const [value = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !NUMBER.test(value) || !NUMBER.test(prefix)) return undefined;
  const made = numbered(BigInt(value.replaceAll('_', '')), Number(prefix.replaceAll('_', '')), undefined);
  return made && { network: made, text: String(made), prefixed: true };
};

/** A number asks for the network's address at that index. */
const atIndex = ({ network, prefixed }: Subject, query: string, alias: string): Value => {
  if (!/^[\s\d.e_+-]+$/i.test(query) || Number.isNaN(Number.parseFloat(query)))
    throw evaluationError(`${alias}: unknown filter type: ${query}`);
  if (network.size === 1n) return prefixed ? String(network) : showAddress(network.address);
  const found = NUMBER.test(query) ? network.at(BigInt(query.trim().replace(/^\+/, ''))) : undefined;
  return found ? `${showAddress(found)}/${network.prefix}` : false;
};

/** A query that is a network itself asks whether the subject lies in it. */
const container = (query: string): Network | undefined => {
  if (QUERIES.has(query) || /^\d+$/.test(query)) return undefined;
  const subject = query === '' ? undefined : subjectOf(query, undefined);
  return subject?.network.cidr;
};

export interface IpOptions {
  readonly version?: Version | undefined;
  /** The name that messages call the filter by. */
  readonly alias?: string;
}

/**
 * ansible.utils.ipaddr of any value: what the query tells of an address or network; False where the value is none, or none of the
 * version; None where the query does not fit it. A list keeps what is true of its items. E_TEMPLATE for a query that nobody knows.
 */
export const ipaddr = (value: Value, query = '', options: IpOptions = {}): Value => {
  const { version, alias = 'ipaddr' } = options;
  if (Array.isArray(value)) return value.map(item => ipaddr(item, query, options)).filter(truth);
  if (!truth(value) || value === true || !(isText(value) || isInteger(value))) return false;
  const subject = subjectOf(isText(value) ? textOf(value) : str(value), version);
  if (!subject || (version !== undefined && subject.network.version !== version)) return false;
  const outer = container(query);
  if (outer) return outer.contains(subject.network.cidr) ? subject.text : null;
  const ask = QUERIES.get(query);
  return ask ? ask(subject) : atIndex(subject, query, alias);
};
