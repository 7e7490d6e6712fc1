import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fields, Plain } from '../../src/model/module.ts';
import { complaints } from '../../src/tasks/argument_spec.ts';
import { validateArgumentSpec } from '../../src/tasks/validate_argument_spec.ts';
import { fromJson, toJson } from '../../src/value/json.ts';
import { type Dict, Float, fromPlain, type Value } from '../../src/value/value.ts';
import { askOracle, oracleBin } from '../yaml/_oracle.ts';
import { runAction } from './_converge.ts';

const validated = (spec: Plain, variables: Record<string, Plain>, provided: Plain = {}): Promise<Fields> =>
  runAction(validateArgumentSpec, { argument_spec: fromPlain(spec), provided_arguments: fromPlain(provided) }, { variables });
const errorsOf = (spec: Plain, given: Plain): readonly string[] => complaints(fromPlain(spec) as Dict, fromPlain(given) as Dict);

describe('what is looked at', () => {
  test('variables of the names in the spec, and what is provided before them', async () => {
    const spec = { port: { type: 'int' }, name: { required: true } };
    expect(await validated(spec, { port: 'x', name: 'n', other: [] }, { port: 80 })).toEqual({
      changed: false,
      msg: 'The arg spec validation passed',
      validate_args_context: {},
    });
  });
  test('what is provided and is not in the spec', async () => {
    const spec = { port: { type: 'int', aliases: ['listen'] } };
    expect(await validated(spec, { listen: 'x' }, { prot: 80 })).toMatchObject({
      argument_errors: ['prot. Supported parameters include: port (listen).'],
    });
  });
  test('all errors come at once, with the spec', async () => {
    const spec = { port: { type: 'int' }, name: { required: true }, mode: { choices: ['a', 'b'] } };
    const errors = [
      'missing required arguments: name',
      `argument 'port' is of type <class 'str'> and we were unable to convert to int: "'x'" cannot be converted to an int`,
      'value of mode must be one of: a, b, got: c',
    ];
    expect(await validated(spec, { port: 'x', mode: 'c' })).toEqual({
      failed: true,
      msg: `Validation of arguments failed:\n${errors.join('\n')}`,
      argument_errors: errors,
      argument_spec_data: spec,
      validate_args_context: {},
    });
  });
  test('a spec that is none', async () => {
    await expect(validated([], {})).rejects.toThrow("Incorrect type for argument_spec, expected dict and got <class 'list'>");
    await expect(validated({}, {}, 'x')).rejects.toThrow("Incorrect type for provided_arguments, expected dict and got <class 'str'>");
    await expect(validated({ a: 1 }, {})).rejects.toThrow("'int' object has no attribute 'get'");
  });
});

describe('values of options that are no_log', () => {
  const SECRET = "it's\nsecret";
  const told = async (spec: Plain, given: Record<string, Plain>): Promise<string> => {
    const result = await validated(spec, given);
    expect(result['failed']).toBe(true);
    return JSON.stringify(result);
  };
  test.for<[string, Plain, Record<string, Plain>]>([
    ['a type', { a: { type: 'int', no_log: true } }, { a: SECRET }],
    ['elements', { a: { type: 'list', elements: 'int', no_log: true } }, { a: `1,${SECRET}` }],
    ['a choice', { a: { choices: ['x'], no_log: true } }, { a: SECRET }],
    ['a default', { a: { choices: ['x'], no_log: true, default: SECRET } }, {}],
    ['inside of another', { a: { type: 'dict', options: { b: { type: 'int', no_log: true } } } }, { a: { b: SECRET } }],
    ['in one that is', { a: { type: 'dict', no_log: true, options: { b: { type: 'int', default: SECRET } } } }, { a: {} }],
    ['in another option', { a: { no_log: true }, b: { type: 'int' } }, { a: SECRET, b: `x ${SECRET}` }],
  ])('%s', async ([, spec, given]) => {
    expect(await told(spec, given)).not.toMatch(/secret|it's/);
  });
  test('what an amount comes to', async () => {
    expect(await told({ a: { type: 'bytes', choices: [1], no_log: true } }, { a: '3K' })).not.toMatch(/3072/);
  });
});

test('a number with a point stays one', () => {
  expect(complaints(fromPlain({ v: { choices: ['1.0'] } }) as Dict, new Map([['v', new Float(1)]]))).toEqual([]);
});
test('no is the choice that means it', () => {
  expect(errorsOf({ a: { choices: ['no', 'maybe'] } }, { a: false })).toEqual([]);
  expect(errorsOf({ a: { choices: ['no', 'off'] } }, { a: false })).toEqual(['value of a must be one of: no, off, got: False']);
});
test('what Ansible breaks at is told', () => {
  expect(errorsOf({ a: { type: 'dict', options: { b: {} } } }, { a: 5 })).toEqual([
    "Value '5' in the sub parameter field 'a' must be a dict, not 'int'",
    "argument 'a' is of type <class 'int'> and we were unable to convert to dict: <class 'int'> cannot be converted to a dict",
    "value of 'a' must be of type dict or list of dicts",
  ]);
});

const TYPES = ['str', 'list', 'dict', 'bool', 'int', 'float', 'raw', 'jsonarg', 'json', 'bytes', 'bits', 'string'] as const;
const NAMES = ['a', 'b', 'c', 'd'] as const;
const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(name, { maxLength: 3 });
const texts = fc.constantFrom(
  '', 'x', 'yes', 'No', 'False', '1', '1.0', '2.5', ' 3 ', '-4e2', '10K', '1.5 GB', '2Mb', '3 kilobyte', '4 kilobits', '1b', '7xb',
  'a,b', 'a=1', 'a=1, b', "a='x y',b=2", 'a=b=c', '{"a": 1}', "{'a': None}", '{a}', '[1]', "it's", 'ü\n"',
); // prettier-ignore
const scalar = fc.oneof(
  texts,
  fc.integer({ min: -2, max: 3 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(1, 2.5).map(n => new Float(n)),
);
const { value: values } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map(pairs => new Map(pairs) as Value),
  ),
}));
const asDict = (record: object): Dict => new Map(Object.entries(record) as [string, Value][]);
const groups = fc.array(names.filter(group => group.length > 0) as fc.Arbitrary<Value>, { maxLength: 2 });
const rules = {
  mutually_exclusive: groups,
  required_together: groups,
  required_one_of: groups,
  required_if: fc.array(
    fc.oneof(fc.tuple(name, scalar, names), fc.tuple(name, scalar, names, fc.boolean())).map(group => [...group] as Value),
    { maxLength: 2 },
  ),
  required_by: fc.dictionary(name, fc.oneof(name, names)).map(asDict),
};
const { spec: specs } = fc.letrec<{ spec: Value }>(tie => ({
  spec: fc
    .array(
      fc.tuple(
        name,
        fc
          .record(
            {
              type: fc.oneof({ weight: 2, arbitrary: fc.constantFrom<string>('dict', 'list') }, fc.constantFrom<string>(...TYPES)),
              required: fc.boolean(),
              default: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, values),
              choices: fc.oneof({ weight: 6, arbitrary: fc.array(scalar, { maxLength: 4 }) }, fc.constant('abc')),
              elements: fc.oneof({ weight: 2, arbitrary: fc.constant('dict') }, fc.constantFrom<string>(...TYPES)),
              aliases: fc.oneof(
                { weight: 6, arbitrary: fc.uniqueArray(fc.constantFrom('e', 'f', 'a'), { maxLength: 2 }) },
                fc.constant('e'),
              ),
              options: tie('spec'),
              apply_defaults: fc.boolean(),
              ...rules,
            },
            { requiredKeys: ['type'] },
          )
          .map(asDict),
      ),
      { maxLength: 3 },
    )
    .map(pairs => new Map(pairs) as Value),
}));

const PROGRAM = `
import json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
def ask(case):
    spec, given = json.loads(case)
    try:
        return ArgumentSpecValidator(spec).validate(given, validate_role_argument_spec=True).error_messages
    except Exception:
        return None
print(json.dumps([ask(case) for case in json.load(sys.stdin)]))
`;
/** Which of several unknown options is told about, and in which order the words for booleans come, changes from run to run. */
const settled = (message: string): string =>
  message.replace(/Valid booleans include: .*/, '').replace(/(, .*)\. Supported parameters include: .*$/, '$1');

test.runIf(oracleBin)('says what Ansible says', { timeout: 120_000 }, () => {
  const given = fc.array(fc.tuple(fc.constantFrom<Value>(...NAMES, 'e', 'f'), values), { maxLength: 4 }).map(pairs => new Map(pairs));
  const cases = fc.sample(fc.tuple(specs, given), { numRuns: 1000, seed: 1 }).map(pair => toJson([...pair]));
  const theirs = askOracle(PROGRAM, cases) as readonly (readonly string[] | null)[];
  const answered = cases.flatMap((text, index) => (theirs[index] === null ? [] : [{ text, told: theirs[index]!.map(settled) }]));
  expect(answered.length).toBeGreaterThan(500);
  const ours = answered.map(({ text }) => ({ text, told: complaints(...(fromJson(text) as [Dict, Dict])).map(settled) }));
  expect(ours).toEqual(answered);
});
