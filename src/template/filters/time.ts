import { textArgument } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isNumber, toNumber } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { Float, type Value } from '../../value/value.ts';
import type { Filter } from '../run.ts';
import type { Filters } from './define.ts';
import { roundHalfEven } from './number.ts';

const SHORT: Readonly<Record<string, string>> = {
  millisecond: 'ms',
  msec: 'ms',
  msecond: 'ms',
  sec: 's',
  second: 's',
  min: 'm',
  minute: 'm',
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'mo',
  year: 'y',
};
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DECIMALS = 12;

/** Milliseconds of each unit; how many days a month and a year have can be said. */
const unitsWith = (named: ReadonlyMap<string, Value>): Readonly<Record<string, number>> => {
  const days = (name: string, otherwise: number): number => {
    const value = named.get(name) ?? otherwise;
    if (!isNumber(value)) throw evaluationError(`a ${name} has a number of days, not ${str(value)}`);
    return toNumber(value);
  };
  for (const name of named.keys())
    if (!['unit', 'year', 'month'].includes(name)) throw evaluationError(`to_time_unit() got unknown keyword arguments: ${name}`);
  return { ms: 1, s: 1000, m: 60_000, h: HOUR, d: DAY, w: 7 * DAY, mo: days('month', 30) * DAY, y: days('year', 365) * DAY };
};
const sizeOf = (unit: string, units: Readonly<Record<string, number>>): number | undefined => units[SHORT[unit.replace(/s+$/, '')] ?? unit];

const converted = (time: string, unit: string, named: ReadonlyMap<string, Value>): Value => {
  if (time === '0') return 0;
  const units = unitsWith(named);
  const size = sizeOf(unit, units);
  if (size === undefined) throw evaluationError(`to_time_unit() can not convert to the following unit: ${unit}`);
  const milliseconds = time
    .trim()
    .split(/\s+/)
    .filter(part => part !== '')
    .map(part => {
      const [, count, name = ''] = /^(-?\d+)(\w+)/.exec(part) ?? [];
      const own = sizeOf(name, units);
      if (own === undefined) throw evaluationError(`to_time_unit() can not interpret following string: ${time}`);
      return Number(count) * own;
    });
  return new Float(roundHalfEven(milliseconds.reduce((sum, part) => sum + part, 0) / size, DECIMALS));
};
const to =
  (unit: string): Filter =>
  (input, _, named) =>
    converted(textArgument(input, 'the time'), unit, named);

/** Times such as `1d 3h`. */
export const timeFilters: Filters = {
  to_time_unit: (input, [unit], named) => converted(textArgument(input, 'the time'), str(unit ?? named.get('unit') ?? 'ms'), named),
  to_milliseconds: to('ms'),
  to_seconds: to('s'),
  to_minutes: to('m'),
  to_hours: to('h'),
  to_days: to('d'),
  to_weeks: to('w'),
  to_months: to('mo'),
  to_years: to('y'),
};
