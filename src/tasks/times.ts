import { KplayError } from '../model/errors.ts';
import type { Change } from '../model/module.ts';
import type { Probe } from '../model/probe.ts';
import type { Node } from '../probes/stat.ts';
import { epoch } from '../probes/time.ts';
import { raw, type Sh, sh } from '../shell/sh.ts';

/** A `modification_time` or `access_time`: left alone, the time of the act, or a time on the host's clock (`YYYY-MM-DD hh:mm:ss`). */
export type Time = 'preserve' | 'now' | { readonly local: string };

const DIRECTIVES: Readonly<Record<string, readonly [pattern: string, part: string]>> = {
  Y: ['\\d{4}', 'Y'],
  y: ['\\d{2}', 'y'],
  m: ['1[0-2]|0?[1-9]', 'm'],
  d: ['3[01]|[12]\\d|0?[1-9]', 'd'],
  H: ['2[0-3]|[01]?\\d', 'H'],
  M: ['[0-5]?\\d', 'M'],
  S: ['6[01]|[0-5]?\\d', 'S'],
  '%': ['%', ''],
};

/** Reads a time as Python's strptime does, with the numeric directives. E_ARGS where text and format do not agree. */
export const readTime = (text: string, format: string): Time => {
  if (text === 'preserve' || text === 'now') return text;
  const fail = (why: string): never => {
    throw new KplayError('E_ARGS', `Error while obtaining timestamp for time ${text} using format ${format}: ${why}`);
  };
  const parts: string[] = [];
  const pattern = format.replace(/%(.)|([^%])/g, (_, directive?: string, plain?: string) => {
    if (plain !== undefined) return /\s/.test(plain) ? '\\s+' : plain.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const [expression, part] = DIRECTIVES[directive ?? ''] ?? fail(`'${directive}' is a bad directive in format '${format}'`);
    if (part !== '') parts.push(part);
    return part === '' ? expression : `(${expression})`;
  });
  const found = new RegExp(`^${pattern}$`).exec(text) ?? fail(`time data '${text}' does not match format '${format}'`);
  const value = (part: string, unset: string): string => (found[parts.indexOf(part) + 1] ?? unset).padStart(2, '0');
  const of = (part: string, unset: string): string => (parts.includes(part) ? value(part, unset) : unset);
  const short = of('y', '');
  const year = short === '' ? of('Y', '1900') : `${Number(short) < 69 ? 20 : 19}${short}`;
  return { local: `${year}-${of('m', '01')}-${of('d', '01')} ${of('H', '00')}:${of('M', '00')}:${of('S', '00')}` };
};

export const timeProbe = (time: Time): Probe<number> | undefined =>
  typeof time === 'string' ? undefined : { kind: epoch, subject: time.local };

/** Times to set. Seconds are the host's reading of a local time. */
export interface Times {
  readonly mtime: Time;
  readonly atime: Time;
}

/** A time that is to be now differs always. */
export const timeChanges = (
  { mtime, atime }: Times,
  [m, a]: readonly [number | undefined, number | undefined],
  node: Node | undefined,
): readonly Change[] =>
  (
    [
      ['mtime', mtime, m],
      ['atime', atime, a],
    ] as const
  ).flatMap(([key, time, seconds]): Change[] => {
    if (time === 'preserve') return [];
    const after = time === 'now' ? 'now' : (seconds ?? null);
    return node?.[key] === after ? [] : [{ key, before: node?.[key] ?? null, after }];
  });

/** touch(1). Both at once need no ownership of the file, as utime(2) with no times. */
export const touch = (path: string | Sh, { mtime, atime }: Times): string => {
  const set = (flag: string, time: Time): string => {
    if (time === 'preserve') return '';
    return time === 'now' ? sh`touch -c ${raw(flag)} -- ${path}` : sh`touch -c ${raw(flag)} -d ${time.local} -- ${path}`;
  };
  if (mtime === 'now' && atime === 'now') return sh`touch -c -- ${path}`;
  return [set('-m', mtime), set('-a', atime)].filter(Boolean).join('\n');
};
