import fc from 'fast-check';
import type { Case } from './_oracle.ts';

const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('1.5', '2.0', '-0.5', '0.1', '1e16', '1e-5', '3.14159', '100000000000000000000', '9007199254740993', '-7.25', '255'),
);
const text = fc.constantFrom("''", "'a'", "'abc'", "'A b'", "'é😀'", "'1'", "'10'", "'a,b'", "' x '", '"it\'s"');
const atom = fc.oneof(number, text, fc.constantFrom('true', 'false', 'none', 'i', 'f', 's', 'l', 'li', 'd', 'el', 'mixed', 'nowhere'));
const list = fc.array(fc.oneof(number, text, fc.constantFrom('none', 'true')), { maxLength: 4 }).map(items => `[${items.join(', ')}]`);
const tuple = fc.array(number, { minLength: 2, maxLength: 3 }).map(items => `(${items.join(', ')})`);
const defined = atom.filter(name => name !== 'nowhere');
const dict = fc
  .array(fc.tuple(fc.oneof(text, number), defined), { maxLength: 3 })
  .map(pairs => `{${pairs.map(pair => pair.join(': ')).join(', ')}}`);
const operand = fc.oneof({ weight: 5, arbitrary: atom }, list, tuple, dict);

const binary = fc
  .tuple(operand, fc.constantFrom('+', '-', '*', '/', '//', '%', '~', 'and', 'or'), operand)
  .map(([left, operator, right]) => `(${left} ${operator} ${right})`);
const arithmetic = fc
  .tuple(number, fc.constantFrom('+', '-', '*', '/', '//', '%'), number, fc.constantFrom('+', '-', '*', '//'), number)
  .map(parts => parts.join(' '));
const power = fc.tuple(number, fc.integer({ min: -3, max: 8 })).map(([base, exponent]) => `(${base}) ** ${exponent}`);
const comparison = fc
  .tuple(operand, fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in', 'not in'), operand)
  .map(parts => parts.join(' '));
const bound = fc.oneof(fc.integer({ min: -5, max: 5 }).map(String), fc.constant(''));
const slice = fc
  .tuple(fc.oneof(text, list, tuple, fc.constantFrom('s', 'li', 'mixed', 'uni')), bound, bound, fc.constantFrom('', '1', '2', '-1', '-2'))
  .map(([value, start, stop, step]) => `${value}[${start}:${stop}${step && `:${step}`}]`);
const item = fc
  .tuple(fc.oneof(list, fc.constantFrom('s', 'li', 'd')), fc.integer({ min: -4, max: 4 }))
  .map(([value, at]) => `${value}[${at}] | default('none')`);

const percent = fc
  .tuple(
    fc.constantFrom('', '-', '0', '+', ' ', '#', '-0', '+0'),
    fc.constantFrom('', '1', '6', '12'),
    fc.constantFrom('', '.0', '.1', '.3'),
    fc.constantFrom(...'sdxXofeEgGr'),
    fc.oneof(defined, list, tuple, dict),
  )
  .map(([flags, width, precision, type, value]) => `'<%${flags}${width}${precision}${type}>' % (${value},)`);
const spec = fc
  .tuple(
    fc.constantFrom('', '<', '>', '^', '*<', '.^', '='),
    fc.constantFrom('', '+', ' '),
    fc.constantFrom('', '#'),
    fc.constantFrom('', '0'),
    fc.constantFrom('', '5', '14'),
    fc.constantFrom('', ','),
    fc.constantFrom('', '.0', '.2', '.5'),
    fc.constantFrom('', ...'sdxXobfeEgG%'),
  )
  .map(parts => parts.join(''));
const format = fc.tuple(spec, fc.oneof(number, text)).map(([shape, value]) => `'<{:${shape}}>'.format(${value})`);
const FILTERS =
  `int|float|bool|length|string|list|first|sort|unique|min|sum|join|reverse|round|round(1)|abs|to_json|to_nice_json|to_yaml|to_nice_yaml|title|trim|upper|flatten|quote|b64encode|dict2items|items|max|default('d', true)|ternary('a', 'b')|regex_replace('[a-z]', 'x')|map('string')|select|batch(2)|dictsort|type_debug`.split(
    '|',
  );
const filtered = fc.tuple(operand, fc.constantFrom(...FILTERS)).map(([value, filter]) => `${value} | ${filter}`);

const expression = fc.oneof(binary, arithmetic, power, comparison, slice, item, percent, format, filtered);
/** Text that may hold what YAML reads as syntax, folded lines and escapes. */
const yamlText = fc
  .array(
    fc.constantFrom(
      'a',
      'word',
      ' ',
      '  ',
      '\\n',
      ':',
      ': ',
      '#',
      ' #',
      '-',
      '- ',
      "\\'",
      '"',
      'é',
      '\\t',
      '{',
      ',',
      '0',
      '1.5',
      'yes',
      'longer-word ',
    ),
    { maxLength: 30 },
  )
  .map(parts => parts.join(''));
const yamlPage = fc
  .tuple(yamlText, yamlText, fc.constantFrom('to_nice_yaml', 'to_yaml', 'to_nice_yaml(indent=2)'))
  .map(([first, second, filter]) => `{% set a = '${first}' %}{% set b = '${second}' %}{{ {'k': a, 'l': [b, {'m': a}]} | ${filter} }}`);

/** The same cases every time: what is found once is found again. */
export const generated = (count: number, seed: number): readonly Case[] => [
  ...fc.sample(expression, { numRuns: count, seed }).map((source): Case => ['x', source]),
  ...fc.sample(yamlPage, { numRuns: Math.ceil(count / 5), seed }).map((source): Case => ['t', source]),
];
