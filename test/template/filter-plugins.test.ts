import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FilterPlugins } from '../../src/template/filter-plugins.ts';
import { Templar } from '../../src/template/index.ts';
import { failure, plainScope, scratch, testHost } from './_templar.ts';

const write = (home: string, name: string, text: string): void => {
  mkdirSync(join(home, 'filter_plugins'), { recursive: true });
  writeFileSync(join(home, 'filter_plugins', name), text);
};
const withPlugins = (...homes: readonly string[]): ((text: string) => unknown) => {
  const plugins = new FilterPlugins();
  for (const home of homes) plugins.add(home);
  const engine = new Templar(testHost(), { plugins });
  return text => engine.resolve(text, plainScope({ l: [1, 2], d: { a: 1 } }, engine));
};

describe('filters of the user’s own', () => {
  const home = scratch();
  write(
    home,
    'sizes.js',
    'export default { double: value => value * 2, pick: (dict, key, { otherwise } = {}) => dict[key] ?? otherwise };',
  );
  write(
    home,
    'typed.ts',
    'export default { greet: (name: string): string => `hello ${name}`, fail() { throw new Error("no luck"); }, later: async () => 1, upper: () => "never" };',
  );
  const resolve = withPlugins(home, scratch());

  test('take plain values and give plain values', () => {
    expect(resolve("{{ l | map('double') | list }}")).toEqual([2, 4]);
    expect(resolve("{{ d | pick('a') }} {{ d | pick('b', otherwise='x') }}")).toBe('1 x');
    expect(resolve("{{ 'you' | greet }}")).toBe('hello you');
    expect(resolve("{{ 'greet' is filter }}")).toBe(true);
    expect(resolve("{{ 'a' | upper }}")).toBe('A');
  });
  test('fail as any other', () => {
    expect(failure(() => resolve('{{ 1 | fail }}'))).toEqual({ code: 'E_TEMPLATE', message: 'the filter fail failed: no luck' });
    expect(failure(() => resolve('{{ 1 | later }}')).code).toBe('E_TEMPLATE');
    expect(failure(() => resolve('{{ 1 | doubel }}')).message).toContain('did you mean "double"?');
  });
  test('a module that cannot be loaded is named', () => {
    const broken = scratch();
    write(broken, 'broken.js', 'export default {');
    expect(failure(() => withPlugins(broken)).message).toContain(join(broken, 'filter_plugins', 'broken.js'));
    const empty = scratch();
    write(empty, 'empty.js', 'export default { x: 1 };');
    expect(failure(() => withPlugins(empty)).message).toContain('"x" is no function');
  });
  test('so is a plugin of Python’s, when its filter is missed', () => {
    const python = scratch();
    write(python, 'old.py', 'class FilterModule: pass');
    const { code, message } = failure(() => withPlugins(python)('{{ 1 | my_very_own_filter }}'));
    expect(code).toBe('E_SYNTAX');
    expect(message).toContain(join(python, 'filter_plugins', 'old.py'));
  });
});
