import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plain } from '../../src/model/module.ts';
import { joinArguments, parsePairs, splitArguments } from '../../src/playbook/split.ts';
import { askOracle, oracleBin } from '../yaml/_oracle.ts';

const PIECES = [
  'a',
  'b=',
  'k=v',
  '=',
  '"',
  "'",
  '\\',
  '\\"',
  ' ',
  '  ',
  '\n',
  '{{',
  '}}',
  '{%',
  '%}',
  '{#',
  '#}',
  ' x ',
  'creates=',
  '\\n',
  '\\=',
  '/p',
  '\\\n',
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map(pieces => pieces.join(''));

test('words hold together in quotes and in templates', () => {
  expect(splitArguments('a=1 b="two words" c={{ x y }} {% if z %} w')).toEqual(['a=1', 'b="two words"', 'c={{ x y }}', '{% if z %}', 'w']);
  expect(splitArguments(`it's`)).toBeUndefined();
  expect(splitArguments('{{ x')).toBeUndefined();
  expect(parsePairs('src=a dest="/b c" mode=0644 x=a=b', false)).toEqual(new Map([['src', 'a'], ['dest', '/b c'], ['mode', '0644'], ['x', 'a=b']])); // prettier-ignore
  expect(parsePairs('ls x=1 chdir=/tmp', true)).toEqual(new Map([['chdir', '/tmp'], ['_raw_params', 'ls x=1']])); // prettier-ignore
});

test('a line of words and blanks alone comes back as it was', () => {
  const plain = fc.array(fc.constantFrom('a', 'bc', ' ', '  '), { maxLength: 10 }).map(pieces => `x${pieces.join('')}`);
  fc.assert(
    fc.property(plain, given => {
      expect(joinArguments(splitArguments(given) ?? [])).toBe(given);
    }),
  );
});

const PROGRAM = `
import json, sys
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv, split_args
def ask(function, *args):
    try: return function(*args)
    except AnsibleError: return None
    except IndexError: return 'crash'
json.dump([[ask(split_args, t), ask(parse_kv, t, False), ask(parse_kv, t, True)] for t in json.load(sys.stdin)], sys.stdout)
`;

describe.runIf(oracleBin)('ansible-core', () => {
  test('splits alike', () => {
    const texts = fc.sample(text, 1500);
    const answers = askOracle(PROGRAM, texts) as readonly (readonly Plain[])[];
    const asPlain = (pairs: ReadonlyMap<string, string> | undefined): Plain => (pairs ? Object.fromEntries(pairs) : null);
    for (const [at, given] of texts.entries()) {
      if (answers[at]?.includes('crash')) continue;
      expect(
        [splitArguments(given) ?? null, asPlain(parsePairs(given, false)), asPlain(parsePairs(given, true))],
        JSON.stringify(given),
      ).toEqual(answers[at]);
    }
  });
});
