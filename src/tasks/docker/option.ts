import type { Plain } from '../../model/module.ts';
import { dig, type Engine, type Inspected } from '../../probes/docker.ts';
import * as value from './values.ts';

/** What an option of docker run is, and the kinds that most of them are of. */

/** What a container is compared against, beside its line. */
export interface Base {
  readonly container: Inspected;
  /** Config of the image the container was made of: what an option does not say comes from there. */
  readonly image: Inspected;
  readonly engine: Engine;
  readonly name: string;
  readonly options: ReadonlyMap<string, readonly string[]>;
}
type Texts = readonly string[];

/** An option of docker run: how it is written, and how to tell whether a container has it. Both sides in one canonical form. */
export interface Option {
  readonly name: string;
  readonly also?: readonly string[];
  readonly takes: 'nothing' | 'one' | 'many';
  readonly refused?: string;
  /** Undefined: not compared, as where a daemon's own default cannot be told from what was asked for. */
  wanted?(values: Texts, base: Base): Plain | undefined;
  observed?(base: Base, values: Texts): Plain;
}

export type Path = readonly string[];
export const at = ({ container }: Base, path: Path): Plain => dig(container, ...path);
export const host = (key: string): Path => ['HostConfig', key];
export const config = (key: string): Path => ['Config', key];
export const string = (plain: Plain): string => (plain === null ? '' : String(plain));
export const strings = (plain: Plain): string[] => (Array.isArray(plain) ? plain.map(item => string(item as Plain)) : []);
export const record = (plain: Plain): Readonly<Record<string, Plain>> =>
  plain !== null && typeof plain === 'object' && !Array.isArray(plain) ? (plain as Inspected) : {};
export const items = (plain: Plain): readonly Plain[] => (Array.isArray(plain) ? (plain as readonly Plain[]) : []);
export const last = (values: Texts): string => values.at(-1) ?? '';
export const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].toSorted();
export const same = (text: string): string => text;
export const byKey = (map: Readonly<Record<string, Plain>>): Readonly<Record<string, Plain>> =>
  Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));

export const flag = (name: string, path: Path, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'nothing',
  wanted: values => last(values) === 'true',
  observed: base => at(base, path) === true,
});
export const text = (name: string, path: Path, norm = same, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'one',
  wanted: values => norm(last(values)),
  observed: base => norm(string(at(base, path))),
});
/** A text that the image may bring. */
export const fromImage = (name: string, key: string, norm = same, ...also: readonly string[]): Option => ({
  ...text(name, config(key), norm, ...also),
  wanted: (values, { image }) => norm(values.length > 0 ? last(values) : string(image[key] ?? null)),
});
export const count = (name: string, key: string, read: (value: string) => number = value.number, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'one',
  wanted: values => (values.length > 0 ? read(last(values)) : 0),
  observed: base => Number(at(base, host(key)) ?? 0),
});
/** A number whose default is the daemon's own affair. */
export const statedCount = (name: string, path: Path, read: (value: string) => number): Option => ({
  name,
  takes: 'one',
  wanted: values => (values.length > 0 ? read(last(values)) : undefined),
  observed: base => Number(at(base, path) ?? 0),
});
export const set = (name: string, path: Path, norm = same, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'many',
  wanted: values => sorted(values.map(norm)),
  observed: base => sorted(strings(at(base, path)).map(norm)),
});
export const ordered = (name: string, path: Path, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'many',
  wanted: values => values,
  observed: base => strings(at(base, path)),
});
export const map = (name: string, path: Path): Option => ({
  name,
  takes: 'many',
  wanted: values => byKey(value.pairs(values)),
  observed: base => byKey(record(at(base, path))),
});
/** Taken and not compared: it says nothing about the container. */
export const silent = (name: string, takes: Option['takes'], ...also: readonly string[]): Option => ({ name, also, takes });
export const refused = (name: string, why: string, ...also: readonly string[]): Option => ({ name, also, takes: 'one', refused: why });

export const throttle = (name: string, key: string, field: string, read: (value: string) => number): Option => ({
  name,
  takes: 'many',
  wanted: values => sorted(values.map(entry => entry.replace(/:([^:]*)$/, (_, size: string) => `:${read(size)}`))),
  observed: base => sorted(items(at(base, host(key))).map(entry => `${string(dig(entry, 'Path'))}:${string(dig(entry, field))}`)),
});

export const stated = (option: Option): Option => ({
  ...option,
  wanted: (values, base) => (values.length > 0 ? option.wanted?.(values, base) : undefined),
});
