import { join } from 'node:path';
import { evaluationError } from '../../value/errors.ts';
import { isDict, isMapping, isSequence, isText, MarkedText, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { Undefined, type Value } from '../../value/value.ts';
import { playbookResult } from '../result.ts';
import type { Run } from '../run.ts';
import { csvfile } from './csv.ts';
import type { Lookup, Lookups } from './define.ts';
import { ini } from './ini.ts';
import { findFile, searchFolders } from './search.ts';

const file: Lookup = (terms, named, run) =>
  terms.map(term => {
    const path = findFile(str(term), 'files', run);
    if (path === undefined) throw evaluationError(`The 'file' lookup had an issue accessing the file '${str(term)}'. file not found`);
    const text = run.host.readFile(path).toString('utf8');
    const left = truth(named.get('lstrip') ?? false) ? text.trimStart() : text;
    return truth(named.get('rstrip') ?? true) ? left.trimEnd() : left;
  });

const unvault: Lookup = (terms, _, run) =>
  terms.map(term => {
    const path = findFile(str(term), 'files', run);
    if (path === undefined) throw evaluationError(`Unable to find file matching "${str(term)}"`);
    return run.host.readFile(path).toString('utf8');
  });

const template: Lookup = (terms, named, run) =>
  terms.map(term => {
    const path = findFile(str(term), 'templates', run);
    if (path === undefined) throw evaluationError(`the template file ${str(term)} could not be found for the lookup`);
    const extra = named.get('template_vars');
    const names = new Map<string, Value>([
      ['template_path', str(term)],
      ['template_fullpath', path],
      ...(isDict(extra) ? [...extra].map(([name, value]): [string, Value] => [str(name), value]) : []),
    ]);
    const page = run.services.renderFile(path, run, names);
    if (run.native) return page;
    const text = str(page);
    return truth(named.get('convert_data') ?? true) ? playbookResult([text]) : new MarkedText(text);
  });

const fileglob: Lookup = (terms, _, run) =>
  terms.flatMap(term => {
    const pattern = str(term);
    const slash = pattern.lastIndexOf('/');
    const folder = slash < 0 ? undefined : findFile(pattern.slice(0, slash) || '/', 'files', run);
    const folders = slash < 0 ? searchFolders(run).flatMap(path => [join(path, 'files'), path]) : folder === undefined ? [] : [folder];
    for (const path of folders) {
      const found = run.host.glob(join(path, pattern.slice(slash + 1))).filter(name => run.host.kind(name, true) === 'file');
      if (found.length > 0) return found;
    }
    return [];
  });

const splitOn = (value: Value | undefined, separators: RegExp): string[] => {
  if (value === undefined || value === null) return [];
  const texts = isSequence(value) ? value.map(str) : [str(value)];
  return texts.flatMap(text => text.split(separators)).filter(text => text !== '');
};
interface Search {
  readonly names: readonly string[];
  readonly skip: boolean;
}
/** first_found's terms: names, lists of names, or `{files, paths, skip}`. */
const candidates = (terms: readonly Value[], named: ReadonlyMap<string, Value>): Search => {
  let skip = truth(named.get('skip') ?? false);
  const names = terms.flatMap(term => {
    if (isSequence(term)) {
      const inner = candidates(term, named);
      skip = inner.skip;
      return inner.names;
    }
    if (!isText(term) && !isMapping(term))
      throw evaluationError(`Invalid term supplied, can handle string, mapping or list of strings but got: ${str(term)}`);
    const option = (name: string): Value | undefined => (isDict(term) ? term.get(name) : named.get(name));
    if (isDict(term)) skip = truth(term.get('skip') ?? false);
    const files = isText(term) ? splitOn(term, /[,;]/) : splitOn(option('files'), /[,;]/);
    const paths = splitOn(option('paths'), /[,:;]/);
    return paths.length > 0 ? paths.flatMap(path => files.map(name => join(path, name))) : files;
  });
  return { names, skip };
};
const firstFound: Lookup = (terms, named, run) => {
  const { names, skip } = candidates(terms.length > 0 ? terms : [named.get('files') ?? []], named);
  const folder = str(named.get('_subdir') ?? 'files');
  for (const name of names) {
    const path = findFile(name, folder, run);
    if (path !== undefined) return [path];
  }
  if (skip) return [];
  throw evaluationError('No file was found when using first_found.');
};

const env: Lookup = (terms, named, run) =>
  terms.map(term => {
    const name = str(term).trim().split(/\s+/)[0] ?? '';
    const otherwise = named.get('default') ?? '';
    const value = run.host.env(name);
    if (value === undefined && otherwise instanceof Undefined)
      throw evaluationError(`The "env" lookup, found an undefined variable: ${name}`);
    return value ?? otherwise;
  });

const output = (term: Value, run: Run): string => {
  run.impure('a command lookup');
  return run.host.pipe(str(term));
};

export const fileLookups: Lookups = {
  file,
  template,
  fileglob,
  first_found: firstFound,
  env,
  pipe: (terms, _, run) => terms.map(term => output(term, run).trimEnd()),
  lines: (terms, _, run) =>
    terms.flatMap(term =>
      output(term, run)
        .replace(/\r?\n$/, '')
        .split(/\r?\n/),
    ),
  unvault,
  csvfile,
  ini,
};
