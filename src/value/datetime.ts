import { PyObject, type Value, Float } from './value.ts';

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** A naive datetime.datetime in the controller's zone, microseconds kept to the millisecond. */
export class DateTime extends PyObject {
  override readonly typeName = 'datetime';
  /** Its fields are read as UTC fields of this instant: a naive time has no zone. */
  readonly fields: Date;
  constructor(fields: Date) {
    super();
    this.fields = fields;
  }
  /** The wall clock in the controller's zone. */
  static local(instant: Date): DateTime {
    return new DateTime(new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000));
  }
  /** str(): ISO with a space. */
  override toString(separator = ' '): string {
    const [date, time = ''] = this.fields.toISOString().replace('Z', '').split('T');
    const milliseconds = this.fields.getUTCMilliseconds();
    return `${date}${separator}${time.slice(0, 8)}${milliseconds === 0 ? '' : `.${pad(milliseconds, 3)}000`}`;
  }
  /** Seconds since the epoch, the fields taken as local time. */
  epoch(): number {
    const of = this.fields;
    const local = new Date(
      of.getUTCFullYear(),
      of.getUTCMonth(),
      of.getUTCDate(),
      of.getUTCHours(),
      of.getUTCMinutes(),
      of.getUTCSeconds(),
      of.getUTCMilliseconds(),
    );
    return local.getTime() / 1000;
  }
  override attribute(name: string): Value | undefined {
    const of = this.fields;
    switch (name) {
      case 'year':
        return of.getUTCFullYear();
      case 'month':
        return of.getUTCMonth() + 1;
      case 'day':
        return of.getUTCDate();
      case 'hour':
        return of.getUTCHours();
      case 'minute':
        return of.getUTCMinutes();
      case 'second':
        return of.getUTCSeconds();
      case 'microsecond':
        return of.getUTCMilliseconds() * 1000;
      default:
        return undefined;
    }
  }
}

/** A datetime.timedelta, in whole and fractional seconds. */
export class TimeDelta extends PyObject {
  override readonly typeName = 'timedelta';
  readonly seconds: number;
  constructor(seconds: number) {
    super();
    this.seconds = seconds;
  }
  override toString(): string {
    const days = Math.floor(this.seconds / 86_400);
    const rest = this.seconds - days * 86_400;
    const fraction = Math.round((rest % 1) * 1e6);
    const clock = `${Math.floor(rest / 3600)}:${pad(Math.floor(rest / 60) % 60)}:${pad(Math.floor(rest) % 60)}`;
    const prefix = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `;
    return `${prefix}${clock}${fraction === 0 ? '' : `.${pad(fraction, 6)}`}`;
  }
  override attribute(name: string): Value | undefined {
    const days = Math.floor(this.seconds / 86_400);
    if (name === 'days') return days;
    if (name === 'seconds') return Math.floor(this.seconds - days * 86_400);
    return undefined;
  }
  totalSeconds(): Float {
    return new Float(this.seconds);
  }
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const dayOfYear = (fields: Date): number => Math.floor((fields.getTime() - Date.UTC(fields.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
/** ISO 8601 week and its year: the week of this week's Thursday. */
const isoWeek = (fields: Date): { week: number; year: number } => {
  const thursday = new Date(fields.getTime() + (3 - ((fields.getUTCDay() + 6) % 7)) * 86_400_000);
  return { week: Math.ceil(dayOfYear(thursday) / 7), year: thursday.getUTCFullYear() };
};

const directives: Readonly<Record<string, (of: Date, epoch: number, zone: string) => string>> = {
  Y: of => String(of.getUTCFullYear()),
  m: of => pad(of.getUTCMonth() + 1),
  d: of => pad(of.getUTCDate()),
  e: of => String(of.getUTCDate()).padStart(2),
  H: of => pad(of.getUTCHours()),
  I: of => pad(of.getUTCHours() % 12 || 12),
  M: of => pad(of.getUTCMinutes()),
  S: of => pad(of.getUTCSeconds()),
  f: of => `${pad(of.getUTCMilliseconds(), 3)}000`,
  y: of => pad(of.getUTCFullYear() % 100),
  C: of => pad(Math.floor(of.getUTCFullYear() / 100)),
  j: of => pad(dayOfYear(of), 3),
  a: of => DAYS[of.getUTCDay()]?.slice(0, 3) ?? '',
  A: of => DAYS[of.getUTCDay()] ?? '',
  b: of => MONTHS[of.getUTCMonth()]?.slice(0, 3) ?? '',
  h: of => MONTHS[of.getUTCMonth()]?.slice(0, 3) ?? '',
  B: of => MONTHS[of.getUTCMonth()] ?? '',
  p: of => (of.getUTCHours() < 12 ? 'AM' : 'PM'),
  w: of => String(of.getUTCDay()),
  u: of => String(of.getUTCDay() || 7),
  U: of => pad(Math.floor((dayOfYear(of) + 6 - of.getUTCDay()) / 7)),
  W: of => pad(Math.floor((dayOfYear(of) + 6 - ((of.getUTCDay() + 6) % 7)) / 7)),
  V: of => pad(isoWeek(of).week),
  G: of => String(isoWeek(of).year),
  s: (_, epoch) => String(Math.floor(epoch)),
  z: (_, __, zone) => zone,
  Z: (_, __, zone) => (zone === '+0000' ? 'UTC' : zone),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};
const composed: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  c: '%a %b %e %H:%M:%S %Y',
  r: '%I:%M:%S %p',
};

/** strftime in the C locale. `zone` is what %z prints: empty for a naive time. */
export const strftime = (format: string, time: DateTime, zone = ''): string =>
  format.replace(/%(.)/gs, (whole, letter: string) => {
    const longer = composed[letter];
    if (longer !== undefined) return strftime(longer, time, zone);
    return directives[letter]?.(time.fields, time.epoch(), zone) ?? whole;
  });

const readers: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>1[0-2]|0?[1-9])',
  d: '(?<d>3[01]|[12]\\d|0?[1-9])',
  H: '(?<H>2[0-3]|[01]?\\d)',
  I: '(?<I>1[0-2]|0?[1-9])',
  M: '(?<M>[0-5]?\\d)',
  S: '(?<S>6[01]|[0-5]?\\d)',
  f: '(?<f>\\d{1,6})',
  y: '(?<y>\\d{2})',
  b: '(?<b>[A-Za-z]{3})',
  B: '(?<B>[A-Za-z]+)',
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]+',
  p: '(?<p>AM|PM|am|pm)',
  j: '(?<j>\\d{1,3})',
  z: '(?<z>Z|[+-]\\d{2}:?\\d{2})',
  Z: '[A-Za-z]*',
  '%': '%',
};

/** strptime; undefined when the text does not match or the format holds a directive not known here. */
export const strptime = (text: string, format: string): DateTime | undefined => {
  const expanded = format.replace(/%([FTRD])/g, (_, letter: string) => composed[letter] ?? '');
  const pattern = expanded.replace(/%(.)|\s+|[.*+?^${}()|[\]\\]/gs, (part, letter?: string) => {
    if (letter !== undefined) return readers[letter] ?? '(?!)';
    return /\s/.test(part) ? '\\s+' : `\\${part}`;
  });
  const found = new RegExp(`^${pattern}$`, 'i').exec(text)?.groups;
  if (!found && !new RegExp(`^${pattern}$`, 'i').test(text)) return undefined;
  const part = (name: string, otherwise: number): number => Number(found?.[name] ?? otherwise);
  const named = found?.['b'] ?? found?.['B'];
  const month =
    named === undefined ? part('m', 1) - 1 : MONTHS.findIndex(name => name.slice(0, 3).toLowerCase() === named.slice(0, 3).toLowerCase());
  const short = part('y', 0);
  const year = found?.['y'] === undefined ? part('Y', 1900) : short + (short < 69 ? 2000 : 1900);
  const noon = found?.['p'];
  const hour = found?.['I'] === undefined ? part('H', 0) : (part('I', 0) % 12) + (noon?.toUpperCase() === 'PM' ? 12 : 0);
  const day = found?.['j'] === undefined ? part('d', 1) : part('j', 1);
  const milliseconds = Math.floor(Number((found?.['f'] ?? '0').padEnd(6, '0')) / 1000);
  return new DateTime(new Date(Date.UTC(year, month, day, hour, part('M', 0), part('S', 0), milliseconds)));
};
