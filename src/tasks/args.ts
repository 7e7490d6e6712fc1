import * as z from 'zod';
import type { Plain } from '../model/module.ts';
import { nearest } from '../model/nearest.ts';
import { octal, SYMBOLIC_MODE } from './mode.ts';

/**
 * Argument types with ansible-core's coercions (module_utils/common/validation.py): YAML and templates give what they give, and a module
 * sees one type. Each is an ordinary zod type: `.default()`, `.describe()` and `optional()` go on top.
 */

const TRUE: readonly Plain[] = ['y', 'yes', 'on', '1', 'true', 't', 1];
const FALSE: readonly Plain[] = ['n', 'no', 'off', '0', 'false', 'f', 0];

const plain: z.ZodType<Plain, Plain> = z.json();
const container = z.union([z.array(plain), z.record(z.string(), plain)]);

/** Python's repr() of JSON values. */
const repr = (value: Plain): string => {
  if (typeof value === 'string') return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${repr(key)}: ${repr(item)}`)
      .join(', ')}}`;
  return text(value);
};
/** Python's str() of JSON values. */
const text = (value: Plain): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  return typeof value === 'object' ? repr(value) : String(value);
};

/** Unset, or null as a template leaves it: Ansible takes a null for an option without a default as unset. */
export const optional = <Type extends z.ZodType>(type: Type) =>
  z.union([type, z.null().transform((): undefined => undefined)], { error: whatTypeSaid }).optional();
/** Of the two ways to read it, the user meant the first. */
const whatTypeSaid = ({ errors }: { readonly errors?: unknown }): string | undefined =>
  Array.isArray(errors) ? (errors as { message: string }[][])[0]?.map(({ message }) => message).join('; ') : undefined;

/** Any JSON value, untouched. */
export const any = plain;

/** Text; numbers, bools (`True`), lists and dicts are turned into text as Python's str() does. */
export const str = z.union([z.string(), z.number(), z.boolean(), container], { error: 'must be a string' }).transform(text);

/** yes/no, on/off, true/false, y/n, t/f, 1/0 in any case. */
export const bool = z
  .union([z.boolean(), z.string(), z.number()], { error: 'is not a valid boolean' })
  .transform((value, context): boolean => {
    if (typeof value === 'boolean') return value;
    const said = typeof value === 'string' ? value.toLowerCase().trim() : value;
    if (TRUE.includes(said)) return true;
    if (!FALSE.includes(said))
      context.addIssue(
        `The value '${value}' is not a valid boolean.  Valid booleans include: 'yes', 'no', 'on', 'off', 'true', 'false', 1, 0`,
      );
    return false;
  });

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A whole number, as such or as text (`'5'`, `'5.0'`). */
export const int = z
  .union([z.number(), z.string(), z.boolean()], { error: 'cannot be converted to an int' })
  .transform((value, context): number => {
    const number = typeof value === 'string' && !NUMBER.test(value) ? Number.NaN : Number(value);
    if (!Number.isInteger(number)) context.addIssue(`"${repr(value)}" cannot be converted to an int`);
    return number;
  });

export const float = z
  .union([z.number(), z.string(), z.boolean()], { error: 'cannot be converted to a float' })
  .transform((value, context): number => {
    const number = typeof value === 'string' && !NUMBER.test(value) ? Number.NaN : Number(value);
    if (Number.isNaN(number)) context.addIssue(`${repr(value)} cannot be converted to a float`);
    return number;
  });

/** A list of `type`; text is split at commas (spaces stay), any other scalar is a list of one. */
export const listOf = <Type extends z.ZodType<unknown, Plain>>(type: Type) =>
  z
    .union([z.array(plain), z.string(), z.number(), z.boolean()], { error: 'cannot be converted to a list' })
    .transform((value): z.input<Type>[] => {
      if (typeof value === 'string') return value.split(',') as z.input<Type>[];
      return (Array.isArray(value) ? value : [text(value)]) as z.input<Type>[];
    })
    .pipe(z.array(type));
/** A list of texts. */
export const list = listOf(str);

/** A mapping; also as JSON text or `k=v, k=v`. */
export const dict = z
  .union([z.record(z.string(), plain), z.string()], { error: 'cannot be converted to a dict' })
  .transform((value, context): Readonly<Record<string, Plain>> => {
    const read = typeof value === 'string' ? readDict(value) : value;
    if (typeof read !== 'string') return read;
    context.addIssue(read);
    return {};
  });

const readDict = (value: string): Record<string, Plain> | string => {
  if (value.startsWith('{')) {
    try {
      return JSON.parse(value) as Record<string, Plain>;
    } catch {
      return 'unable to evaluate string as dictionary';
    }
  }
  if (!value.includes('=')) return 'dictionary requested, could not parse JSON or key=value';
  const pairs = fields(value.trim()).map(field => /^([^=]*)=([^]*)$/.exec(field));
  return pairs.every(pair => pair !== null)
    ? Object.fromEntries(pairs.map(([, key = '', item = '']) => [key, item]))
    : 'unable to evaluate string in the "key=value" format as dictionary';
};
/** Split at commas and spaces outside quotes; a backslash takes the next character as it is. */
const fields = (value: string): readonly string[] =>
  [...value.matchAll(/(?:\\[^]|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[^\\, ])+/g)].map(([field]) =>
    field.replace(
      /\\([^])|"((?:\\[^]|[^"\\])*)"|'((?:\\[^]|[^'\\])*)'/g,
      (_, escaped?: string, double?: string, single?: string) => escaped ?? (double ?? single ?? '').replace(/\\([^])/g, '$1'),
    ),
  );

/** One of `names`. A bool stands for the only choice that reads as that bool (`state: no` for `'no'`), as YAML 1.1 turns such words into bools. */
export const choice = <const Name extends string>(...names: readonly Name[]) =>
  z.union([z.enum(names), z.string(), z.boolean(), z.number()]).transform((value, context): Name => {
    const meaning = value === true ? TRUE : value === false ? FALSE : [];
    const alike = names.filter(name => name === text(value) || meaning.includes(name));
    const [found] = alike;
    if (found !== undefined && alike.length === 1) return found;
    const meant = nearest(text(value), names);
    const also = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
    context.addIssue(`value must be one of: ${names.join(', ')}, got: ${text(value)}${also}`);
    return z.NEVER;
  });

/**
 * A path on the host. A leading `~` or `~user` and `$NAME`/`${NAME}` are expanded there, when it is looked at (see probes/path.ts): `stat`
 * tells the path that came of it. Relative paths start at the remote user's working directory.
 */
export const path = str.refine(value => !value.includes('\0'), 'must not hold a NUL byte');

/**
 * Permissions, canonical: octal text as Ansible prints it (`0644`), symbolic (`u=rwX,g-w`), or `preserve` where the module takes it. A number
 * is used as it is: YAML 1.1 reads a bare 0644 as 420, which is octal 644, and a bare 644 as octal 1204.
 */
export const mode = z
  .union([z.number(), z.string()], { error: 'mode must be in octal or symbolic form' })
  .transform((value, context): string => {
    const digits = typeof value === 'string' ? /^\s*\+?(?:0[oO])?([0-7]+)\s*$/.exec(value)?.[1] : undefined;
    const bits = typeof value === 'number' ? value : digits === undefined ? undefined : Number.parseInt(digits, 8);
    if (bits === undefined) {
      if (value !== 'preserve' && !SYMBOLIC_MODE.test(String(value))) context.addIssue('mode must be in octal or symbolic form');
      return String(value);
    }
    if (!Number.isInteger(bits) || bits < 0 || bits > 0o7777) context.addIssue('Invalid mode supplied, only permission info is allowed');
    return octal(bits);
  });
