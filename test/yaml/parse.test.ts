import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Diagnostic } from '../../src/model/errors.ts';
import type { Plain } from '../../src/model/module.ts';
import { parseYaml, parseYamlAll } from '../../src/yaml/parse.ts';
import { TYPED_PY, askOracle, oracleBin, typed } from './_oracle.ts';

const read = (text: string): Plain => typed(parseYaml(text, 'f.yml').value);
const failure = (text: string): KplayError => {
  try {
    parseYaml(text, 'f.yml');
  } catch (error) {
    if (error instanceof KplayError) return error;
    throw error;
  }
  throw new Error(`no error in ${text}`);
};

describe('types of plain scalars', () => {
  const SCALARS: readonly (readonly [string, Plain])[] = [
    ['0644', { int: '420' }],
    ['644', { int: '644' }],
    ['08', '08'],
    ['0o17', '0o17'],
    ['0x1F', { int: '31' }],
    ['-0b101', { int: '-5' }],
    ['1_000', { int: '1000' }],
    ['1:30:00', { int: '5400' }],
    ['12345678901234567890', { int: '12345678901234567890' }],
    ['yes', { bool: true }],
    ['Off', { bool: false }],
    ['yEs', 'yEs'],
    ['y', 'y'],
    ['N', 'N'],
    ['~', null],
    ['Null', null],
    ['', null],
    ['1e3', '1e3'],
    ['1.5e3', '1.5e3'],
    ['2024-01-01', '2024-01-01'],
    ['2024-1-2 3:04:05.5 -3:30', '2024-01-02 03:04:05.500000-03:30'],
    ['2001-12-14t21:59:43Z', '2001-12-14 21:59:43+00:00'],
    ['!!str 0644', '0644'],
    ['!!int "0644"', { int: '420' }],
    ['"yes"', 'yes'],
    ['!unsafe "{{ x }}"', { unsafe: '{{ x }}' }],
    ['!unsafe plain', 'plain'],
  ];
  test.each(SCALARS)('%s', (text, value) => {
    expect(read(`key: ${text}\n`)).toEqual({ dict: [['key', value]] });
  });
  test.runIf(oracleBin)('are those that Ansible reads', () => {
    const answers = askOracle(
      READ_PY,
      SCALARS.map(([text]) => `key: ${text}\n`),
    );
    expect(answers).toEqual(SCALARS.map(([, value]) => ({ dict: [['key', value]] })));
  });

  test('1.0 is a float and 1.5e+3 another', () => {
    expect(parseYaml('[1.0, 1.5e+3, -.inf]', 'f').value).toMatchObject([{ value: 1 }, { value: 1500 }, { value: -Infinity }]);
  });
});

describe('structure', () => {
  test('positions of keys, scalars and items', () => {
    const root = parseYaml('# play\n- hosts: all\n  vars:\n    - a\n', 'site.yml');
    const [play] = root.items();
    const [hosts, vars] = play?.entries() ?? [];
    expect(play?.at).toEqual({ file: 'site.yml', line: 2, col: 3 });
    expect(hosts?.value.at).toMatchObject({ line: 2, col: 10 });
    expect(vars?.key.at).toMatchObject({ line: 3, col: 3 });
    expect(play?.get('vars')?.items()[0]?.at).toMatchObject({ line: 4, col: 7 });
  });
  test('merged keys come first, own keys win', () => {
    expect(read('a: &a {x: 1, y: 2}\nb: &b {x: 3}\nc: {y: 4, <<: [*a, *b]}')).toMatchObject({
      dict: [
        ['a', {}],
        ['b', {}],
        [
          'c',
          {
            dict: [
              ['x', { int: '1' }],
              ['y', { int: '4' }],
            ],
          },
        ],
      ],
    });
  });
  test('the last of equal keys counts, with a warning', () => {
    const warnings: Diagnostic[] = [];
    expect(parseYaml('a: 1\na: 2\n', 'f.yml', { warn: warning => warnings.push(warning) }).get('a')?.value).toBe(2);
    expect(warnings).toMatchObject([{ code: 'E_YAML', at: { line: 2, col: 1 } }]);
  });
  test('continued lines of quoted and flow text may start anywhere', () => {
    expect(read('- a:\n    b: "c\n d"\n    e: [\n1,\n{f: g,\nh: i}\n]\n')).toEqual([
      {
        dict: [
          [
            'a',
            {
              dict: [
                ['b', 'c d'],
                [
                  'e',
                  [
                    { int: '1' },
                    {
                      dict: [
                        ['f', 'g'],
                        ['h', 'i'],
                      ],
                    },
                  ],
                ],
              ],
            },
          ],
        ],
      },
    ]);
  });
  test('a file that is JSON is read as JSON', () => {
    expect(parseYaml('{"a":\n\t1e3, "b": "yes"}', 'f.json').get('a')?.value).toMatchObject({ value: 1000 });
  });
  test('unsafe goes down a tree', () => {
    expect(read('!unsafe {a: ["{{ b }}"]}')).toEqual({ dict: [['a', [{ unsafe: '{{ b }}' }]]] });
  });
  test('several documents', () => {
    expect(parseYamlAll('---\na\n---\nb\n', 'f').map(node => node.value)).toEqual(['a', 'b']);
    expect(parseYamlAll('', 'f')).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['an unquoted template', 'a: {{ b }}\n', 1, /quotes/],
    ['an unquoted template with text', 'a: {{ b }}/c\n', 1, /quotes/],
    ['a tab', 'a:\n\t- b\n', 2, /tab/],
    ['a colon', 'a: b: c\n', 1, /": "/],
    ['half a quoted value', 'when: "ok" in result\n', 1, /whole value/],
    ['an open quote', 'a: "b\n\nc: 1\n', 4, /closed/],
    ['a percent sign', 'a: %b\n', 1, /quotes/],
  ])('%s has a hint', (_, text, line, hint) => {
    expect(failure(text)).toMatchObject({ code: 'E_YAML', at: { file: 'f.yml', line }, hint: expect.stringMatching(hint) });
  });
  test.each([
    ['two documents', '---\na\n---\nb\n'],
    ['a sequence as key', '[a]: b\n'],
    ['an alias before its anchor', 'a: *b\n'],
    ['a tag Ansible does not know', 'a: !python/object:os.x {}\n'],
    ['a plain =', 'a: =\n'],
    ['a day that does not exist', 'a: 2023-02-29\n'],
    ['a control character', 'a: "\u0007"\n'],
  ])('%s', (_, text) => {
    expect(failure(text).code).toBe('E_YAML');
  });
  test('an encrypted value fails when it is used, at its place', () => {
    const node = parseYaml('a: 1\nb: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n', 'f.yml').get('b');
    expect(() => String(node?.value)).toThrow(
      expect.objectContaining({ code: 'E_VAULT', at: { file: 'f.yml', line: 2, col: expect.any(Number) } }),
    );
  });
});

const READ_PY = `
${TYPED_PY}
import json, sys
from ansible.parsing.utils.yaml import from_yaml
def read(text):
    try: return typed(from_yaml(text))
    except Exception as e: return {'error': True}
print(json.dumps([read(text) for text in json.load(sys.stdin)]))
`;
const FAILED = { error: true };
const readOrFail = (text: string): Plain => {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof KplayError) return FAILED;
    throw error;
  }
};

const PIECES = '0 1 7 9 08 0x 0b - + . _ : e E e+ T Z yes No ON true False null ~ .inf .NaN 2024-01-02 12:30:45 a = << ! ? /';
const piece = fc.constantFrom(' ', ...PIECES.split(' '));
const plainText = fc.array(piece, { minLength: 1, maxLength: 6 }).map(pieces => pieces.join('').trim());
// Not here: explicit `? ` keys, one anchor twice and `|#`, where the two parsers disagree about what is an error.
const INDENTS = ['', '  ', '    ', '- ', '  - ', '    - '];
const STARTS = ['', 'k: ', 'l: ', 'm: | ', 'n: >-\n     ', '*x', '<<: '];
const WORDS =
  `a|b c|yes|0644|"q: x"|'it''s'|"\\t\\u00e9"|~|1.0|{{x}}|k=v|#c|a #c|a: b||!unsafe "{{ y }}"|[a, b]|{a: 1, b}|"x|y"|"x\\|[a,|{a: b,|b]|c}|{|}|-`.split(
    '|',
  );
const line = fc.tuple(fc.constantFrom(...INDENTS), fc.constantFrom(...STARTS), fc.constantFrom(...WORDS)).map(parts => parts.join(''));
const block = fc
  .tuple(fc.boolean(), fc.array(line, { minLength: 1, maxLength: 5 }))
  .map(([anchored, lines]) => `${anchored ? '- &x {c: 1}\n' : ''}${lines.join('\n')}\n`);

describe.runIf(oracleBin)('against PyYAML as Ansible uses it', () => {
  test('plain scalars', () => {
    const texts = [...new Set(fc.sample(plainText, 6000))].map(text => `k: ${text}\n`);
    const expected = askOracle(READ_PY, texts) as Plain[];
    texts.forEach((text, index) => expect({ text, value: readOrFail(text) }).toEqual({ text, value: expected[index] }));
  });
  test('blocks', () => {
    const texts = [...new Set(fc.sample(block, 12_000))];
    const expected = askOracle(READ_PY, texts) as Plain[];
    texts.forEach((text, index) => expect({ text, value: readOrFail(text) }).toEqual({ text, value: expected[index] }));
  });
});
