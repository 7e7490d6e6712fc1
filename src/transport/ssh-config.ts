import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import SSHConfig, { glob } from 'ssh-config';
import { KplayError } from '../model/errors.ts';

/** ssh_config(5) settings that apply to one host, keys in lower case. */
export type HostConfig = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Reads `file`, or without one the user's and then the system's configuration, with what they include. `none` reads nothing. For each
 * setting the first value found counts.
 */
export const readSshConfig = (file: string | undefined, home: string): ((host: string, user?: string) => HostConfig) => {
  const files = file === undefined ? [join(home, '.ssh/config'), '/etc/ssh/ssh_config'] : [file].filter(name => name !== 'none');
  const text = files.map(name => expand(name, name.startsWith('/etc/') ? dirname(name) : join(home, '.ssh'), home)).join('\nHost *\n');
  const config = SSHConfig.parse(text);
  return (host, user) => config.compute(user === undefined ? { Host: host } : { Host: host, User: user }, { ignoreCase: true });
};

/** A file's text with its Include lines replaced by what they name; the section that an Include stands in goes on after it. */
const expand = (file: string, base: string, home: string, depth = 0): string => {
  if (depth > 16) throw new KplayError('E_SYNTAX', `${file} includes itself.`, { at: { file, line: 1, col: 1 } });
  let section = 'Host *';
  const lines = readIfThere(file).split('\n');
  return lines
    .map(line => {
      if (/^\s*(host|match)\b/i.test(line)) section = line;
      const [, names] = /^\s*include\s*[\s=]\s*(.+)$/i.exec(line) ?? [];
      if (names === undefined) return line;
      const included = (names.match(/"[^"]*"|\S+/g) ?? []).flatMap(name => named(name.replaceAll('"', ''), base, home));
      return [...included.map(name => expand(name, base, home, depth + 1)), section].join('\n');
    })
    .join('\n');
};

/** The files a name with wildcards in its last part means, in order. */
const named = (name: string, base: string, home: string): readonly string[] => {
  const path = name.startsWith('~/') ? join(home, name.slice(2)) : isAbsolute(name) ? name : join(base, name);
  if (!/[*?]/.test(path)) return [path];
  try {
    return readdirSync(dirname(path))
      .filter(entry => glob(basename(path), entry))
      .toSorted()
      .map(entry => join(dirname(path), entry));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
};

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new KplayError('E_FILE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};
