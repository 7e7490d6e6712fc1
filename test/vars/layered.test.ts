import { describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import { overheard, type Scope } from '../../src/value/scope.ts';
import { Undefined, type Value } from '../../src/value/value.ts';
import { VarsView, layered } from '../../src/vars/layered.ts';
import type { Layer, Resolve } from '../../src/vars/layered.ts';
import { layers } from '../../src/vars/parts.ts';

/** `{{ name }}` and nothing else; counts its work. */
const resolver = (): { count: number; resolve(value: Value, scope: Scope): Value } => ({
  count: 0,
  resolve(value, scope) {
    this.count += 1;
    const name = typeof value === 'string' ? /^\{\{ (\w+) \}\}$/.exec(value)?.[1] : undefined;
    return name === undefined ? value : (scope.lookup(name) ?? 'undefined');
  },
});
const layer = (vars: Record<string, Value>, final = false): Layer => ({ vars: new Map(Object.entries(vars)), final });
/** As what set_fact has stored: final where it is hearsay. */
const facts = (vars: Record<string, Value>, heard: readonly string[]): Layer => ({
  ...layer(vars, true),
  hearsay: name => heard.includes(name),
});
const names = (vars: Record<string, Value>): Scope => ({ lookup: name => vars[name], names: () => Object.keys(vars) });
const scopeOf = (all: readonly Layer[], magic: Record<string, Value> = {}) => {
  const work = resolver();
  return { work, scope: layered(all, (value, scope) => work.resolve(value, scope), names(magic)) };
};

describe('layered', () => {
  test('a higher layer wins, null included', () => {
    const { scope } = scopeOf([layer({ a: 1, b: 1, c: 1 }), layer({ b: 2, c: null })]);
    expect(['a', 'b', 'c', 'd'].map(name => scope.lookup(name))).toEqual([1, 2, null, undefined]);
  });
  test('templates see every layer and are evaluated once, when asked for', () => {
    const { scope, work } = scopeOf([layer({ a: '{{ b }}', unused: '{{ a }}' }), layer({ b: 2 })]);
    expect(work.count).toBe(0);
    expect([scope.lookup('a'), scope.lookup('a')]).toEqual([2, 2]);
    expect(work.count).toBe(2);
  });
  test('final values stay as they are', () => {
    expect(scopeOf([layer({ a: '{{ b }}' }, true)]).scope.lookup('a')).toBe('{{ b }}');
  });
  test('what is no hearsay is not final', () => {
    const { scope } = scopeOf([layer({ b: 2 }), facts({ own: '{{ b }}', told: '{{ b }}' }, ['told'])]);
    expect(['own', 'told'].map(name => scope.lookup(name))).toEqual([2, '{{ b }}']);
  });
  test('hearsay is heard through what is made of it, and numbers are none', () => {
    const { scope } = scopeOf([layer({ a: '{{ told }}', b: '{{ own }}' }), facts({ told: 'x', own: 'y', rc: 1 }, ['told', 'rc'])]);
    const heard = (name: string): boolean => overheard(scope, () => scope.lookup(name)).hearsay;
    expect(['a', 'a', 'b', 'told', 'own', 'rc'].map(heard)).toEqual([true, true, false, true, false, false]);
    expect(
      overheard(
        scope.over(new Map([['item', 'x']]), () => true),
        () => scope.lookup('a'),
      ).hearsay,
    ).toBe(true);
  });
  test('for other hosts what needs an undefined name is as it is written', () => {
    const resolve: Resolve = (value, scope) => {
      if (Array.isArray(value)) return value.map(item => resolve(item, scope));
      if (value === '{{ gone }}' && scope.lookup('gone') === undefined) throw new KplayError('E_UNDEFINED', 'gone');
      return value;
    };
    const scope = layered([layer({ a: ['{{ gone }}', 'b'] })], resolve, names({}));
    expect([scope.lookup('a') instanceof Undefined, scope.lenient().lookup('a')]).toEqual([true, ['{{ gone }}', 'b']]);
  });
  test('magic beats every layer', () => {
    const { scope } = scopeOf([layer({ groups: 1 })], { groups: 2, omit: 3 });
    expect([scope.lookup('groups'), [...scope.names()].toSorted()]).toEqual([2, ['groups', 'omit']]);
  });
  test('a circle is named', () => {
    const { scope } = scopeOf([layer({ start: '{{ a }}', a: '{{ b }}', b: '{{ c }}', c: '{{ a }}' })]);
    expect(() => scope.lookup('start')).toThrow(
      expect.objectContaining({ code: 'E_TEMPLATE', message: expect.stringContaining('a → b → c → a') }),
    );
    expect(() => scope.lookup('start')).toThrow(/start|a → b/);
  });
  test('what is put over a scope is seen by its templates', () => {
    const { scope } = scopeOf([layer({ a: '{{ item }}' })], { item: 'magic' });
    const inner = scope.over(new Map([['item', 'x']]), () => false);
    expect([inner.lookup('a'), inner.over(new Map([['item', 'y']]), () => false).lookup('a'), scope.lookup('a')]).toEqual([
      'x',
      'y',
      'magic',
    ]);
  });
  test('derived: defined by a template', () => {
    const { scope } = scopeOf([layer({ a: '{{ b }}', b: 1 }), layer({ c: '{{ b }}' }, true)]);
    expect(['a', 'b', 'c', 'd'].map(name => scope.derived?.(name))).toEqual([true, false, false, false]);
  });
  test('vars is the scope as a dict', () => {
    const { scope } = scopeOf([layer({ a: '{{ b }}', b: 2 })]);
    const vars = scope.lookup('vars');
    expect(vars instanceof VarsView && [vars.item('a'), vars.keys()]).toEqual([2, ['a', 'b']]);
  });
});

test('the order of precedence', () => {
  const of = (text: string): ReadonlyMap<string, Value> => new Map([['x', text]]);
  const lists = ['roleDefaults', 'host', 'playVars', 'varsFiles', 'roleVars', 'ownRoleVars', 'blockVars', 'roleParams', 'includeParams'];
  const order =
    'roleDefaults host facts playVars varsFiles roleVars ownRoleVars blockVars taskVars includeVars setFacts roleParams includeParams extraVars'.split(
      ' ',
    );
  const parts = Object.fromEntries(order.map(name => [name, lists.includes(name) ? [of(name)] : of(name)]));
  expect(layers(parts).map(({ vars, final }) => `${String(vars.get('x'))}${final ? '!' : ''}`)).toEqual(
    order.map(name => (name === 'facts' || name === 'setFacts' ? `${name}!` : name)),
  );
});
