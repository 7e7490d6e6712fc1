import { listed } from './_oracle-cases.ts';
import type { Case } from './_oracle.ts';

/** What ansible-core 2.19 evaluates otherwise than 2.18 does. */
export const SEMANTICS_CASES: readonly Case[] = [
  ...listed(
    's',
    String.raw`
## values keep their types
{{ 1.0 }}
{{ none }}
{{ '' }}
{{ yes }}
{{ num }}
{{ big * big }}
{{ -i }}
{{ [] }}
{{ ed }}
{{ {'a': (1, [2, (3,)])} }}
{{ ((1, 2), 3) }}
{{ 'None' }}
{{ '1' }}
{{ s }}{{ none }}
{{ none }}{{ none }}
{{ i }}{{ none }}
{{ '' }}{{ i }}
{{ i }}⏎
{{ i }} ⏎
{{ l }}⏎
{{ s }}⏎⏎
{{ (1, 2) }} {{ {'a': (1,)} }}
{{ whole }}{{ whole }}
{{ indirect_list }}
{{ jsontext }}
{{ d | to_json }}
{{ [d | to_json, l | to_nice_yaml] }}
{{ joined }}
{{ cfg }}
{{ cfg['items'] }}
{{ composed }}
{{ '{{ i }}' }}
{{ ['{{ i }}'] }}
{{ {'a': '{{ i }}'} }}
[{{ l | join(', ') }}]
{ "a": [{{ i }}] }
True
{{ 'Tr' }}ue
{{ yes }}{# comment #}
{% raw %}[1]{% endraw %}
{% if yes %}{{ i }}{% endif %}
{% if yes %}{{ l }}{% else %}x{% endif %}
{% for x in [i] %}{{ x }}{% endfor %}
{% for x in li %}{{ x }}{% endfor %}
{% for x in [] %}{{ x }}{% endfor %}
{% set x = 5 %}{{ x }}
{% set x %}{{ i }}{% endset %}{{ x | type_debug }}
{% set x %}{% endset %}{{ x is none }}
{% set x %}{{ l }}{% endset %}{{ x[0] }}
{% macro m() %}{{ i }}{% endmacro %}{{ m() }}
{% macro m() %}{{ i }}{% endmacro %}{{ m() + 1 }}
{% macro m() %}{{ i }}{{ i }}{% endmacro %}{{ m() | type_debug }}
{% macro m() %}{% endmacro %}{{ m() }}
{% macro m(x) %}{{ x }}{% endmacro %}{{ m((1, 2)) | type_debug }}
{% filter upper %}{{ s }}{% endfilter %}
{% filter int %}{{ num }}{% endfilter %}
{% call(x) m2() %}{{ x }}{% endcall %}
## undefined values
{{ nowhere | upper | default('d') }}
{{ nowhere.a.b | lower | trim | default('d') }}
{{ s | replace(nowhere, 'x') | default('d') }}
{{ s.replace('a', nowhere) | default('d') }}
{{ nowhere.upper() | default('d') }}
{{ nowhere() | default('d') }}
{{ (nowhere + 1) | default('d') }}
{{ (nowhere ~ 'x') | default('d') }}
{{ (nowhere is string) | default('d') }}
{{ (nowhere | bool) is defined }}
{{ nowhere | upper }}
{{ [nowhere] | length }}
{{ [1, nowhere] | first }}
{{ [nowhere] | first | default('d') }}
{{ {'a': nowhere} }}
{{ lazy_undefined | upper | default('d') }}
{{ lazy_undefined is defined }}
{{ nowhere | ternary(1, 2) }}
{{ yes | ternary(1, nowhere) }}
{{ nowhere | mandatory | default('d') }}
{{ users | map(attribute='on', default=5) | list }}
{{ users | map(attribute='on') | list }}
{{ users | selectattr('on', 'defined') | map(attribute='name') | list }}
{{ lookup('vars', nowhere) | default('d') }}
{{ undef('hint') | default('d') }}
{{ undef() | upper | default('d') }}
## an inline if without else
{{ 'a' if no }}
{{ 'a' if no }}{{ s }}
{{ ('a' if no) | default('d') }}
{{ ('a' if no) | default('d', true) }}
{{ ('a' if no) | upper }}
{{ ['a' if no] }}
{{ ('a' if no) is defined }}
## objects
{{ range(3) | list }}
{{ range(3) | map('string') | list }}
{{ range(3) }}x
{{ d.keys() | list }}
{{ d.values() }}
{{ d.items() | first }}
{{ d.keys() | type_debug }}
{{ s.__class__ }}
{{ dict(a=(1, 2)) }}
{{ l | zip(li) | list | type_debug }}
{{ (1, 2) | type_debug }}
{{ (1, 2) + (3,) }}
{{ l | batch(1) }}
{{ users | groupby('name') }}
{{ (l | first, li | last) }}
## templates in constants
{{ lookup('env', '{{ s }}', default='none') }}
{{ lookup('vars', '{{ "i" }}') }}
{{ query('list', ['{{ i }}', '{{ s }}']) }}
{{ query('list', ['{' ~ '{ i }}', s]) }}
{{ lookup('vars', '{' ~ '{ "i" }}', default='none') }}
{{ s == '{{ s }}' }}
{{ '{{ s }}' | length }}
## quotes and backslashes
{{ 'a\'b' }}
{{ "a\"b" }}
{{ 'a\nb' }}
{{ 'a\\b' }}
{% set x = 'a\'b\n' %}{{ x }}
## leaving out
{{ omit }}x
{{ [omit, i] }}
{{ {'a': omit, 'b': (omit, i)} }}
{{ [omit, i] }} {{ {'a': omit} }}
## filters that changed
{{ none | bool }}
{{ [none | bool, 'maybe' | bool] }}
{{ 'x' | type_debug }}
{{ nowhere | type_debug }}
{{ [1, {'b': 2, 'a': 1}] | pprint }}
{{ 'text' | pprint }}
`,
  ),
  ...listed(
    't',
    String.raw`
{{ i }}
{{ l }}
{{ l }}⏎
{{ (1, 2) }}⏎
{{ none }}⏎
{{ yes }}
{{ whole }}⏎
{{ none }}x{{ none }}
{{ 'a' if no }}⏎x
{% if no %}x{% endif %}
{% include 'inc.j2' %}
{% import 'mac.j2' as m %}{{ m.f(1) }}|{{ m.g() | type_debug }}
{% from 'mac.j2' import g %}{{ g() }}
{% extends 'base.j2' %}{% block one %}{{ i }}{% endblock %}
{% set x %}{{ l }}{% endset %}{{ x }} {{ x | type_debug }}
{{ nowhere | lower | default('d') }}
{{ d.items() }} {{ d.keys() }}
{{ 'it\'s' }}
`,
  ),
  ...listed(
    'w',
    String.raw`
yes
  yes
not no
s == 'abc'
s in l
s is defined and s
i and yes
yes and i
l
'text'
'no'
el == []
not el
nowhere is defined
nowhere | default(true)
nowhere | default('')
nowhere.a is not defined
nowhere | upper is defined
nowhere
{{ yes }}
{{ no }}
{{ s == 'abc' }}
{{ i }}
{{ none }}
{{ s }} == 'abc'
"{{ s }}" == 'abc'
'{{ i }}' == 5
'{{ nowhere }}' == 5
{{ yes }} and {{ yes }}
{% if yes %}true{% endif %}
text_true | bool
res is changed
res is failed or res.rc == 0
res.rc
res.stdout
(i, s)
whole
`,
  ),
];
