import { describe, expect, test } from 'vitest';
import { failure, templar } from './_templar.ts';

const engine = templar();
const look = (text: string, kind: 'text' | 'condition' | 'file' = 'text'): { names: string[]; certain: string[]; impure: boolean } => {
  const { names, certain, impure } = engine.inspect(text, kind);
  return { names: [...names].toSorted(), certain: [...certain].toSorted(), impure };
};

describe('inspect', () => {
  test.each([
    ['{{ a }} {{ b.c[d] }}', ['a', 'b', 'd'], ['a', 'b']],
    ["{{ a | default('x') }} {{ b | upper }} {{ c | default(d) | lower }}", ['a', 'b', 'c', 'd'], ['b']],
    ['{{ a if b else c }} {{ d or e }} {{ f and g }}', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], ['b', 'd', 'f']],
    ['{% if a %}{{ b }}{% else %}{{ c }}{% endif %}', ['a', 'b', 'c'], ['a']],
    ['{% for x in a %}{{ x }}{{ b }}{{ loop.index }}{% endfor %}', ['a', 'b'], ['a']],
    ['{% set x = a %}{{ x }}', ['a'], []],
    ['{{ a is defined }} {{ b + 1 }} {{ c ~ d }} {{ x in e }}', ['a', 'b', 'c', 'd', 'e', 'x'], ['b', 'c', 'd', 'e']],
    ['{{ f(a) }} {{ range(n) }} {{ a.m(b) }}', ['a', 'b', 'f', 'n'], ['a', 'f']],
    ['{% macro m(p) %}{{ p }}{{ o }}{% endmacro %}{{ m(1) }}', ['o'], []],
  ])('%s', (text, names, certain) => {
    expect(look(text)).toEqual({ names, certain, impure: false });
  });
  test('conditions', () => {
    expect(look('a == 1 and b', 'condition')).toEqual({ names: ['a', 'b'], certain: ['a'], impure: false });
    expect(look('a is defined and a', 'condition').certain).toEqual([]);
    expect(look('a', 'condition').certain).toEqual(['a']);
    expect(look('not a', 'condition').certain).toEqual(['a']);
    expect(look('{{ a }}', 'condition').names).toEqual(['a']);
  });
  test.each([
    ["{{ lookup('pipe', 'x') }}", true],
    ["{{ lookup('env', 'x') }}", false],
    ["{{ query(which, 'x') }}", true],
    ['{{ l | random }}', true],
    ["{{ l | random(seed='x') }}", false],
    ['{{ now() }}', true],
  ])('impure: %s', (text, impure) => {
    expect(look(text).impure).toBe(impure);
  });
  test('refuses what does not parse', () => {
    expect(failure(() => engine.inspect('{{ a', 'text')).code).toBe('E_SYNTAX');
    expect(failure(() => engine.inspect('a and', 'condition')).code).toBe('E_SYNTAX');
    expect(failure(() => engine.inspect('{{ a | nofilter }}', 'file')).code).toBe('E_SYNTAX');
    expect(look("#jinja2: variable_start_string:'<<', variable_end_string:'>>'\n<< a >> {{ b }}", 'file').names).toEqual(['a']);
  });
});
