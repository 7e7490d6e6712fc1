import type { Fields, Plain } from '../model/module.ts';

/** JSON as Python's json.dumps(sort_keys=True) spaces it, since scripts grep Ansible's `=> {…}` lines. */
export const dump = (value: Plain, indent?: number): string =>
  indent === undefined ? inline(value) : JSON.stringify(sorted(value), null, indent);

const inline = (value: Plain): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  return `{${entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
    .join(', ')}}`;
};

const sorted = (value: Plain): Plain => {
  if (value === null || typeof value !== 'object') return value;
  return isList(value) ? value.map(sorted) : Object.fromEntries(entries(value).map(([key, item]) => [key, sorted(item)]));
};

const isList = (value: readonly Plain[] | Fields): value is readonly Plain[] => Array.isArray(value);
const entries = (fields: Fields): [string, Plain][] => Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
