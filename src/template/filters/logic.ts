import { getAttribute } from '../../value/access.ts';
import { evaluationError } from '../../value/errors.ts';
import { isMapping, truth, typeName, unmarked } from '../../value/kinds.ts';
import { numberArgument } from '../../value/call.ts';
import { DateTime, strftime, strptime } from '../../value/datetime.ts';
import { str } from '../../value/repr.ts';
import { type Dict, Undefined, type Value } from '../../value/value.ts';
import type { Filter } from '../run.ts';
import { type Filters, takes } from './define.ts';

const defaultFilter: Filter = takes(['default_value', 'boolean'], (input, [otherwise = '', falsy = false], run) => {
  // Natively what an inline `if` without `else` gives is not undefined.
  if (input instanceof Undefined && !(run.native && input.lenient)) return otherwise;
  return truth(falsy) && !truth(input) ? otherwise : input;
});

const SPLIT = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
/** Python's urllib.parse.urlsplit. */
export const splitUrl = (text: string): Dict => {
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = SPLIT.exec(text.trim()) ?? [];
  const at = netloc.lastIndexOf('@');
  const [user, password] = at < 0 ? [null, null] : netloc.slice(0, at).split(/:(.*)/s);
  const host = netloc.slice(at + 1);
  const [, six, four = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(host) ?? [];
  const name = (six ?? four).toLowerCase();
  return new Map<Value, Value>([
    ['fragment', fragment],
    ['hostname', name === '' ? null : name],
    ['netloc', netloc],
    ['password', password ?? null],
    ['path', path],
    ['port', port ? Number(port) : null],
    ['query', query],
    ['scheme', scheme.toLowerCase()],
    ['username', user ?? null],
  ]);
};

/** Text is text there, whoever made it. */
const nativeName = (value: Value): string => (value instanceof Undefined && !value.lenient ? 'UndefinedMarker' : typeName(unmarked(value)));

export const logicFilters: Filters = {
  default: defaultFilter,
  d: defaultFilter,
  ternary: takes(
    ['true_val', 'false_val', 'none_val'],
    (input, [yes = null, no = null, none = null]) => (input === null && none !== null ? none : truth(input) ? yes : no),
    2,
  ),
  mandatory: takes(['msg'], (input, [message = null]) => {
    if (!(input instanceof Undefined)) return input;
    const name = /^('.*') is undefined$/.exec(input.message)?.[1];
    throw evaluationError(message === null ? `Mandatory variable ${name === undefined ? '' : `${name} `} not defined.` : str(message));
  }),
  type_debug: takes([], (input, _, run) => (run.native ? nativeName(input) : typeName(input))),
  attr: takes(
    ['name'],
    (input, [name = '']) => {
      // Attributes only: an item of that name does not count.
      const value = isMapping(input) && input instanceof Map ? getAttribute(new Map(), str(name)) : getAttribute(input, str(name));
      return value;
    },
    1,
  ),
  urlsplit: takes(['query', 'alias'], (input, [query = '']) => {
    const parts = splitUrl(str(input));
    if (query === '') return parts;
    const part = parts.get(str(query));
    if (part === undefined) throw evaluationError(`urlsplit: unknown URL component: ${str(query)}`);
    return part;
  }),
  strftime: takes(['second', 'utc'], (input, [second = null, utc = false], run) => {
    if (second === null) run.impure('strftime of the current time');
    const seconds =
      second === null ? run.host.now().getTime() / 1000 : typeof second === 'string' ? Number(second) : numberArgument(second, 0);
    if (Number.isNaN(seconds)) throw evaluationError(`Invalid value for epoch value (${str(second)})`);
    const instant = new Date(seconds * 1000);
    return strftime(str(input), truth(utc) ? new DateTime(instant) : DateTime.local(instant), truth(utc) ? '+0000' : zoneOf(instant));
  }),
  to_datetime: takes(['format'], (input, [format = '%Y-%m-%d %H:%M:%S']) => {
    const time = strptime(str(input), str(format));
    if (!time) throw evaluationError(`time data '${str(input)}' does not match format '${str(format)}'`);
    return time;
  }),
};

/** The controller's offset as %z prints it. */
const zoneOf = (instant: Date): string => {
  const minutes = -instant.getTimezoneOffset();
  const size = Math.abs(minutes);
  const pad = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(size / 60)}${pad(size % 60)}`;
};
