import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OnDifference } from '../../src/template/index.ts';
import { MarkedText } from '../../src/value/kinds.ts';
import { Tuple, type Value } from '../../src/value/value.ts';
import { failure, plainScope, scratch, templar } from './_templar.ts';

const [classic, native] = [templar(), templar({}, '2.19')];

describe('a value', () => {
  test.each<[source: string, classic: Value, native: Value]>([
    ['{{ 1 }}', '1', 1],
    ['{{ none }}', '', null],
    ['{% if false %}x{% endif %}', '', null],
    ["{{ 'True' }}", true, 'True'],
    ["{{ '[1, 2]' }}", [1, 2], '[1, 2]'],
    ['[{{ 1 }}, {{ 2 }}]', [1, 2], '[1, 2]'],
    ['{{ (1, 2) }}', '(1, 2)', [1, 2]],
    ['{{ range(2) | list }}', [0, 1], [0, 1]],
    ["{{ nowhere | upper | default('d') if false else 1 }}", '1', 1],
  ])('%s', (source, text, value) => {
    expect(classic.resolve(source, plainScope({}))).toEqual(text);
    expect(native.resolve(source, plainScope({}))).toEqual(value);
  });
  test.each(['{{ range(2) }}', "{{ 'a' if false }}", '{{ namespace() }}'])('%s is none that a variable could hold', source => {
    expect(failure(() => native.resolve(source, plainScope({}))).code).toBe('E_TEMPLATE');
    expect(() => native.resolve(source, plainScope({}), { as: 'variable' })).not.toThrow();
  });
  test('is more to another template than to everybody else', () => {
    expect(native.resolve('{{ (1, 2) }}', plainScope({}), { as: 'variable' })).toBeInstanceOf(Tuple);
    expect(native.resolve('{{ (1, 2) }}', plainScope({}), { as: 'fact' })).toEqual([1, 2]);
    expect(classic.resolve('{{ [1] | to_json }}', plainScope({}), { as: 'fact' })).toBeInstanceOf(MarkedText);
    expect(native.resolve('{{ [1] | to_json }}', plainScope({}), { as: 'fact' })).toBe('[1]');
  });
});

describe('what is undefined', () => {
  test('goes through filters, tests, methods and lookups', () => {
    const resolve = (source: string): Value => native.resolve(source, plainScope({ s: 'x' }));
    expect(resolve("{{ nowhere | upper | default('d') }}")).toBe('d');
    expect(resolve("{{ (nowhere is string) | default('d') }}")).toBe('d');
    expect(resolve("{{ s.replace('x', nowhere) | default('d') }}")).toBe('d');
    expect(resolve("{{ lookup('file', nowhere) | default('d') }}")).toBe('d');
    expect(failure(() => resolve('{{ nowhere | upper }}')).code).toBe('E_UNDEFINED');
    expect(failure(() => classic.resolve("{{ nowhere | upper | default('d') }}", plainScope({}))).code).toBe('E_UNDEFINED');
  });
  test('is no sure error where something may look at it', () => {
    const source = "{{ nowhere | upper | default('d') }}";
    expect([...classic.inspect(source, 'text').certain]).toEqual(['nowhere']);
    expect([...native.inspect(source, 'text').certain]).toEqual([]);
    expect([...native.inspect('{{ nowhere | upper }}', 'text').certain]).toEqual(['nowhere']);
  });
});

describe('a condition', () => {
  const scope = plainScope({ n: 5, s: 'x', yes: true, indirect: 'n == 5' });
  test.each(['n', 's', "''", '[]', 'none', '{{ n }}'])('%s is no bool', condition => {
    expect(() => classic.condition(condition, scope)).not.toThrow();
    expect(failure(() => native.condition(condition, scope)).code).toBe('E_TEMPLATE');
  });
  test.each(['yes', 'n == 5', '{{ indirect }}', '{{ yes }}', "'{{ s }}' == 'x'", 'nowhere is not defined'])('%s holds', condition => {
    expect(native.condition(condition, scope)).toBe(true);
  });
  test('says something', () => {
    for (const empty of [null, '', ' ']) expect(failure(() => native.condition(empty, scope)).message).toContain('Empty conditional');
    expect(failure(() => native.condition(1, scope)).message).toContain('must be strings');
  });
});

describe('a difference', () => {
  const told = (evaluate: (onDifference: OnDifference) => void): readonly string[] => {
    const messages: string[] = [];
    evaluate(({ text, message }) => messages.push(`${text ?? 'file'}: ${message}`));
    return messages;
  };
  test.each([
    ['{{ 1 }}', 'a str in ansible-core 2.18, an int in 2.19'],
    ['{{ none }}', 'a str in ansible-core 2.18, a NoneType in 2.19'],
    ['{{ (1, 2) }} x', 'another str in ansible-core 2.19 than in 2.18'],
    ['{{ range(2) }}', 'a list in ansible-core 2.18, an error in 2.19'],
  ])('of %s is told by either engine', (source, message) => {
    expect(told(onDifference => classic.resolve(source, plainScope({}), { onDifference }))).toEqual([`${source}: ${message}`]);
    expect(told(onDifference => native.resolve(source, plainScope({}), { onDifference, as: 'variable' }))).toEqual([
      `${source}: ${message}`,
    ]);
  });
  test.each(["{{ 'x' }}", '{{ [1, 2] }}', '{{ true }}', 'a {{ 1 }}', '{{ n }}'])('there is none in %s', source => {
    expect(told(onDifference => classic.resolve(source, plainScope({ n: 5 }), { onDifference }))).toEqual([]);
  });
  test('is in a condition that is no bool', () => {
    expect(told(onDifference => classic.condition('n', plainScope({ n: 5 }), { onDifference }))).toEqual([
      'n: a bool in ansible-core 2.18, an error in 2.19',
    ]);
    expect(told(onDifference => classic.condition('n == 5', plainScope({ n: 5 }), { onDifference }))).toEqual([]);
  });
});

test('a file is written as text', () => {
  const folder = scratch();
  const written = (text: string): readonly string[] => {
    writeFileSync(join(folder, 'page'), text);
    return [classic, native].map(engine => engine.renderFile(join(folder, 'page'), plainScope({}), [folder]));
  };
  expect(written('{{ [1] }}{{ none }}\n')).toEqual(['[1]\n', '[1]']);
  expect(written('{{ (1, 2) }} {{ 1.0 }}\n')).toEqual(['(1, 2) 1.0\n', '[1, 2] 1.0\n']);
  expect(written('{{ none }}')).toEqual(['', '']);
});
