import { expect, test } from 'vitest';
import { z } from 'zod';
import * as args from '../../src/tasks/args.ts';
import { permissions } from '../../src/tasks/mode.ts';

const bad = Symbol('refused');
const read = (type: z.ZodType, value: unknown): unknown => {
  const { success, data } = type.safeParse(value);
  return success ? data : bad;
};

test.for([
  [
    'str',
    args.str,
    [
      ['a', 'a'],
      [1, '1'],
      [true, 'True'],
      [false, 'False'],
      [['a', 1], "['a', 1]"],
      [{ a: [null] }, "{'a': [None]}"],
      [null, bad],
    ],
  ],
  [
    'bool',
    args.bool,
    [
      ['YES', true],
      ['on', true],
      [1, true],
      ['t', true],
      ['Off', false],
      [0, false],
      ['', bad],
      [2, bad],
      ['maybe', bad],
      [[], bad],
    ],
  ],
  [
    'int',
    args.int,
    [
      ['5', 5],
      [5, 5],
      ['5.0', 5],
      [true, 1],
      ['5.5', bad],
      [5.5, bad],
      ['', bad],
      ['0x5', bad],
      ['x', bad],
    ],
  ],
  [
    'float',
    args.float,
    [
      ['5', 5],
      [0.5, 0.5],
      ['1e3', 1000],
      ['', bad],
      ['x', bad],
    ],
  ],
  [
    'list',
    args.list,
    [
      ['a,b', ['a', 'b']],
      ['a', ['a']],
      [5, ['5']],
      [
        ['a', 1],
        ['a', '1'],
      ],
      [{}, bad],
      [null, bad],
    ],
  ],
  [
    'listOf(int)',
    args.listOf(args.int),
    [
      ['1,2', [1, 2]],
      [
        [1, '2'],
        [1, 2],
      ],
      ['a', bad],
    ],
  ],
  [
    'dict',
    args.dict,
    [
      [{ a: 1 }, { a: 1 }],
      ['{"a": 1}', { a: 1 }],
      ['a=1, b="x, y" c=\\ z', { a: '1', b: 'x, y', c: ' z' }],
      ['a', bad],
      ['a=1 b', bad],
      [[], bad],
    ],
  ],
  [
    'choice',
    args.choice('present', 'no'),
    [
      ['present', 'present'],
      [false, 'no'],
      [true, bad],
      ['absent', bad],
    ],
  ],
  [
    'mode',
    args.mode,
    [
      [420, '0644'],
      [644, '01204'],
      ['644', '0644'],
      ['0o755', '0755'],
      ['4755', '04755'],
      ['u=rwX,g-w', 'u=rwX,g-w'],
      ['', ''],
      ['preserve', 'preserve'],
      ['999', bad],
      ['u~r', bad],
      [-1, bad],
      [true, bad],
    ],
  ],
  [
    'optional',
    args.optional(args.int),
    [
      [null, undefined],
      [undefined, undefined],
      ['1', 1],
      ['x', bad],
    ],
  ],
] as const)('%s coerces as Ansible does', ([, type, cases]) => {
  expect(cases.map(([value]) => read(type, value))).toEqual(cases.map(([, want]) => want));
});

test('an argument left out, null or wrong', () => {
  const schema = z.strictObject({ flag: args.bool.default(true), name: args.optional(args.str).describe('A name.') });
  expect(schema.parse({})).toEqual({ flag: true });
  expect(schema.parse({ name: null })).toEqual({ flag: true, name: undefined });
  expect(schema.safeParse({ flag: 'maybe' }).error?.issues[0]?.message).toContain("The value 'maybe' is not a valid boolean");
});

test.for([
  ['0640', 0o644, 0o640],
  ['u=rwX,g=rX,o=', 0o644, 0o640],
  ['a+x', 0o644, 0o755],
  ['+x', 0o600, 0o711],
  ['+w', 0o444, 0o644],
  ['g=u', 0o640, 0o660],
  ['u+s,g+s,o+t', 0o755, 0o7755],
  ['u=', 0o4755, 0o055],
  ['u+x-w', 0o644, 0o544],
  ['+X', 0o644, 0o644],
  ['', 0o644, 0o644],
] as const)('mode %s on %o', ([mode, bits, want]) => {
  expect(permissions(mode, { bits, directory: false, umask: 0o022 })).toBe(want);
});

test('X gives execute to directories', () => {
  expect(permissions('a+X', { bits: 0o600, directory: true, umask: 0o022 })).toBe(0o711);
});
