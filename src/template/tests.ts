import { withoutCollection } from '../model/builtin.ts';
import { operate } from '../value/arithmetic.ts';
import { contains, equals, identical, inOrder } from '../value/compare.ts';
import { defined, evaluationError } from '../value/errors.ts';
import { getKey } from '../value/dict.ts';
import { iterate } from '../value/iterate.ts';
import { isDict, isInteger, isList, isMapping, isNumber, isText, toNumber, truth, unmarked } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import { Vaulted } from '../value/vaulted.ts';
import { isVaulted } from '../vault/envelope.ts';
import { Float, PyObject, Undefined, type Value } from '../value/value.ts';
import { prefixed, testTakes } from './filters/define.ts';
import { ipTests } from './ip/tests.ts';
import { splitUrl } from './filters/logic.ts';
import { pythonRegex } from '../value/python-regex.ts';
import type { Test } from './run.ts';
import { compareVersions, type VersionType } from './version.ts';

const of = (check: (value: Value) => boolean): Test => testTakes([], check);
const against = (check: (value: Value, other: Value) => boolean): Test =>
  testTakes(['other'], (value, [other = null]) => check(value, other), 1);

/** A registered result's field; anything but a dict is an error. */
const field = (result: Value, name: string, test: string): Value | undefined => {
  const value = defined(result);
  if (!isDict(value)) throw evaluationError(`The '${test}' test expects a dictionary`);
  return getKey(value, name);
};
const flag = (result: Value, name: string): boolean => truth(field(result, name, name) ?? false);
const changed = (result: Value): boolean => {
  const own = field(result, 'changed', 'changed');
  if (own !== undefined) return truth(own);
  const results = field(result, 'results', 'changed');
  return isList(results) && results.some(item => isDict(item) && truth(getKey(item, 'changed') ?? false));
};
const asynchronous = (result: Value, name: 'started' | 'finished'): boolean => {
  const value = field(result, name, name);
  return value === undefined || equals(value, 1);
};
const timedOut = (result: Value): boolean => {
  const value = field(result, 'timedout', 'timedout');
  return isDict(value) && truth(getKey(value, 'period') ?? false);
};
const failed = of(result => flag(result, 'failed'));
const succeeded = of(result => !flag(result, 'failed'));
const skipped = of(result => flag(result, 'skipped'));

const regex = (anchored: boolean): Test =>
  testTakes(['pattern', 'ignorecase', 'multiline'], (value, [pattern = '', ignoreCase = false, multiline = false]) => {
    const match = pythonRegex(str(pattern), { ignoreCase: truth(ignoreCase), multiline: truth(multiline) });
    const text = str(value);
    return anchored ? startsWith(match, text) : match.test(text);
  });
/** re.match: at the text's start, whichever way the pattern got there. */
const startsWith = (pattern: RegExp, text: string): boolean => new RegExp(pattern.source, `${pattern.flags}y`).test(text);

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: order => order === 0,
  ne: order => order !== 0,
  lt: order => order < 0,
  le: order => order <= 0,
  gt: order => order > 0,
  ge: order => order >= 0,
};
const SIGNS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '=': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const VERSION_TYPES: readonly VersionType[] = ['loose', 'strict', 'semver', 'semantic', 'pep440'];
const versionType = (strict: Value, name: Value): VersionType => {
  if (strict !== null && name !== null) throw evaluationError("Cannot specify both 'strict' and 'version_type'");
  if (truth(strict)) return 'strict';
  if (name === null || !truth(name)) return 'loose';
  const type = VERSION_TYPES.find(known => known === str(name));
  if (!type)
    throw evaluationError(`Invalid version type (${str(name)}). Must be one of ${VERSION_TYPES.map(known => `'${known}'`).join(', ')}`);
  return type;
};
const version: Test = testTakes(
  ['version', 'operator', 'strict', 'version_type'],
  (value, [other = null, operator = 'eq', strict = null, type = null]) => {
    const kind = versionType(strict, type);
    if (!truth(value)) throw evaluationError('Input version value cannot be empty');
    if (!truth(other)) throw evaluationError('Version parameter to compare against cannot be empty');
    const check = OPERATORS[SIGNS[str(operator)] ?? str(operator)];
    if (!check) throw evaluationError(`Invalid operator type (${str(operator)}). Must be one of ${Object.keys(SIGNS).join(', ')}`);
    return check(compareVersions(str(value), str(other), kind));
  },
  1,
);

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'yes', 'on', '1', 'true', 't'].map((word): [string, boolean] => [word, true]),
  ...['n', 'no', 'off', '0', 'false', 'f'].map((word): [string, boolean] => [word, false]),
]);
const truthy = (value: Value, convert: Value): boolean => {
  if (!truth(convert)) return truth(value);
  const word = WORDS.get(str(unmarked(value)).toLowerCase().trim());
  return word ?? truth(value);
};

const sameMembers = (value: Value, other: Value): boolean => iterate(value).every(item => contains(iterate(other) as Value[], item));
const remainder = (value: Value, by: Value): number => toNumber(operate('%', value, by) as number);

const path = (kind: 'file' | 'directory' | 'link' | 'any', follow: boolean): Test =>
  testTakes([], (value, _, run) => {
    const found = run.host.kind(str(value), follow);
    return kind === 'any' ? found !== undefined : found === kind;
  });
const isUri = (value: Value, schemes: Value): boolean => {
  const scheme = splitUrl(str(value)).get('scheme') ?? null;
  return schemes === null || !truth(schemes) || contains(schemes, scheme);
};

const absolute = of(value => str(value).startsWith('/'));
const subset = against(sameMembers);
const superset = against((value, other) => sameMembers(other, value));
const nan = of(value => isNumber(value) && Number.isNaN(toNumber(value)));
const sequence = of(value => isText(value) || Array.isArray(value) || isMapping(value));
const link = path('link', false);
const sameFile: Test = testTakes(
  ['other'],
  (value, [other = null], run) => run.host.realPath(str(value)) === run.host.realPath(str(other)),
  1,
);
const mount: Test = testTakes([], (value, _, run) => run.host.isMount(str(value)));
const equal = against(equals);
const different = against((value, other) => !equals(value, other));
const order = (sign: '<' | '<=' | '>' | '>='): Test => against((value, other) => inOrder(sign, value, other));
const numberOnly = (check: (value: Value) => boolean): Test => of(value => check(defined(value)));

const jinja: Readonly<Record<string, Test>> = {
  defined: of(value => !(value instanceof Undefined)),
  undefined: of(value => value instanceof Undefined),
  none: of(value => value === null),
  // Ansible's encrypted text is no str, even where it is used as one.
  string: of(value => isText(value) && !(value instanceof Vaulted)),
  number: of(isNumber),
  integer: of(value => isInteger(value) && typeof value !== 'boolean'),
  float: of(value => value instanceof Float),
  boolean: of(value => typeof value === 'boolean'),
  true: of(value => value === true),
  false: of(value => value === false),
  mapping: of(isMapping),
  sequence,
  iterable: of(value => isText(value) || Array.isArray(value) || isMapping(value) || value instanceof Undefined),
  callable: of(value => value instanceof PyObject && value.call !== undefined),
  escaped: of(() => false),
  lower: of(value => str(value) === str(value).toLowerCase() && /\p{L}/u.test(str(value))),
  upper: of(value => str(value) === str(value).toUpperCase() && /\p{L}/u.test(str(value))),
  odd: numberOnly(value => remainder(value, 2) === 1),
  even: numberOnly(value => remainder(value, 2) === 0),
  divisibleby: against((value, by) => remainder(value, by) === 0),
  sameas: against(identical),
  in: against((value, other) => contains(other, value)),
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: different,
  '!=': different,
  lt: order('<'),
  lessthan: order('<'),
  '<': order('<'),
  le: order('<='),
  '<=': order('<='),
  gt: order('>'),
  greaterthan: order('>'),
  '>': order('>'),
  ge: order('>='),
  '>=': order('>='),
  filter: testTakes([], (value, _, run) => run.services.filter(str(value)) !== undefined),
  test: of(value => findTest(str(value)) !== undefined),
};

const ansible: Readonly<Record<string, Test>> = {
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed: of(changed),
  change: of(changed),
  skipped,
  skip: skipped,
  unreachable: of(result => flag(result, 'unreachable')),
  reachable: of(result => !flag(result, 'unreachable')),
  started: of(result => asynchronous(result, 'started')),
  finished: of(result => asynchronous(result, 'finished')),
  timedout: of(timedOut),
  match: regex(true),
  search: regex(false),
  regex: testTakes(
    ['pattern', 'ignorecase', 'multiline', 'match_type'],
    (value, [pattern = '', ignoreCase = false, multiline = false, type = 'search']) => {
      const compiled = pythonRegex(str(pattern), { ignoreCase: truth(ignoreCase), multiline: truth(multiline) });
      if (str(type) === 'fullmatch') return new RegExp(`^(?:${compiled.source})$`, compiled.flags).test(str(value));
      return str(type) === 'match' ? startsWith(compiled, str(value)) : compiled.test(str(value));
    },
  ),
  version,
  version_compare: version,
  any: of(value => iterate(value).some(truth)),
  all: of(value => iterate(value).every(truth)),
  truthy: testTakes(['convert_bool'], (value, [convert = false]) => truthy(defined(value), convert)),
  falsy: testTakes(['convert_bool'], (value, [convert = false]) => !truthy(defined(value), convert)),
  vault_encrypted: of(value => value instanceof Vaulted && isVaulted(value.ciphertext)),
  vaulted_file: testTakes([], (value, _, run) => run.host.isVaulted(str(value))),
  subset,
  issubset: subset,
  superset,
  issuperset: superset,
  contains: against(contains),
  nan,
  isnan: nan,
  uri: testTakes(['schemes'], (value, [schemes = null]) => isUri(value, schemes)),
  url: testTakes(['schemes'], (value, [schemes = null]) => {
    const parts = splitUrl(str(value));
    return isUri(value, schemes) && (parts.get('netloc') !== '' || parts.get('scheme') === 'file');
  }),
  urn: of(value => isUri(value, ['urn'])),
  directory: path('directory', true),
  is_dir: path('directory', true),
  file: path('file', true),
  is_file: path('file', true),
  link,
  is_link: link,
  exists: path('any', true),
  link_exists: path('any', false),
  mount,
  is_mount: mount,
  abs: absolute,
  is_abs: absolute,
  same_file: sameFile,
  is_same_file: sameFile,
};

const tests: ReadonlyMap<string, Test> = new Map(Object.entries({ ...jinja, ...ansible, ...prefixed('ansible.utils', ipTests) }));

/** A test by its short name or its FQCN. */
export const findTest = (name: string): Test | undefined => tests.get(withoutCollection(name));
export const testNames = (): Iterable<string> => tests.keys();
