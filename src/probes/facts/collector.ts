import type { Fields, Plain } from '../../model/module.ts';

/** What one program brought from a host, for the collectors to read. Absent and unreadable things are undefined. */
export interface Gathered {
  /** A file's text without white space around it; undefined when empty too. */
  file(path: string): string | undefined;
  /** Paths of the files that were read, in order, which match. */
  files(pattern: RegExp): readonly RegExpExecArray[];
  exists(path: string): boolean;
  /** Where a symlink points, as it is written. */
  link(path: string): string | undefined;
  links(pattern: RegExp): readonly RegExpExecArray[];
  /** What a command printed, '' when it is not there. */
  output(name: string): string;
}

/** One of Ansible's fact collectors: what it needs of the host, and the facts in it. Names are without `ansible_`. */
export interface Collector {
  readonly name: string;
  /** Other names by which gather_subset may ask for it. */
  readonly ids: readonly string[];
  /** Globs of files to read whole; each a constant, small text. */
  readonly files?: readonly string[];
  /** Paths to be tested for existence. */
  readonly exists?: readonly string[];
  /** Globs of symlinks to read. */
  readonly links?: readonly string[];
  /** POSIX sh by section name: what it prints is `output(name)`. */
  readonly run?: Readonly<Record<string, string>>;
  read(host: Gathered): Fields;
}

/** What a command prints, under a name. The sections share one shell: a script sets what it reads. */
export const section = (name: string, script: string): string => `printf '\\0\\0%s\\0' ${name}\n${script}`;
/** By name. No entry of an environment, which has single NULs, is empty or looks like a name. */
export const sectionsOf = (text: string): ReadonlyMap<string, string> => {
  const [, ...pieces] = text.split(/\0\0(\w+)\0/);
  return new Map(pieces.flatMap((name, i) => (i % 2 === 0 ? [[name, pieces[i + 1] ?? ''] as const] : [])));
};

/** Fields whose value is known. */
export const known = (fields: Readonly<Record<string, Plain | undefined>>): Fields =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, Plain] => field[1] !== undefined));

/** Python's str.splitlines() for the texts of /proc and /etc. */
export const linesOf = (text: string | undefined): readonly string[] => (text === undefined || text === '' ? [] : text.split('\n'));
export const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter(word => word !== '');

/** Removes the characters of `set` from both ends. */
export const strip = (text: string, set: string): string => {
  let [from, to] = [0, text.length];
  while (from < to && set.includes(text.charAt(from))) from++;
  while (to > from && set.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
};

/**
 * The lines of /proc/cpuinfo that say something; flags are the same on every core, and long: the first ones are kept in the hold space. And
 * those of /proc/modules that tell of virtual machines.
 */
export const CPUINFO = `sed -nr '/^(processor|vendor_id|model name|Processor|cpu|Vendor|physical id|core id|cpu cores|siblings|# processors|max thread id|ncpus active|machine)[[:space:]]*:/p
/^flags/{x;/./!{x;p;h;};}
/^(kvm|vboxdrv|virtio) /p' /proc/cpuinfo /proc/modules`;
