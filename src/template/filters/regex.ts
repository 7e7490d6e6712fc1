import { integerArgument, textArgument } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { Tuple, type Value } from '../../value/value.ts';
import { expandReplacement, pythonRegex } from '../../value/python-regex.ts';
import { type Filters, takes } from './define.ts';

const flags = (ignoreCase: Value, multiline: Value): { ignoreCase: boolean; multiline: boolean } => ({
  ignoreCase: truth(ignoreCase),
  multiline: truth(multiline),
});

/** A match as String.replace passes it: groups, offset, whole text, names. */
const groupsOf = (whole: string, rest: readonly unknown[]): { groups: (string | undefined)[]; names: Record<string, string> } => {
  const last = rest.at(-1);
  const named = typeof last === 'object' && last !== null;
  // String.replace's own contract: groups come first, then offset and text, and names only when the pattern has some.
  const groups = rest.slice(0, named ? -3 : -2) as (string | undefined)[];
  return { groups: [whole, ...groups], names: named ? (last as Record<string, string>) : {} };
};

const regexReplace = (text: string, pattern: RegExp, replacement: string, most: number): { text: string; count: number } => {
  let count = 0;
  const result = text.replace(pattern, (whole: string, ...rest: unknown[]) => {
    if (most > 0 && count >= most) return whole;
    count++;
    const { groups, names } = groupsOf(whole, rest);
    return expandReplacement(replacement, groups, names);
  });
  return { text: result, count };
};

const regexSearch = (text: string, pattern: RegExp, references: readonly Value[]): Value => {
  const names = references.map(reference => {
    const [, name, digits] = /^\\g<(\S+)>|^\\(\d+)/.exec(str(reference)) ?? [];
    const wanted = name ?? digits;
    if (wanted === undefined) throw evaluationError('Unknown argument');
    return wanted;
  });
  const match = pattern.exec(text);
  if (!match) return null;
  if (names.length === 0) return match[0];
  return names.map(name => {
    const known = /^\d+$/.test(name) ? Number(name) < match.length : match.groups !== undefined && name in match.groups;
    if (!known) throw evaluationError('no such group');
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? null;
  });
};

const found = (match: RegExpExecArray): Value => {
  const [whole, ...groups] = match;
  const [only = ''] = groups;
  if (groups.length === 0) return whole;
  return groups.length === 1 ? only : Tuple.holding(groups.map(group => group ?? ''));
};

const PYTHON_SPECIAL = /[\t\n\v\f\r !"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]/g;
const NOT_ESCAPED = '!"%\',/:;<=>@`';
const CONTROL_NAMES: Readonly<Record<string, string>> = { '\n': '\\\n', '\t': '\\\t', '\r': '\\\r', '\v': '\\\v', '\f': '\\\f' };
const regexEscape = (text: string, kind: string): string => {
  switch (kind) {
    case 'python':
      return text.replace(PYTHON_SPECIAL, char => CONTROL_NAMES[char] ?? (NOT_ESCAPED.includes(char) ? char : `\\${char}`));
    case 'posix_basic':
      return text.replace(/[\].[^$*\\]/g, '\\$&');
    case 'posix_extended':
      throw evaluationError(`Regex type (${kind}) not yet implemented`);
    default:
      throw evaluationError(`Invalid regex type (${kind})`);
  }
};

export const regexFilters: Filters = {
  regex_replace: takes(
    ['pattern', 'replacement', 'ignorecase', 'multiline', 'count', 'mandatory_count'],
    (input, [pattern = '', replacement = '', ignoreCase = false, multiline = false, count, mandatory]) => {
      const regex = pythonRegex(textArgument(pattern, 'the pattern'), flags(ignoreCase, multiline), { global: true });
      const result = regexReplace(str(input), regex, str(replacement), integerArgument(count, 0));
      const wanted = integerArgument(mandatory, 0);
      if (wanted !== 0 && wanted !== result.count)
        throw evaluationError(
          `'${str(pattern)}' should match ${wanted} times, but matches ${integerArgument(count, 0)} times in '${str(input)}'`,
        );
      return result.text;
    },
  ),
  regex_search: (input, [pattern, ...references], named) => {
    const { ignoreCase, multiline } = flags(named.get('ignorecase') ?? false, named.get('multiline') ?? false);
    return regexSearch(
      str(input),
      pythonRegex(textArgument(named.get('regex') ?? pattern, 'the pattern'), { ignoreCase, multiline }),
      references,
    );
  },
  regex_findall: takes(
    ['regex', 'multiline', 'ignorecase'],
    (input, [regex = '', multiline = false, ignoreCase = false]) =>
      [...str(input).matchAll(pythonRegex(textArgument(regex, 'the pattern'), flags(ignoreCase, multiline), { global: true }))].map(found),
    1,
  ),
  regex_escape: takes(['re_type'], (input, [kind = 'python']) => regexEscape(str(input), str(kind))),
};
