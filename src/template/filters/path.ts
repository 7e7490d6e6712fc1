import { posix, win32 } from 'node:path';
import { defined, evaluationError } from '../../value/errors.ts';
import { isSequence, isText, textOf, typeName } from '../../value/kinds.ts';
import { Tuple, type Value } from '../../value/value.ts';
import type { Filter, Run } from '../run.ts';
import { type Filters, takes } from './define.ts';

const pathOf = (input: Value): string => {
  const value = defined(input);
  if (isText(value)) return textOf(value);
  throw evaluationError(`expected str, bytes or os.PathLike object, not ${typeName(value)}`);
};

/** Python's os.path.dirname: no `.` for a bare name, slashes kept at the root. */
const dirname = (path: string): string => {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
};
const splitExtension = (path: string): Tuple => {
  const [, root = path, extension = ''] = /^(.*\/)?$/s.test(path)
    ? []
    : (/^((?:.*\/)?\.*[^/]*?[^/.][^/]*?|(?:.*\/)?[^/]*?)(\.[^./]*)?$/s.exec(path) ?? []);
  return Tuple.holding([root, extension]);
};
/** Python's os.path.join: an absolute part starts anew. */
const join = (parts: readonly string[]): string => {
  if (parts.length === 0) throw evaluationError("join() missing 1 required positional argument: 'a'");
  return parts.reduce((path, part) => (part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`));
};
/** Python's os.path.normpath: two leading slashes are kept. */
const normalize = (path: string): string => {
  if (path === '') return '.';
  const normal = posix.normalize(path).replace(/(?<=.)\/+$/, '');
  return /^\/\/(?!\/)/.test(path) ? `/${normal}` : normal;
};
const commonPath = (paths: readonly string[]): string => {
  const [first] = paths;
  if (first === undefined) throw evaluationError('commonpath() arg is an empty sequence');
  if (paths.some(path => path.startsWith('/') !== first.startsWith('/'))) throw evaluationError("Can't mix absolute and relative paths");
  const split = paths.map(path => path.split('/').filter(part => part !== '' && part !== '.'));
  const [shortest = []] = split.toSorted((a, b) => a.length - b.length);
  const same = shortest.findIndex((part, at) => split.some(parts => parts[at] !== part));
  return (first.startsWith('/') ? '/' : '') + shortest.slice(0, same < 0 ? shortest.length : same).join('/');
};

export const expandUser = (path: string, run: Run): string => {
  const home = run.host.env('HOME');
  return home === undefined ? path : path.replace(/^~(?=\/|$)/, home);
};
const expandVars = (path: string, run: Run): string =>
  path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, bare?: string, braced?: string) => run.host.env(bare ?? braced ?? '') ?? whole);

const of = (change: (path: string, run: Run) => Value): Filter => takes([], (input, _, run) => change(pathOf(input), run));

export const pathFilters: Filters = {
  basename: of(path => path.slice(path.lastIndexOf('/') + 1)),
  dirname: of(dirname),
  splitext: of(splitExtension),
  normpath: of(normalize),
  expanduser: of(expandUser),
  expandvars: of(expandVars),
  realpath: of((path, run) => run.host.realPath(path)),
  relpath: takes(['start'], (input, [start = '.']) => posix.relative(posix.resolve(pathOf(start)), posix.resolve(pathOf(input))) || '.'),
  path_join: takes([], input => {
    const value = defined(input);
    if (isText(value)) return textOf(value);
    if (!isSequence(value)) throw evaluationError(`|path_join expects string or sequence, got <class '${typeName(value)}'> instead.`);
    return join(value.map(pathOf));
  }),
  commonpath: takes([], input => {
    const value = defined(input);
    if (!isSequence(value)) throw evaluationError(`|commonpath expects sequence, got <class '${typeName(value)}'> instead.`);
    return commonPath(value.map(pathOf));
  }),
  fileglob: of((pattern, run) => run.host.glob(pattern).filter(path => run.host.kind(path, true) === 'file')),
  win_basename: of(path => win32.basename(path)),
  win_dirname: of(path => path.replace(/[\\/]+[^\\/]*$/, '')),
  win_splitdrive: of(path => {
    const [, drive = '', rest = ''] = /^([A-Za-z]:)?(.*)$/s.exec(path) ?? [];
    return Tuple.holding([drive, rest]);
  }),
};
