import type { Case, Mode } from './_oracle.ts';

/** Variables as JSON text, so that 2.0 stays a float. */
export const VARS = `{
  "i": 5, "f": 1.5, "whole": 2.0, "big": 9007199254740993, "zero": 0, "neg": -7, "none": null, "yes": true, "no": false,
  "s": "abc", "empty": "", "num": "42", "text_true": "true", "multi": "l1\\nl2\\n", "uni": "é ß 中 😀", "quote": "it's \\"q\\"",
  "path": "/etc/kubernetes/x.conf", "ver": "v1.28.3", "spaces": "  a  b ", "html": "<a href='x'>&</a>",
  "l": ["a", "b"], "li": [3, 1, 2], "mixed": [1, "x", null, true, 1.5], "el": [], "nested": [[1, [2]], [3], "x"], "dup": ["a", "B", "b", "A", "a"],
  "d": {"a": 1, "b": "x"}, "ed": {}, "deep": {"x": {"y": {"z": [1, {"k": "v"}]}}}, "intkeys": {"10": "a", "9": "b", "1": "c"},
  "users": [{"name": "bob", "uid": 2, "on": true, "groups": ["a", "b"]}, {"name": "al", "uid": 1, "on": false, "groups": []}, {"name": "Cy", "uid": 3, "groups": ["c"]}],
  "res": {"rc": 0, "stdout": "ok\\n", "stdout_lines": ["ok"], "changed": true, "failed": false, "skipped": false},
  "loop_res": {"results": [{"changed": false, "item": 1}, {"changed": true, "item": 2}]},
  "groups": {"etcds": ["e1", "e2", "e3"], "empty": [], "all": ["e1", "e2", "e3", "w1"]},
  "hostvars": {"e1": {"ip": "10.0.0.1", "n": {"m": 1}}, "e2": {"ip": "10.0.0.2"}, "e3": {"ip": "10.0.0.3"}, "w1": {}},
  "indirect": "{{ i }}", "indirect_list": "{{ li }}", "twice": "{{ indirect }}", "jsontext": "{{ d | to_json }}", "listtext": "[1, 2]",
  "composed": "x-{{ s }}", "lazy_undefined": "{{ nowhere }}", "cfg": {"name": "{{ s }}-{{ i }}", "items": ["{{ s }}", 1]},
  "joined": "{{ groups['etcds'] | map('extract', hostvars, 'ip') | join(',') }}"
}`;

export const FILES: Readonly<Record<string, string>> = {
  'inc.j2': 'inc:{{ s }}:{{ local | default("-") }}\n',
  'mac.j2':
    '{% macro f(a, b=2) %}f({{ a }},{{ b }}){% endmacro %}\n{% macro g() %}[1, 2]{% endmacro %}\n{% set exported = 7 %}\n{% set _hidden = 1 %}\n',
  'base.j2': 'B {% block one %}base{{ title | default("?") }}{% endblock %} {% block two %}two{% endblock %} E\n',
  'child.j2': '{% extends "base.j2" %}{% set title = "T" %}{% block one %}child {{ super() }}{% endblock %}ignored',
  'needs.j2': '{{ nowhere }}',
};

/** A case on each line; `##` begins a comment, ⏎ is a newline. */
export const listed = (kind: Mode, text: string): Case[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('##'))
    .map(line => [kind, line.replaceAll('⏎', '\n')] as const);

const expressions = listed(
  'x',
  String.raw`
## arithmetic
-7 // 2, -7 % 3, 7 // -2, 7 % -3, 7.5 // 2, -7.5 % 2, 2 ** 0.5, 2 ** -2, 10 / 4, 10 / 5
1 / 0
1 % 0
2 ** 100, 2 ** 64 // 3, big + 1, big * big, -big, 9007199254740991 + 1
True + 1, True * 3, -True, +True, 1 + 1.0, 3 * 'ab', 'ab' * -1, [1] * 2, (1,) + (2,)
'a' + 1
1 + 'a'
[1] + (2,)
{} + {}
'a' - 'b'
0.1 + 0.2, 1e16, 1e15, 123456789012345680.0, 1e-5, 0.0001, 1.5e-7, -0.0, 100.0
1_000, 0x1f, 0o17, 0b101, 007 if false else 1
-2 ** 2, 2 ** 3 ** 2, not 1 == 2, 1 + 2 ~ 3, 'a' ~ 1 + 1
## what JavaScript makes something else of
'full' if [] else 'empty', '1' == 1, [1, 2] == [1, 2], [1] + [2], -7 % 3, 3.0, 'x' * 3, true, {'a': true, 'b': none}, d.items() | list, l[0:1], namespace(a=1).a
## comparison
1 == 1.0, 1 == True, '1' == 1, none == false, [] == (), [1] == [1.0], {'a': 1} == {'a': 1.0}, 1 != 2, 'a' != 'b'
'a' < 'b', 'a' < 'B', [1, 2] < [1, 3], [1] < [1, 0], (1, 'a') < (1, 'b'), 'ab' > 'a', true < 2
1 < 'a'
none < 1
[1] < ['a']
{} < {}
1 < 2 < 3, 3 > 2 > 2, 1 < 2 > 1, 1 == 1 in [1]
'a' in 'abc', 'd' not in 'abc', 1 in [1.0], 'a' in d, 1 in d, none in [none], [1] in [[1]], 'x' in []
1 in 'abc'
'a' in 5
nowhere in []
nowhere in [1]
i is divisibleby 5, i is odd, i is even, i is sameas 5, none is none, whole is float, whole is number, true is number, true is integer, i is integer
## truth
el or 'x', l and 'y', not el, not 0.0, not whole, '' or none or 0, d and ed, (none or {}) == {}
'yes' if el else 'no', ('x' if false) | default('d'), ('x' if false) is defined
## access
d.a, d['a'], d.get('zz'), d.get('zz', 1), deep.x.y.z.1.k, deep['x']['y']['z'][1]['k'], l.0, l[-1], s[0], s[-1], users[0].name, l[true]
l[5] | default('none'), d.zz | default('none'), nowhere.a.b['c'].d | default('deep'), (nowhere | default({})).a | default('x')
d.zz
d['zz'].y
l[5]
none.x
i.x
s.nope
l.nope
hostvars['nohost'].ip
hostvars[nowhere]
groups['etcds'][0], groups.etcds | first, groups.all | length
d.items() | list, d.keys() | list, d.values() | list, d.items() | first, d.keys() | sort | last
d.keys()
d.items()
d.keys()[0]
intkeys.items() | list, intkeys | dictsort, intkeys | list
{'a': {'keys': 1}}.a['keys']
{1: 'a', '1': 'b'}[1], {1: 'a', '1': 'b'}['1'], {1: 'a', 1.0: 'b', true: 'c'}, {none: 1}, {(1, 2): 'x'}[(1, 2)]
s.__class__.__name__, i.__class__.__name__, none.__class__.__name__, d.__class__.__name__
## slices
s[1:], s[:-1], s[::-1], l[1:], li[:2], li[::2], li[-2:], li[5:], s[5:], (1, 2, 3)[1:], li[2:0:-1], li[:], uni[:1], uni[-1:]
li['a':]
i[1:]
li[::0]
## strings
s.upper(), s.title(), s.capitalize(), s.center(7), s.ljust(5, '.'), s.rjust(5), s.zfill(5), '-5'.zfill(4), s.find('c'), s.find('z'), s.count('b'), s.index('b')
s.index('z')
'a,b,,c'.split(','), ' a  b '.split(), 'a b c'.split(' ', 1), 'a.b.c'.rsplit('.', 1), 'a b  c'.rsplit(none, 1), 'x'.split('xx'), ''.split(), ''.split(',')
'a'.split('')
' x '.strip(), 'xxaxx'.strip('x'), 'xxaxx'.lstrip('x'), 'xxaxx'.rstrip('x'), 'abcba'.strip('ab'), '\t a'.lstrip()
'a-b-c'.replace('-', '_'), 'aaa'.replace('a', 'b', 2), 'abc'.replace('', '-'), 'a\nb'.splitlines(), 'a\n\nb\n'.splitlines(), 'a\nb'.splitlines(true)
s.startswith('a'), s.startswith(('x', 'a')), s.endswith('c'), 'a1'.isdigit(), '12'.isdigit(), 'ab'.isalpha(), 'Ab'.islower(), ' '.isspace(), 'a1'.isalnum(), ''.isdigit()
'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('x'), 'aBc'.swapcase(), 'prefix-x'.removeprefix('prefix-'), 'x.txt'.removesuffix('.txt')
','.join(l), ','.join(['a', s]), '-'.join('abc'), ''.join([])
','.join([1])
','.join(5)
'{} {}'.format(1, 'a'), '{1} {0}'.format(1, 2), '{a}-{b[x]}'.format(a=1, b={'x': 2}), '{0:>5}|{0:<5}|{0:^5}'.format('ab'), '{:05.2f}'.format(3.14159), '{:,}'.format(1234567), '{:x} {:#x} {:b}'.format(255, 255, 5), '{{}}'.format()
'{}'.format()
'{a}'.format()
'{:d}'.format('x')
'%s %d' % ('a', 7), '%05d|%-5s|%5s' % (42, 'ab', 'cd'), '%.2f' % 2.675, '%x' % 255, '%%' % (), '%(a)s' % {'a': 1}, '%s' % l, '%s' % none, '%r' % 'x', '%e' % 12345.678, '%g' % 0.00001234, '%g' % 1234567.0, '%+d' % 5, '%c' % 'x', '%5.1f' % 2.25, '%i' % 3.9, '%03d' % -5
'%d' % 'a'
'%s %s' % ('a',)
'%s' % ('a', 'b')
'%(a)s' % 'x'
'x' % 5
uni | length, uni.upper(), uni, quote, 'tab\tx', 'nul\x00', 'a\\b', '\x7f\u200b\u2028'
'abc'.encode().decode(), 'é'.encode('utf-8') | b64encode
'a' 'b' ~ 'c'
## tests
nowhere is defined, nowhere is undefined, nowhere.x is not defined, d.zz is defined, d.a is defined, s is string, 5 is string, l is sequence, s is sequence, d is sequence, d is mapping, l is mapping, l is iterable, 5 is iterable, none is none, s is lower, 'A' is upper, '1' is lower
ver is match('v1'), ver is search('28'), ver is regex('^v\\d'), ver is match('.*28'), 'ABC' is match('abc', ignorecase=true), 'a\nb' is search('^b', multiline=true), ver is not match('x')
'a-b' is match('^[a-c-_]+$'), ']-' is match('[]-]+$'), '-' is match('[+--]'), 'a&b' is match('[a&&b]+$'), 'a-' is match('[-a]+$'), 'x' is match('[^-a-]')
'a' is match('[\\w-a]')
'a' is match('[a--]')
'a' is match('[z-a]')
'a' is match('[]')
'1.2.3' is version('1.2', '>'), '1.10' is version('1.9', 'gt'), ver is version('v1.28.0', '>='), '1.0' is version('1.0.0', '=='), '1.0.0-rc1' is version('1.0.0', '<', version_type='semver'), '1.0.0rc1' is version('1.0.0', '<', version_type='pep440'), '2.0' is version('10.0', 'lt', strict=true), '1.28.3-00' is version('1.28.3', '>'), '1.a' is version('1.b', '<')
'1.a' is version('1.1', '<')
'' is version('1.0')
'1.0' is version('1.0', 'zz')
'x' is version('1.0', strict=true)
res is succeeded, res is failed, res is changed, res is skipped, res is success, loop_res is changed, {'rc': 1} is failed
5 is failed
['a', 'b'] is subset(['a', 'b', 'c']), [1, 2, 3] is superset([1]), l is contains('a'), 'a' is in(l), [true, 1] is all, [0, ''] is any, 5 is gt(3), 5 is eq 5, 'x' is not none
'/etc' is abs, '/etc' is directory, '/etc/passwd' is file, '/nonexistent' is exists, 'http://x' is url, 'x' is url
'yes' is truthy, 'no' is truthy, 'no' is truthy(convert_bool=true), 'x' is falsy, none is falsy
'upper' is filter, 'defined' is test
`,
);

const filters = listed(
  'x',
  String.raw`
nowhere | default('d'), empty | default('d'), empty | default('d', true), none | default('d'), none | default('d', true), zero | default(1, boolean=true), nowhere | d
s | upper, 'ABC' | lower, 'hello world' | title, 'it''s a-b c_d' | title, 'hELLO' | capitalize, ' x ' | trim, 'xxaxx' | trim('x'), i | upper
multi | indent, multi | indent(2), multi | indent(4, true), 'a\n\nb' | indent(2), 'a\n\nb' | indent(2, blank=true), 'a\nb' | indent('> ')
'a b c' | replace(' ', '-'), 'aaa' | replace('a', 'b', 2), 5 | replace('5', '6'), s | center(8), s | center(9)
'foo bar baz qux' | truncate(9), 'foo bar baz qux' | truncate(9, true), 'foo bar' | truncate(5, true, '.', 0), 'short' | truncate(10), 'foo bar baz qux' | truncate(11)
'The quick brown fox jumps' | wordwrap(10), 'a b c' | wordcount, '<b>x</b> y' | striptags
l | length, s | length, d | length, li | count, el | length, uni | length
5 | length
l | first, l | last, s | first, li | min, li | max, li | sum, users | sum(attribute='uid'), li | sum(start=10), [] | sum, ['b', 'A'] | min, ['b', 'A'] | max, users | max(attribute='uid')
[] | first
[] | max | default('none')
l | join(','), li | join, users | join(', ', attribute='name'), [1, none, true] | join('-'), s | join('.'), [] | join(',')
li | sort, ['b', 'A', 'c'] | sort, ['b', 'A', 'c'] | sort(case_sensitive=true), li | sort(reverse=true), users | sort(attribute='name') | map(attribute='name') | list, users | sort(attribute='on,uid') | map(attribute='uid') | list if false else 1, [[2, 'b'], [1, 'z'], [2, 'a']] | sort
['a', 1] | sort
[none, 1] | sort
dup | unique, dup | unique(case_sensitive=true), [1, 1.0, true, '1'] | unique, [{'a': 1}, {'a': 1}] | unique, users | unique(attribute='on') | list | length if false else 0
['a', 'b'] | union(['b', 'c']) | sort, ['a', 'b'] | intersect(['b', 'c']), ['a', 'b', 'a'] | difference(['b']), ['a', 'b'] | symmetric_difference(['b', 'c']) | sort, [{'a': 1}] | difference([{'a': 1}]), [1, 2, 2] | intersect([2, 2])
li | reverse, s | reverse, li | reverse | list, nested | flatten, nested | flatten(levels=1), [[none, 1], 'None'] | flatten, [[none]] | flatten(skip_nulls=false)
l | zip(li), l | zip(li) | list, l | zip_longest(li, fillvalue='-') | list, [1, 2] | product(['a', 'b']) | list, [1, 2, 3] | combinations(2) | list, [1, 2] | permutations | list
users | map(attribute='name'), users | map(attribute='on', default='-'), l | map('upper'), li | map('string') | join('-'), li | map('regex_replace', '^', 'n'), ['1', '2'] | map('int') | sum, users | map(attribute='groups.0') | first
users | map(attribute='zz')
l | map('nofilter') | list
l | map
users | selectattr('on', 'defined') | map(attribute='name'), users | selectattr('on', 'defined') | selectattr('on') | list | length, users | rejectattr('on', 'defined') | map(attribute='name'), users | selectattr('uid', 'gt', 1) | map(attribute='uid'), users | selectattr('name', 'match', '^b') | list | length, users | selectattr('name', 'equalto', 'al') | first, users | selectattr('groups', 'contains', 'a') | map(attribute='name'), users | selectattr('name', 'in', ['bob', 'Cy']) | map(attribute='name')
users | selectattr('on') | list
li | select('gt', 1), li | select('odd'), li | reject('odd'), mixed | select | list, mixed | select('string'), l | reject('equalto', 'a'), ['a1', 'b'] | select('match', '.*[0-9]'), [none, 1] | reject('none')
users | groupby('on', default=false) | list | length, users | groupby('uid') | map(attribute='grouper'), users | groupby('uid') | first | last | length, [{'k': 'b', 'v': 1}, {'k': 'a', 'v': 2}, {'k': 'b', 'v': 3}] | groupby('k')
li | batch(2), li | batch(2, 'x') | list, [1, 2, 3, 4, 5] | slice(3) | list, [1, 2, 3, 4, 5] | slice(3, 'x') | list
groups['etcds'] | map('extract', hostvars, 'ip'), 'e1' | extract(hostvars, ['n', 'm']), ['a'] | map('extract', d) | list, 1 | extract(l)
['w1'] | map('extract', hostvars, 'ip') | list
yes | ternary('a', 'b'), none | ternary('a', 'b', 'c'), none | ternary('a', 'b'), '' | ternary(1, 2), 'false' | ternary(1, 2)
d | combine({'c': 3}), d | combine({'a': 2}, {'a': 3}), {'x': {'a': 1}} | combine({'x': {'b': 2}}), {'x': {'a': 1}} | combine({'x': {'b': 2}}, recursive=true), [d, {'z': 1}] | combine, {'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append'), {'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append_rp'), {'l': [1]} | combine({'l': [2]}, list_merge='prepend'), {'l': [1]} | combine({'l': [2]}, list_merge='keep'), d | combine({})
d | combine('x')
d | combine(nowhere)
d | dict2items, d | dict2items(key_name='k', value_name='v'), [{'key': 'a', 'value': 1}] | items2dict, [{'n': 'a', 'v': 1}] | items2dict('n', 'v'), d | items | list, ed | dict2items
l | dict2items
[{'a': 1}] | items2dict
[{'n': 'a', 'v': 1}] | rekey_on_member('n')
users | subelements('groups') | map('last') | list, users | subelements('groups') | length, [{'a': {'b': [1]}}, {'a': {}}] | subelements('a.b', skip_missing=true)
users | subelements('zz')
{} | subelements(17)
lookup('env', 'KPLAY_TEST', allow_unsafe=true), lookup('sequence', '1-2', allow_unsafe=true), query('env', 'KPLAY_TEST', allow_unsafe=true)
'42' | int, '4.7' | int, 'x' | int, 'x' | int(7), '0x1f' | int(base=16), '1f' | int(base=16), '101' | int(base=2), 3.9 | int, -3.9 | int, true | int, none | int, ' 5 ' | int, '1e3' | int, '' | int, '1_000' | int, [] | int
'3.7' | float, 'x' | float, 'x' | float(1.5), 5 | float, '1e3' | float, none | float, true | float
-5 | abs, -1.5 | abs, 2.5 | round, 3.5 | round, 3.14159 | round(2), 2.675 | round(2), 7 | round, 42.55 | round(1, 'ceil'), 42.55 | round(1, 'floor'), 1234 | round(-2), -2.5 | round, 0.5 | round, 1.005 | round(2)
'yes' | bool, 'no' | bool, 'True' | bool, '1' | bool, 1 | bool, 0 | bool, 'y' | bool, none | bool, 2 | bool, 1.0 | bool, 'on' | bool, '' | bool
2 | pow(3), 9 | root, 27 | root(3), 8 | log(2), 100 | log(10)
1024 | human_readable, 1500000 | human_readable, 10 | human_readable, 1024 | human_readable(isbits=true), 10485760 | human_readable(unit='K'), '10M' | human_to_bytes, '1.5 GB' | human_to_bytes, '10' | human_to_bytes, '2Ki' | human_to_bytes if false else 0, '10' | human_to_bytes('M'), '2Mb' | human_to_bytes(isbits=true)
'x' | human_to_bytes
'10Q' | human_to_bytes
1000 | filesizeformat, 1500 | filesizeformat, 1 | filesizeformat, 1048576 | filesizeformat(true), 123456789 | filesizeformat
path | basename, path | dirname, 'x' | dirname, '/' | dirname, '/a/' | basename, 'a/b/' | dirname, path | splitext, '.bashrc' | splitext, 'a.tar.gz' | splitext, '/a.b/c' | splitext, ['/a', 'b', '/c', 'd'] | path_join, ['a', 'b/', 'c'] | path_join, '~/x' | expanduser, '/a/../b/./c' | normpath, '/a/b' | relpath('/a/c'), ['/a/b/c', '/a/b/d'] | commonpath, 'c:\\a\\b.txt' | win_basename, 'c:\\a\\b.txt' | win_dirname
s | b64encode, 'YWJj' | b64decode, uni | b64encode, 'w6k=' | b64decode, s | hash('sha1'), s | hash('sha256'), s | md5, s | sha1, s | checksum, s | hash('md5')
s | hash('nohash')
s | quote, 'a b' | quote, '' | quote, quote | quote, none | quote, 5 | quote, 'a,b' | split(','), 'a b' | split
d | to_json, mixed | to_json, uni | to_json, {'b': 1, 'a': [1, 2]} | to_json(sort_keys=true), {'a': [1, {}], 'b': []} | to_json(indent=2), uni | to_json(ensure_ascii=false), whole | to_json, {1: 2, none: 3, true: 4} | to_json, (1, 2) | to_json, 'a"b\\c\n' | to_json, d | to_json(separators=[',', ':'])
d | to_nice_json, {'b': {'y': 1, 'x': [1, 2]}, 'a': []} | to_nice_json, d | to_nice_json(indent=2), d | to_nice_json(sort_keys=false)
'{"a": [1, 2.0, "x", null, true]}' | from_json, '[1, 1e3, -0.5]' | from_json, '"x"' | from_json, '{"b": 1, "a": 2, "1": 3}' | from_json, '{"u": "\\u00e9\\/"}' | from_json
'{bad}' | from_json
'[1,]' | from_json
'' | from_json
html | tojson ~ '', (d | tojson) ~ ''
ver | regex_replace('^v(\\d+)\\.(\\d+).*$', '\\1-\\2'), 'foo' | regex_replace('(?P<x>o+)', '<\\g<x>>'), 'aAa' | regex_replace('a', 'x', ignorecase=true), 'a\nb' | regex_replace('^', '> ', multiline=true), 'abc' | regex_replace('b'), 'aaa' | regex_replace('a', 'b', count=2), 'abc' | regex_replace('x*', '-'), 'a.b' | regex_replace('\\.', '\\\\.'), 'abc' | regex_replace('(b)', '\\g<1>\\g<0>'), 'x' | regex_replace('(y)?x', '[\\1]')
'a' | regex_replace('(', 'x')
'a' | regex_replace('a', '\\2')
ver | regex_search('\\d+\\.\\d+'), ver | regex_search('zz'), ver | regex_search('v(\\d+)\\.(\\d+)', '\\1', '\\2'), 'a=1' | regex_search('(?P<k>\\w)=(?P<v>\\d)', '\\g<v>'), 'ABC' | regex_search('b', ignorecase=true), 'x\ny' | regex_search('^y', multiline=true), 'ab' | regex_search('(c)?b', '\\1')
'a1b22' | regex_findall('\\d+'), 'a=1,b=2' | regex_findall('(\\w)=(\\d)'), 'a=1' | regex_findall('(\\w)='), 'aB' | regex_findall('b', ignorecase=true), 'x' | regex_findall('\\d')
'a.b*c (x) [y] {z} -_/~' | regex_escape, 'a.b*c' | regex_escape('posix_basic'), 'foo#bar &' | regex_escape
'10.0.0.1' | regex_replace('\\.', '-'), 'node-01' | regex_replace('[^0-9]', ''), 'a_b-c' | regex_replace('[_-]', ''), 'é1' | regex_replace('\\W', '.'), 'word1 word2' | regex_findall('\\bw\\w+'), 'ab' | regex_replace('(?i)B', 'x'), 'a  b' | regex_replace('\\s+', ' '), '[x]' | regex_replace('[][]', ''), 'a-b' | regex_replace('[a\\-z]', '.'), 'x{2}' | regex_replace('{2}', '') if false else 0, 'tel: 12' | regex_replace('(?P<n>\\d+)(?=$)', '<\\g<n>>')
'http://user:pw@www.x.com:9000/dir/i.html?q=t#frag' | urlsplit, 'https://x/y' | urlsplit('hostname'), 'https://x:81/y' | urlsplit('port'), 'https://x/y' | urlsplit('port'), '/just/path' | urlsplit('path')
'https://x' | urlsplit('zz')
'a b&c/d' | urlencode, {'a': 1, 'b c': 'd&e'} | urlencode, 'a%20b+c' | urldecode
'x' | comment, 'a\nb' | comment, 'a' | comment('c'), 'a\nb' | comment('cblock'), 'x' | comment('xml'), 'x' | comment(decoration='! '), 'x' | comment('plain', prefix='###', postfix='---')
s | type_debug, i | type_debug, l | type_debug, (1,) | type_debug, none | type_debug, whole | type_debug, yes | type_debug, d.keys() | type_debug, range(2) | type_debug, d | to_json | type_debug, nowhere | type_debug, (d | dict2items) | type_debug, l | map('upper') | type_debug
'a: 1' | from_yaml, 'x: [1, yes, 0644, 1.0, y, 1e3]' | from_yaml, '[a, {b: c}]' | from_yaml, multi | from_yaml, d | to_nice_yaml | from_yaml, 'a: 1' | from_yaml_all | list
nowhere | mandatory
nowhere | mandatory('please')
s | mandatory, s | string ~ 1, 5 | string, [1] | string, none | string, true | string
'%s-%s' | format('a', 1), '%(x)s' | format(x=1), d | list, s | list, 5 | string | list
5 | list
none | length
'2024-01-02 03:04:05' | to_datetime | string, ('2024-01-02' | to_datetime('%Y-%m-%d') - '2024-01-01' | to_datetime('%Y-%m-%d')).days, ('2024-01-02 00:00:10' | to_datetime - '2024-01-01 00:00:00' | to_datetime).total_seconds(), ('2024-01-02 03:04:05' | to_datetime).strftime('%d/%m/%y %H'), '%Y-%m-%d' | strftime(0, utc=true), '%j %U %a %b' | strftime(1700000000, utc=true)
'bad' | to_datetime
'www.example.com' | to_uuid, 'x' | to_uuid(namespace='11111111-2222-3333-4444-555555555555')
1000 | random(seed='host1'), ['a', 'b', 'c'] | random(seed='x'), 59 | random(seed=42), 10 | random(1, 2, seed='s'), none | random, [1, 2] | random(start=1), [1, 2] | random(step=1), 22 | shuffle, 'ab' | random(0) in 'ab', [1, 2, 3, 4] | shuffle(seed='x'), 60 | random(seed='node-17.example.com')
lookup('env', 'KPLAY_TEST'), lookup('env', 'NOPE_X'), lookup('env', 'NOPE_X', default='d'), query('env', 'KPLAY_TEST'), lookup('dict', d), lookup('sequence', '1-3'), query('sequence', 'start=0 end=4 stride=2 format=n%02d'), query('sequence', count=3), lookup('vars', 's'), lookup('vars', 'nope', default='x'), query('items', [1, [2, 3]]), lookup('items', ['a', 'b']), query('nested', [1, 2], ['a']), query('together', [1, 2], ['a']), q('subelements', users, 'groups') | length, query('indexed_items', ['a']), lookup('varnames', '^multi$'), query('dict', {'k': 1})
lookup('vars', 'nope')
lookup('nolookup', 'x')
lookup('file', '/nonexistent')
lookup('file', '/nonexistent', errors='ignore'), query('file', '/nonexistent', errors='ignore')
lookup('pipe', 'echo hi; echo there'), lookup('first_found', ['/nonexistent', '/etc/passwd']), lookup('first_found', {'files': ['passwd'], 'paths': ['/etc']}), query('first_found', ['/nonexistent'], skip=true), query('first_found', {'files': 'nope', 'skip': true}), query('fileglob', '/etc/pass*d'), lookup('fileglob', '/nonexistent/*')
lookup('first_found', ['/nonexistent'])
range(3) | list, range(1, 10, 3) | list, range(3, 0, -1) | list, range(3), range(3)[1], 2 in range(3), dict(a=1, b=2), dict([['k', 1]]), namespace(a=1).a
range(1.5)
undef(hint='x') | default('d')
`,
);

const yaml = listed(
  'x',
  String.raw`
d | to_nice_yaml, d | to_yaml, {'a': [1, 2], 'b': {'c': [], 'd': {}}} | to_nice_yaml, {'a': [1, 2], 'b': {'c': 1}} | to_yaml, [[1, 2], [3]] | to_nice_yaml, [{'a': 1, 'b': [1]}] | to_nice_yaml, [{'a': 1, 'b': [1]}] | to_nice_yaml(indent=2), users | to_nice_yaml, users | to_yaml, deep | to_yaml
s | to_yaml, 5 | to_yaml, 'yes' | to_yaml, none | to_yaml, [] | to_yaml, {} | to_nice_yaml, '' | to_yaml, 'a: b' | to_nice_yaml, true | to_nice_yaml
['yes', 'no', 'true', 'null', '~', '', '1', '1.0', '1e3', '0x1f', '017', '1_000', '12:30', '2024-01-02', '=', '<<', '-', '- a', 'a: b', 'a:b', 'a #b', 'a#b', '#x', '@x', '%x', '!x', '&x', '*x', '?', '? x', ':', ': x', '{', '[', ']', ',', "it's", '"q"', '|', '>', 'a\tb', ' lead', 'trail ', 'é', '😀', '\x00', '---', '...', '--- x', 'y', 'n', 'on', 'off', '.5', '+1', '-1', '1.', '0', 'a\\b', '\x7f', '\u200b', '\ufeff', '.inf', '0o17', '1e+3', '9.9e5'] | to_nice_yaml
['l1\nl2', 'l1\nl2\n', '\nlead', 'a\n\nb', 'a\n  b', 'trail \nx', 'a \nb', '- x\n- y\n', 'tab\t\nx', '\n', 'a\n\n'] | to_nice_yaml
{'multi': 'l1\nl2\n', 'nested': {'m': 'a\nb'}} | to_nice_yaml
{'long': 'word ' * 40, 'x': 'aaaaaaaaaa' * 12, 'q': "it's " * 30, 'colon': 'a: ' * 40} | to_nice_yaml
{'long': 'word ' * 40} | to_nice_yaml(width=50), {'long': 'word ' * 40} | to_nice_yaml(width=1000), {'l': ['word ' * 25]} | to_nice_yaml(indent=2), {'dq': 'é\x01 ' * 40} | to_nice_yaml
[range(60) | list] | to_yaml, {'a': range(40) | list} | to_yaml, [{'k%d' % 1: 'v ' * 50}] | to_yaml
{'b': 1, 'a': 2} | to_nice_yaml(sort_keys=false), {1: 'a', 2: 'b'} | to_nice_yaml, {'x': 1.0, 'y': 1e20, 'z': 1e-7, 'w': 0.1} | to_nice_yaml, {'a' * 130: 1} | to_nice_yaml, {'k\nk': 1} | to_nice_yaml, {true: 1, none: 2} | to_yaml, {'': 1} | to_nice_yaml
{'a': {'b': [{'c': {'d': [1, [2, [3]]]}}]}} | to_nice_yaml, [[[1]]] | to_nice_yaml, [{'a': [{'b': 1}]}] | to_nice_yaml, (1, 2) | to_nice_yaml, {'a': 'x'} | to_nice_yaml(explicit_start=true), d | to_yaml(default_flow_style=false), d | to_yaml(default_flow_style=true), d | to_yaml(indent=8)
`,
);

const strings = listed(
  's',
  String.raw`
{{ 1 }}
{{ i }}
{{ i }} 
{{ whole }}
{{ big }}
{{ yes }}
{{ none }}
{{ none }}x
{{ indirect }}
{{ twice }}
{{ indirect_list }}
{{ indirect + 1 }}
{{ indirect | type_debug }}
{{ l }}
{{ d }}
{{ d.a }}
{{ d.a }}{{ d.b }}
{{ el }}
{{ ed }}
{{ listtext }}
{{ jsontext }}
{{ jsontext | from_json }}
{% set x = '{' | from_json %}ok
{{ d | to_json }}
{{ d | to_json }} 
x{{ d | to_json }}
{{ d | to_nice_json }}
{{ d | to_nice_yaml }}
{{ [1, 2] | to_json | string }}
{{ composed }}
{{ cfg }}
{{ cfg.name }}
{{ cfg['items'] }}
{{ joined }}
{{ joined.split(',') }}
{{ lazy_undefined }}
{{ lazy_undefined | default('d') }}
{{ lazy_undefined is defined }}
{{ nowhere }}
{{ nowhere | default(omit) }}
{{ '[1, 2]' }}
{{ '{"a": true, "b": null}' }}
{{ "{'a': 1}" }}
{{ '[1, 2' }}
{{ '[a, b]' }}
{{ '[01]' }}
{{ '[1]; x' }}
{{ '[1] + [2]' }}
{{ '["\\u00e9"]' }}
{{ '{"a": 1}\n' }}
{{ '[1, 2] # c' }}
{{ '{}' }}
{{ '[]' }}
{{ '[1.0, -2, 1e3, 0x1f]' }}
{{ '[(1, 2), ((3))]' }}
{{ '["a" "b"]' }}
{{ 'True' }}
{{ 'true' }}
{{ 'None' }}
{{ ' True' }}
{{ '5' }}
{{ '(1, 2)' }}
{{ (1, 2) }}
{{ [(1, 2)] }}
{{ i == 5 }}
{{ i == 5 and 'x' }}
{{ not i }}
[{{ i }}, {{ i }}]
[{{ s }}]
["{{ s }}"]
{"a": {{ i }}, "b": {{ yes | lower }}}
{{ s }}⏎
{{ s }}⏎⏎
{{ i }}⏎
{{ l }}⏎
⏎{{ s }}
 {{ l }}
{{ l }} 
{% if yes %}[1]{% endif %}
{% if no %}[1]{% endif %}
{% for x in l %}{{ x }}{% endfor %}
{% for x in li %}{{ x }},{% endfor %}
{% set x = [1] %}{{ x }}
{% set x %}[1, 2]{% endset %}{{ x }} {{ x | type_debug }}
{% set x %}a{% endset %}{{ x }}
{% macro m() %}[1]{% endmacro %}{{ m() | type_debug }}
{% macro m() %}{{ d | to_json }}{% endmacro %}{{ m() }}
{% raw %}{{ x }}{% endraw %}
{# c #}{{ i }}
{# c #}
a{# c #}b
{{ '\\1' }}
{{ 'a\tb' }}
{% set x = 'a\tb' %}{{ x }}
{{ 'x' | regex_replace('(x)', '\\1\\1') }}
{{ ver | regex_replace('v(\d+)', '<\1>') }}
{{ "it's" }}
{{ 'it\'s' }}
{{ '{{' }}
{{ s
{{ s }
{{ s | nofilter }}
{{ s is notest }}
{{ s s }}
{{ }}
{% if %}x{% endif %}
{% endif %}
{% nosuch %}
{% if yes %}x
{% for x in l %}x{% endif %}
{{ s | upper( }}
{{ [1, 2 }}
{{ {'a': 1}} }}
{{ {'a': {'b': 1}} }}
{{ a.b.c }}
{{ foo-bar }}
{{ i if yes }}
{{ i if no }}
{{ 'a' if no }}b
{{ l | map('upper') }}
{{ d.keys() }}
{{ range(3) }}
{{ l | zip(li) }}
{{ d.items() }}
{{ l + nowhere }}
{{ [s, nowhere] }}
{{ {'a': nowhere} }}
{{ l.append(3) }}{{ l }}
{% set _ = d.update({'z': 1}) %}{{ d }}
{{ lookup('env', 'KPLAY_TEST') }}
{{ query('dict', d) }}
{{ s * 2 }}
{{ 'x' ~ none ~ i ~ l }}
{{ groups.etcds | map('regex_replace', '^(.*)$', 'https://\1:2379') | join(',') }}
{{ true and false }}
{{ 'a' in l }}
{{ loop }}
{{ omit }}
{{ caller }}
{{ lookup('template', 'inc.j2') }}
{{ lookup('template', 'mac.j2') }}
{{ lookup('template', 'inc.j2', template_vars={'local': 'L'}) }}
{% include 'inc.j2' %}
{{ i | string }}
{{ [i] | string }}
{{ i | int }}
{{ num | int }}
{{ '%d' % i }}
{{ deep.x.y.z }}
{{ deep.x.y.z[1] }}
{{ uni }}
{{ quote }}
{{ [quote] }}
{{ {'k': quote, 'm': multi} }}
{{ [1.0, none, true, 'x'] }}
{{ [10000000000000000000] }}
{{ users }}
{{ res.stdout }}
{{ res.stdout | trim }}
{{ res.stdout_lines }}
`,
);

const pages = listed(
  't',
  String.raw`
a⏎{% if yes %}⏎b⏎{% endif %}⏎c⏎
a⏎  {% if yes %}⏎  b⏎  {% endif %}⏎c⏎
a⏎  {%- if yes -%}⏎  b⏎  {%- endif %}⏎c⏎
{{ s }}⏎⏎⏎
{{ s }}
{% for x in li %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.cycle('a', 'b') }};{% endfor %}
{% for x in li if x > 1 %}{{ loop.index }}/{{ loop.length }}={{ x }};{% else %}none{% endfor %}
{% for x in li if x > 9 %}{{ x }}{% else %}none{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }}{{ ',' if not loop.last }}{% endfor %}
{% for k, v in d | dictsort %}{{ k }}{{ v }}{% endfor %}
{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in [[1]] %}{{ a }}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in nowhere %}{% endfor %}
{% for x in nowhere | default([]) %}{{ x }}{% else %}e{% endfor %}
{% for x in [[1, 2], [3]] recursive %}{{ loop.depth }}{% if x is sequence %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}
{% set n = namespace(c=0) %}{% for x in li %}{% set n.c = n.c + x %}{% endfor %}{{ n.c }}
{% set c = 0 %}{% for x in li %}{% set c = c + x %}{% endfor %}{{ c }}
{% set c = 0 %}{% if yes %}{% set c = 5 %}{% endif %}{{ c }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set x = 1 %}{% with x = 2, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}
{% for x in li %}{% for y in l %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}
{% for x in li %}{% if loop.changed(x > 1) %}c{% endif %}{{ loop.previtem | default('-') }}{{ loop.nextitem | default('-') }}{% endfor %}
{% macro m(a, b='d', c=none) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m('x') }}{{ m('x', c=3) }}{{ m(b=1, a=2) }}{{ m(*l) }}{{ m(**{'a': 1}) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}
{% macro m(a) %}{{ a | default('none') }}{% endmacro %}{{ m() }}
{% macro m(a) %}x{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}x{% endmacro %}{{ m(z=2) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{{ caller is defined }}{% endmacro %}{{ m(1, k='v') }}
{% macro m(x) %}<{{ caller(x) }}>{% endmacro %}{% call(y) m(3) %}got {{ y }}{% endcall %}
{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{{ s }}{% endcall %}
{% macro m() %}{{ s }}{% endmacro %}{{ m() }}
{% for x in l %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}
{% filter upper %}a{{ s }}{% endfilter %}
{% filter indent(2) | upper %}a⏎b{% endfilter %}
{% set x | upper %}a{{ s }}{% endset %}{{ x }}
{% include 'inc.j2' %}|{% include 'nope.j2' ignore missing %}|{% include ['nope.j2', 'inc.j2'] %}
{% set local = 'L' %}{% include 'inc.j2' %}{% include 'inc.j2' without context %}
{% for local in l %}{% include 'inc.j2' %}{% endfor %}
{% include 'nope.j2' %}
{% include 'needs.j2' %}
{% import 'mac.j2' as m %}{{ m.f(1) }}{{ m.exported }}{{ m.f(1, b=3) }}
{% import 'mac.j2' as m %}{{ m.nope }}
{% from 'mac.j2' import f as g, exported %}{{ g(1) }}{{ exported }}
{% from 'mac.j2' import nope %}{{ nope }}
{% from 'mac.j2' import f with context %}{{ f(s) }}
{% extends 'base.j2' %}{% block one %}mine{{ s }}{% endblock %}
{% extends 'child.j2' %}{% block two %}2 {{ self.one() }}{% endblock %}
{% block a %}x{{ s }}{% endblock a %}{{ self.a() }}
{% for x in l %}{% block b scoped %}{{ x }}{% endblock %}{% endfor %}
{{ l }} {{ d }} {{ yes }} {{ none }} {{ f }} {{ whole }} {{ el }} {{ mixed }} {{ (1,) }} {{ {'k': none} }}
{{ nowhere }}
{{ nowhere.x }}
{{ d.zz }}
{{ [nowhere] }}
{% if nowhere %}{% endif %}
{% if nowhere is defined and nowhere %}x{% else %}y{% endif %}
{% if groups['empty'] %}x{% else %}y{% endif %}
{% if groups.nope | default([]) %}x{% else %}y{% endif %}
{{ nowhere or 'x' }}
{{ 'x' or nowhere }}
{{ 'x\\ty' }} {{ 'a\\d' }} {{ "é" }}
{{ 'x\ty' }} {{ 'a\d' }} {{ '\x41\u00e9' }}
{% raw %}{{ a }}{% endraw %}⏎{%- raw -%} {{ z }} {%- endraw -%} e
x {#- c -#} y {# c #}⏎z
x⏎{%+ if yes %}⏎y⏎{%+ endif +%}⏎z
{% if yes -%}   x   {%- endif %}
#jinja2: lstrip_blocks: True⏎a⏎  {% if yes %}⏎  b⏎  {% endif %}⏎c⏎
#jinja2: trim_blocks: False⏎a⏎{% if yes %}⏎b⏎{% endif %}⏎c⏎
#jinja2: variable_start_string:'[%', variable_end_string:'%]', trim_blocks: False⏎[% s %] {{ s }}
#jinja2: block_start_string:'<%', block_end_string:'%>'⏎<% if yes %>x<% endif %>
#jinja2: lstrip_blocks: True⏎  {# c #}⏎  {{ s }}⏎  {%+ if yes %}x{% endif %}
#jinja2: line_statement_prefix:":"⏎: if yes⏎foo : bar⏎  : for i in [1,⏎ 2]⏎{{ i }}⏎: endfor⏎⏎⏎:endif⏎end
#jinja2: line_statement_prefix: '%%', lstrip_blocks: True⏎a⏎  %% set x = {'a': 1}⏎ {% if x %} {{ x.a }}⏎%% endif
#jinja2: nonsense
{% set x = joiner(', ') %}{% for y in l %}{{ x() }}{{ y }}{% endfor %}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}
{{ [1, 2] | to_nice_json }}⏎x: {{ d | to_json }}
{{ users | to_nice_yaml(indent=2) | indent(2) }}
{{ '{{ s }}' }}
{% print(s) %}{% print s ~ 1 %}
{% autoescape true %}{{ html }}{% endautoescape %}
{{ loop is defined }}
{{ self is defined }}
{% do l.append(1) %}
{% break %}
{{ 1 if 2 if 3 else 4 else 5 }}
{{ cfg }} {{ cfg.name }} {{ joined }} {{ jsontext }} {{ indirect_list | type_debug }}
{{ lazy_undefined }}
{% set l2 = l %}{% set _ = l2.append('c') %}{{ l }}{{ l2 }}
{% if a is not defined %}n{% endif %}{% set a = 1 %}{{ a }}
{% for i in range(2) %}{{ i }}{% endfor %}{{ i }}
{% set i = i + 1 %}{{ i }}
{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}
`,
);

const conditions = listed(
  'w',
  String.raw`
yes
no
s
empty
num
text_true
'false'
'no'
el
l
zero
none
nowhere
nowhere is defined
not nowhere is defined
nowhere is not defined or nowhere == 'x'
nowhere | default(false)
nowhere | default(false) | bool
s == 'abc' and i > 3
s == "abc" or⏎ s == 'x'
i in [1, 5]
3 < i <= 5
res.rc == 0
res.rc != 0
res is changed
res.stdout.find('ok') != -1
'ok' in res.stdout
res.stdout_lines | length > 0
groups['empty'] | default([]) | length == 0
'e1' in groups['etcds']
'e1' in groups.nope
s == groups['nope'][0]
not (yes and no)
i > 'a'
{{ i > 3 }}
{{ s }} == 'abc'
{{ 'yes' }}
{{ empty }}
'{{ s }}' == 'abc'
yes and
( yes
i = 5
s | nofilter
s is nosuch
text_true | bool
1
0
[]
[1]
'a' if yes else ''
'a' if no
indirect == 5
indirect == '5'
indirect_list | length == 3
lazy_undefined
lazy_undefined is defined
ver is version('v1.27', '>=')
hostvars[s].x is defined
hostvars['e1'].ip == '10.0.0.1'
users | selectattr('name', 'equalto', 'bob') | list | length
'\d' in 'a\d'
'a\tb' is search('\t')
(res.stdout | from_json).x is defined
i is defined and i | int > 3
yes, no
`,
);

export const CASES: readonly Case[] = [...expressions, ...filters, ...yaml, ...strings, ...pages, ...conditions];
