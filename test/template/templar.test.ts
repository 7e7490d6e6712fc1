import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import { isTemplate, Speculation } from '../../src/template/index.ts';
import { MarkedText } from '../../src/value/kinds.ts';
import { Float, type Value } from '../../src/value/value.ts';
import { failure, plainScope, scopeOf, scratch, templar } from './_templar.ts';

const engine = templar();
const caught = (run: () => unknown): KplayError => {
  try {
    run();
  } catch (error) {
    if (error instanceof KplayError) return error;
    throw error;
  }
  throw new Error('did not fail');
};

describe('resolve', () => {
  test('leaves text without a template alone, and says so', () => {
    expect(engine.resolve('plain {text}', plainScope({}))).toBe('plain {text}');
    expect(isTemplate('a {{ b }}')).toBe(true);
    expect(isTemplate('a { b }')).toBe(false);
  });
  test('resolves containers deeply and keeps keys', () => {
    const value = new Map<Value, Value>([['{{ s }}', ['{{ s }}', new Map([['k', '{{ n }}']])]]]);
    expect(engine.resolve(value, plainScope({ s: 'x', n: 5 }))).toEqual(new Map([['{{ s }}', ['x', new Map([['k', 5]])]]]));
  });
  test('a sole name keeps a number, but only one that no template made', () => {
    const scope = plainScope({ n: 5, via: '{{ n }}' });
    expect(engine.resolve('{{ n }}', scope)).toBe(5);
    expect(engine.resolve('{{ via }}', scope)).toBe('5');
    expect(engine.resolve('{{ via + 1 }}', scope)).toBe('6');
  });
  test('JSON text stays text from variable to variable, and is a plain string in the end', () => {
    const scope = plainScope({ list: [1, 2], text: '{{ list | to_json }}' });
    expect(scope.lookup('text')).toBeInstanceOf(MarkedText);
    expect(engine.resolve('{{ text }}', scope)).toBe('[1, 2]');
    expect(engine.resolve('{{ text }}{{ text }}', scope)).toBe('[1, 2][1, 2]');
  });
  test('a template that changes a list changes its own copy', () => {
    const list: Value[] = [1];
    const scope = scopeOf(new Map<string, Value>([['list', list]]), engine);
    expect(engine.resolve('{{ list.append(2) }}{{ list }}', { ...scope, lookup: name => (name === 'list' ? list : undefined) })).toEqual([
      1, 2,
    ]);
    expect(list).toEqual([1]);
  });
  test('each name is looked up once a rendering', () => {
    let count = 0;
    const scope = { lookup: (name: string) => (name === 'x' ? ++count : undefined), names: () => ['x'] };
    expect(engine.resolve('{{ x }}{{ x }}{% for i in [1, 2] %}{{ x }}{% endfor %}', scope)).toBe('1111');
    expect(count).toBe(1);
  });
});

describe('errors', () => {
  test.each([
    ['{{ x }}', 'E_UNDEFINED', "'x' is undefined"],
    ['{{ d.zz }}', 'E_UNDEFINED', "'dict object' has no attribute 'zz'"],
    ['{{ d.a.b }}', 'E_UNDEFINED', "'int object' has no attribute 'b'"],
    ["{{ 'a' + 1 }}", 'E_TEMPLATE', 'can only concatenate str (not "int") to str'],
    ['{{ 1 / 0 }}', 'E_TEMPLATE', 'division by zero'],
    ['{{ x | nope }}', 'E_SYNTAX', 'Could not load "nope": \'nope\''],
    ['{{ x is nope }}', 'E_SYNTAX', 'Could not load "nope": \'nope\' (did you mean "none"?)'],
    ["{{ lookup('nope') }}", 'E_TEMPLATE', 'lookup plugin (nope) not found'],
    ['{{ d.pop() }}', 'E_TEMPLATE', "pop() missing 1 required positional argument: 'key'"],
    ['{{ d | indent(3, nope=1) }}', 'E_TEMPLATE', "filter() got an unexpected keyword argument 'nope'"],
  ])('%s', (source, code, message) => {
    expect(failure(() => engine.resolve(source, plainScope({ d: { a: 1 } })))).toEqual({ code, message });
  });
  test('name the line, and the file when there is one', () => {
    expect(caught(() => engine.resolve('a\nb {{ x }}', plainScope({}))).detail).toContain('line 2');
    expect(caught(() => engine.resolve('a\n{{ x', plainScope({}))).detail).toBe('line 2, column 5 of the template');
    const folder = scratch();
    writeFileSync(join(folder, 'outer.j2'), "one\n{% include 'inner.j2' %}\n");
    writeFileSync(join(folder, 'inner.j2'), '\n\n{{ nope }}\n');
    writeFileSync(join(folder, 'bad.j2'), 'x\n{% endfor %}\n');
    expect(caught(() => engine.renderFile(join(folder, 'outer.j2'), plainScope({}), [folder])).at).toEqual({
      file: join(folder, 'inner.j2'),
      line: 3,
      col: 1,
    });
    expect(caught(() => engine.renderFile(join(folder, 'bad.j2'), plainScope({}), [folder])).at).toEqual({
      file: join(folder, 'bad.j2'),
      line: 2,
      col: 4,
    });
    expect(failure(() => engine.renderFile(join(folder, 'none.j2'), plainScope({}), [])).code).toBe('E_FILE');
  });
  test('a filter or test of another collection is not there', () => {
    for (const source of ['{{ x | community.crypto.fingerprint }}', '{{ x is community.crypto.valid }}'])
      expect(failure(() => engine.resolve(source, plainScope({ x: 'y' }))).code).toBe('E_SYNTAX');
  });
  test('a macro that calls itself for ever ends', () => {
    expect(failure(() => engine.resolve('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', plainScope({}))).code).toBe('E_TEMPLATE');
  });
});

describe('looking ahead', () => {
  test.each([
    "{{ lookup('pipe', 'false') }}",
    "{{ lookup('password', '/dev/null') }}",
    '{{ [1, 2] | random }}',
    '{{ now() }}',
    "{{ '%s' | strftime }}",
  ])('%s is not evaluated', source => {
    expect(() => engine.resolve(source, plainScope({}), { speculative: true })).toThrow(Speculation);
  });
  test('what depends on nothing else is', () => {
    const options = { speculative: true };
    expect(engine.resolve("{{ 60 | random(seed='host') }}", plainScope({}), options)).toMatch(/^\d+$/);
    expect(engine.resolve("{{ '%Y' | strftime(0, utc=true) }}", plainScope({}), options)).toBe('1970');
    expect(engine.condition('x is defined and (x | random)', plainScope({}), options)).toBe(false);
  });
});

describe('renderFile', () => {
  const folder = scratch();
  const render = (text: string, options = {}): string => {
    writeFileSync(join(folder, 'page.j2'), text);
    return engine.renderFile(join(folder, 'page.j2'), plainScope({ s: 'x' }), [folder], options);
  };
  test('takes the template task’s settings', () => {
    expect(render('{% if s %}\ny\n{% endif %}\n', { trimBlocks: false })).toBe('\ny\n');
    expect(render('  {% if s %}\ny\n  {% endif %}\n', { lstripBlocks: true })).toBe('y\n');
    expect(render('a\n{{ s }}\n\n', { newlineSequence: '\r\n' })).toBe('a\r\nx\r\n\r\n');
    expect(render('[[ s ]] {{ s }}', { variableStart: '[[', variableEnd: ']]' })).toBe('x {{ s }}');
    expect(render('(% if s %)y(% endif %)(# c #)', { blockStart: '(%', blockEnd: '%)', commentStart: '(#', commentEnd: '#)' })).toBe('y');
  });
  test('a header overrides them and is not printed', () => {
    expect(render("#jinja2: variable_start_string:'<<', variable_end_string:'>>'\n<< s >>\n")).toBe('x\n');
  });
  test('CRLF in the source becomes LF', () => {
    expect(render('a\r\n{{ s }}\r\n')).toBe('a\nx\n');
  });
});

describe('values', () => {
  test('lists that are taken for sets keep their order', () => {
    const resolve = (text: string): unknown => engine.resolve(`{{ ['c', 'a', 'b', 'a'] | ${text} }}`, plainScope({}));
    expect(resolve("union(['d', 'a'])")).toEqual(['c', 'a', 'b', 'd']);
    expect(resolve("difference(['a'])")).toEqual(['c', 'b']);
    expect(resolve("intersect(['b', 'c'])")).toEqual(['c', 'b']);
    expect(resolve("symmetric_difference(['d', 'c'])")).toEqual(['a', 'b', 'd']);
  });
  test.each<[string, Value]>([
    ['{{ 1.0 }}', '1.0'],
    ['{{ [1.0, 2] }}', [new Float(1), 2]],
    ['{{ 2 ** 70 }}', '1180591620717411303424'],
    ['{{ now().year }}', '2024'],
    ["{{ now(fmt='%H') == now().strftime('%H') }}", true],
    ["{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%S') }}", '2024-02-29T12:30:05'],
  ])('%s', (source, want) => {
    expect(engine.resolve(source, plainScope({}))).toEqual(want);
  });
});
