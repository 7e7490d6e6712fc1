import type { Case } from './_oracle.ts';

const DATA = `{
  'foo': {'bar': [{'n': 'a', 'v': 1, 'on': true}, {'n': 'b', 'v': 2.0, 'on': false}, {'n': 'c'}], 'baz': {'x': [1, 2], 'y': [3, [4]]}},
  'nums': [3, 1.5, 2], 'texts': ['b', 'a', 'é'], 'mixed': [0, '', none, [], {}, false, 'x', '7', ' 8.5 '], 'empty': [], 'none': none, 'zero': 0, 'yes': true,
  'text': 'abc', '10': 'ten', '9': 'nine', 'with-dash': {'k.k': 5}, 'deep': [[1, [2]], [3], 4], 'tuple': (1, 2),
  'status': [{'type': 'Ready', 'status': 'True'}, {'type': 'Other', 'status': 'False'}]
}`;

const QUERIES = String.raw`
foo.bar[0].n
foo.bar[*].n
foo.bar[].v
foo.bar[-1]
foo.bar[7]
foo.bar[0:2].n
foo.bar[::-1].n
foo.bar[::0]
foo.bar[1:]
foo.bar[:-1].v
foo.*
foo.*.x
foo.baz.*[0]
foo.baz.*[]
*.x
*
@
foo.bar[?v > ${'`'}1${'`'}].n
foo.bar[?v >= ${'`'}1${'`'}] | [0].n
foo.bar[?n == 'a'].v
foo.bar[?n != 'a'].n
foo.bar[?on].n
foo.bar[?!on].n
foo.bar[?n == 'a' || v == ${'`'}2${'`'}].n
foo.bar[?n == 'a' && on].n
foo.bar[?(n == 'a' || n == 'b') && !on].n
foo.bar[?v < 'a']
foo.bar[?n < v]
foo.bar[?on == ${'`'}1${'`'}]
foo.bar[?v == ${'`'}1.0${'`'}].n
foo.bar[?v == ${'`'}true${'`'}].n
foo.bar[*].{name: n, "val": v}
foo.bar[*].[n, v]
foo.bar[0].{a: n, b: ${'`'}[1, 2]${'`'}}
none.{a: b}
none.[a]
{a: text, b: nums[0]}
[text, nums]
[0]
foo.bar[*].n | [0]
foo.bar[*].n | length(@)
foo.bar[*].zz
zz.yy[0].*
deep[]
deep[][]
deep[*][0]
deep[*][*]
deep[*][]
mixed[?@]
mixed[*]
mixed[?!@]
tuple[0]
tuple
"10"
"with-dash"."k.k"
with-dash
text[0]
text | @
empty[0]
empty[*].a
!zero
!text
!none
!empty
zero || text
none || text
empty || ${'`'}"d"${'`'}
text && nums
none && text
${'`'}foo${'`'}
${'`'}[1, 2.0, "x"]${'`'}
${'`'}{"b": 1, "a": 2}${'`'}
'raw \'q\' \\n'
''
'a' == 'a'
${'`'}1${'`'} == ${'`'}true${'`'}
${'`'}2${'`'} == ${'`'}true${'`'}
nums == ${'`'}[3, 1.5, 2]${'`'}
abs(${'`'}-3${'`'})
abs(${'`'}-1.5${'`'})
avg(nums)
avg(empty)
ceil(${'`'}1.2${'`'})
ceil(${'`'}3${'`'})
floor(${'`'}-1.2${'`'})
contains(texts, 'a')
contains(text, 'b')
contains(nums, ${'`'}1.5${'`'})
contains(foo, 'a')
contains(text, ${'`'}1${'`'})
ends_with(text, 'c')
starts_with(text, 'x')
join(',', texts)
join(',', nums)
keys(@)
keys(foo)
keys(text)
values(foo.baz)
length(text)
length(@)
length(none)
length(zero)
map(&n, foo.bar)
map(&v, foo.bar)
map(&zz, nums)
max(nums)
max(texts)
max(empty)
max(mixed)
min(nums)
min(texts)
max_by(status, &type).status
min_by(status, &type)
max_by(foo.bar, &v)
max_by(empty, &v)
min_by(foo.bar, &on)
sort(nums)
sort(texts)
sort(mixed)
sort_by(status, &type)[*].type
sort_by(foo.bar, &n)[0].n
sort_by(foo.bar, &v)
sort_by(empty, &v)
sum(nums)
sum(empty)
sum(texts)
merge(foo.baz, ${'`'}{"x": 1, "z": 2}${'`'})
merge()
not_null(none, zero, text)
not_null(none)
reverse(nums)
reverse(text)
to_array(text)
to_array(nums)
to_number('12')
to_number('1.5')
to_number('x')
to_number(yes)
mixed[*].to_number(@)
to_string(foo.baz)
to_string(text)
to_string(${'`'}1.0${'`'})
to_string(texts)
type(text)
[type(nums), type(none), type(yes), type(zero), type(foo)]
nosuch(text)
length()
length(text, text)
length(&text)
map(n, foo.bar)
foo.bar[?contains(n, 'a')].n
foo.bar[?length(n) == ${'`'}1${'`'}] | length(@)
foo.bar[?v].{n: n, w: to_string(v)}
status[?type == 'Ready'] | [0].status
(status[?type == 'Ready'])[0].status != 'True'
foo.bar[?(on)].n | [0]
foo.bar[*].not_null(v, n)
foo[bar
foo.
.foo
foo..bar
foo bar
foo[
foo[a]
foo[?a
foo['a']
[1, 2]
foo.bar[0
{a}
{'a': b}
foo.1
foo.[
foo = bar
'unclosed
"unclosed
a |
| a
a || 
!
@.foo.bar | [0].v
foo . bar [ 0 ] . n
foo.bar.*
foo.bar[*].*
foo.{a: bar[0].n}.a
"foo"."bar"[0]."n"
"length"(text)
(foo).baz.x
(text
nums[?@ > ${'`'}2${'`'}]
nums[?@ > ${'`'}1${'`'}] | [?@ < ${'`'}3${'`'}]
-1
foo.bar[*].v[0]
[*].a
[]
[?a]
`
  .split('\n')
  .filter(line => line !== '');

/** JMESPath as community.general.json_query asks. */
export const QUERY_CASES: readonly Case[] = [
  ...QUERIES.map((query): Case => ['x', `${DATA.replaceAll('\n', ' ')} | json_query(${JSON.stringify(query)})`]),
  ['x', "hostvars | dict2items | json_query('[].value.ip')"],
  ['x', "groups.etcds | map('extract', hostvars) | list | json_query(\"[?ip=='10.0.0.2'] | [0].n\")"],
  ['x', "users | community.general.json_query('[?on].name') | first, users | json_query('') "],
  ['x', 'users | json_query(5)'],
  ['x', "nowhere | json_query('a')"],
  ['x', "[users, [nowhere]] | json_query('[0][0].name')"],
  ['x', "5 | json_query('a'), none | json_query('@'), 'abc' | json_query('length(@)')"],
];
