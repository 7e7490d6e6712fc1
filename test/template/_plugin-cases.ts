import { IP_CASES } from './_ip-cases.ts';
import { QUERY_CASES } from './_query-cases.ts';
import { listed } from './_oracle-cases.ts';

/** Each line is a Jinja expression. */
const core = listed(
  'x',
  String.raw`
## pprint
[1, 'a', none] | pprint, d | pprint, 'x' | pprint, {} | pprint, [] | pprint, (1,) | pprint
users | pprint
{'b': range(30) | list, 'a': 'word ' * 30, 'c': {'y': 'x' * 70, 'x': [1, 2]}} | pprint
'word ' * 30 | pprint
('word ' * 30) | pprint
['word ' * 30, 'l1\nl2\nl3 ' * 12, 'é' * 90] | pprint
[('a' * 40, 'b' * 40), ('x' * 90,)] | pprint
{1: 'a', 'b': 2, none: 'x' * 80} | pprint
{'k' * 30: {'n' * 30: ['v' * 30, 'w' * 30]}} | pprint
nowhere | pprint
## html
'see http://example.com/x?a=b&c=d (www.foo.org) and me@example.com.' | urlize
'http://example.com/averylongpath' | urlize(10), 'www.x.com' | urlize(nofollow=true), 'www.x.com' | urlize(target='_blank', rel='a b'), '(http://x.com/a_(b))' | urlize, 'mailto:a@b.co tel:123' | urlize(extra_schemes=['tel:']), '<http://1.2.3.4:80/x>' | urlize, 'foo.com, bar.xyz' | urlize, '@a@b.c' | urlize
'x' | urlize(extra_schemes=['t'])
{'class': 'a b', 'id': 'x"y', 'n': none, 'i': 5} | xmlattr, {} | xmlattr, {'a': '<'} | xmlattr(false)
{'a b': 1} | xmlattr
{1: 2} | xmlattr
'x' | xmlattr
## files
'/' is mount, '/nonexistent' is mount, '/etc' is mount, '/proc' is is_mount, '/etc/passwd' is mount
## hashes of passwords
'secret' | password_hash('sha512', 'abcd', rounds=5000), 'secret' | password_hash('sha256', 'abcdefghijklmnop', rounds=1000), 'sécret' | password_hash('md5', 'abcdefgh'), '' | password_hash('md5', 'x'), 'x' * 200 | string | length
('x' * 200) | password_hash('sha512', 'a.b/', rounds=1001), ('é' * 65) | password_hash('sha256', 'Z', rounds=4999), ('y' * 100) | password_hash('md5', 'a')
'secret' | password_hash('blowfish', '1234567890123456789012', rounds=4), 'secret' | password_hash('bcrypt', '123456789012345678901u', rounds=5, ident='2a'), ('x' * 80) | password_hash('blowfish', 'abcdefghijklmnopqrstuv', rounds=4, ident='2y')
'secret' | password_hash('sha512_crypt', 'abcd', rounds='5000')
'secret' | password_hash('md5', 'toolongsalt')
'secret' | password_hash('sha512', 'toolongsalttoolongsalt', rounds=1000)
'secret' | password_hash('sha512', 'bad$salt', rounds=1000)
'secret' | password_hash('sha512', 'abcd', rounds=10)
'secret' | password_hash('md5', 'abcd', rounds=1000)
'secret' | password_hash('blowfish', 'short', rounds=4)
'secret' | password_hash('blowfish', 'abcdefghijklmnopqrstuv', rounds=3)
'secret' | password_hash('blowfish', 'abcdefghijklmnopqrstuv', rounds=4, ident='3')
'secret' | password_hash('nosuch', 'abcd')
'secret' | password_hash('msdcc')
5 | password_hash('sha512', 'abcd', rounds=1000)
'a\x00b' | password_hash('sha512', 'abcd', rounds=1000)
nowhere | password_hash('sha512', 'abcd', rounds=1000)
'secret' | password_hash('sha512', 1234, rounds=1000), ('secret' | password_hash('sha512', rounds=1000)) | length, ('secret' | password_hash('sha512', salt_size=4, rounds=1000)) | length, ('s' | password_hash('md5', salt='')) | length
('secret' | password_hash('sha512', salt_size=40, rounds=1000)) | length
('secret' | password_hash('blowfish', salt_size=4, rounds=4)) | length
lookup('password', '/dev/null length=4 chars=digits encrypt=md5_crypt') | length, lookup('password', '/dev/null length=4', encrypt='nosuch') | length
lookup('password', '/dev/null', encrypt='nosuch')
`,
);

/** What the lookups of files read. */
export const PLUGIN_FILES: Readonly<Record<string, string>> = {
  'people.csv':
    '# Last,First,Email,Extension\nSmith,Jane,jsmith@example.com,1234\n\nIpsum,Lorem,"a ""b"", c\nd",9001\n"German von Lastname",Demo,x"y"z,1\n"q"r,s',
  'ansible.csv': 'fruit\tbananas\t30\nfruit\tapples\t9\r\nshoes\tsneakers\t26\n',
  'spaced name.csv': 'a b,1\r\nc,2\rd,3\n',
  'lookup.ini':
    '[global]\n# A comment\nvalue1=Text one\nvalue2 = two words  \n  and more\n\n  after a gap\nvalue.dot: x\nunicode=été\nempty =\n; c\nKey=K\n[DEFAULT]\nbase=B\n[section1]\nvalue1=s1\n[s]\nhome: /Users\nmy: %(home)s/%(base)s\npercent: 5%%\nbad: 5%\nlost: %(nope)s\n[v]\nvalue1=1\nvalue2=2\nother=3\n',
  'user.properties': 'user.name=mario\nfield.with.space = another space\n',
  'mysql.ini': '[mysqld]\nuser = mysql\nskip-bdb\nskip-x\n',
  'dup.ini': '[r]\nname = a\nname = b\n',
  'case.ini': '[r]\nname = a\nNAME = b\n',
  'none.ini': 'a=1\n',
};

const lookups = listed(
  'x',
  String.raw`
lookup('csvfile', 'Smith', file='people.csv', delimiter=','), lookup('csvfile', 'Smith file=people.csv delimiter=, col=2'), lookup('csvfile', 'Ipsum', file='people.csv', delimiter=',', col=2), lookup('csvfile', 'German von Lastname', file='people.csv', delimiter=',', col=-2)
lookup('csvfile', 'Jane', file='people.csv', delimiter=',', col=0, keycol=1), lookup('csvfile', 'fruit', 'shoes'), lookup('csvfile', 'nobody', default='d'), lookup('csvfile', 'nobody'), query('csvfile', 'nobody'), lookup('csvfile', 'fruit', delimiter='TAB'), lookup('csvfile', 'fruit', delimiter='	', col=2)
lookup('csvfile', 'a b', file='spaced name.csv', delimiter=','), lookup('csvfile', "c file='spaced name.csv' delimiter=,"), lookup('csvfile', 'd', file='spaced name.csv', delimiter=','), lookup('csvfile', 'qr', file='people.csv', delimiter=',')
lookup('csvfile', 'Smith', file='people.csv', delimiter=',', col=9)
lookup('csvfile', 'Smith', file='people.csv', delimiter=',,')
lookup('csvfile', 'Smith', file='people.csv', delimiter=',', col='x')
lookup('csvfile', 'Smith nosuch=1')
lookup('csvfile', 'file=people.csv')
lookup('csvfile', 'x', file='nosuch.csv')
lookup('csvfile')
lookup('csvfile', 'fruit', keycol=7)
lookup('ini', 'value1', section='global', file='lookup.ini'), lookup('ini', 'value2', file='lookup.ini'), lookup('ini', 'value.dot', file='lookup.ini'), lookup('ini', 'unicode', file='lookup.ini'), lookup('ini', 'empty', file='lookup.ini'), lookup('ini', 'KEY', file='lookup.ini'), lookup('ini', 'base', file='lookup.ini'), lookup('ini', 'nope', file='lookup.ini'), lookup('ini', 'nope', file='lookup.ini', default='d'), query('ini', 'nope', file='lookup.ini', default=none)
lookup('ini', 'my', section='s', file='lookup.ini'), lookup('ini', 'percent', section='s', file='lookup.ini'), lookup('ini', 'bad', section='s', file='lookup.ini', interpolation=false), query('ini', 'value[12]', section='v', re=true, file='lookup.ini'), query('ini', '.*', section='v', re='yes', file='lookup.ini')
lookup('ini', 'value1 section=section1 file=lookup.ini'), lookup('ini', 'value1', 'value2', section='v', file='lookup.ini'), lookup('ini', 'user.name', type='properties', file='user.properties'), lookup('ini', 'field.with.space type=properties file=user.properties')
lookup('ini', 'skip-bdb', section='mysqld', file='mysql.ini', allow_no_value=true), query('ini', 'skip-bdb', section='mysqld', file='mysql.ini', allow_none=true), lookup('ini', 'name', section='r', file='case.ini', case_sensitive=true), lookup('ini', 'NAME', section='r', file='case.ini', case_sensitive=true)
lookup('ini', 'bad', section='s', file='lookup.ini')
lookup('ini', 'lost', section='s', file='lookup.ini')
lookup('ini', 'skip-bdb', section='mysqld', file='mysql.ini')
lookup('ini', 'name', section='r', file='dup.ini')
lookup('ini', 'name', section='r', file='case.ini')
lookup('ini', 'a', file='none.ini')
lookup('ini', 'a', section='nosuch', file='lookup.ini')
lookup('ini', 'a', file='nosuch.ini')
lookup('ini', 'a', type='json', file='lookup.ini')
lookup('ini', 'a nosuch=1 file=lookup.ini')
lookup('ini', 'section=global file=lookup.ini')
`,
);

const community = listed(
  'x',
  String.raw`
[['a', 1], ['b', 2]] | community.general.dict, l | zip(li) | community.general.dict, ['a=1', 'b=2'] | map('split', '=') | community.general.dict, [] | community.general.dict, [(1, 2), [1.0, 3]] | community.general.dict
[['a', 1, 2]] | community.general.dict
5 | community.general.dict
['ab', 'cd'] | community.general.dict
'v' | community.general.dict_kv('k'), l | map('community.general.dict_kv', 'k') | list
['2.9', '2.10', '2.1', 'v1'] | community.general.version_sort
['2.9', '2.10', '2.1', '2.10'] | community.general.version_sort, ['2.9', '2.10', '2.1'] | community.general.version_sort(reverse=true), [] | community.general.version_sort, ['1.a', '1.b'] | community.general.version_sort
[d, {'a': 2, 'ab': 3}] | community.general.keep_keys(target=['a']), [d] | community.general.keep_keys('b'), [{'aa': 1, 'ab': 2, 'ba': 3}] | community.general.keep_keys(target=['a'], matching_parameter='starts_with'), [{'aa': 1, 'ab': 2, 'ba': 3}] | community.general.keep_keys(target='a', matching_parameter='ends_with'), [{'aa': 1, 'ab': 2, 'ba': 3}] | community.general.keep_keys(target='.*b', matching_parameter='regex'), [{'aa': 1, 'ba': 3}] | community.general.remove_keys(target=['a.'], matching_parameter='regex')
[{'aa': 1, 'ba': 3}] | community.general.replace_keys(target=[{'before': 'aa', 'after': 'x'}]), [{'aa': 1, 'ba': 3}] | community.general.replace_keys(target=[{'before': 'a', 'after': 'x'}, {'before': 'b', 'after': 'y'}], matching_parameter='starts_with')
[d] | community.general.keep_keys([])
[d] | community.general.keep_keys([1])
[d] | community.general.keep_keys(['a', 'b'], matching_parameter='regex')
[d] | community.general.keep_keys(['a'], matching_parameter='zz')
d | community.general.keep_keys(['a'])
['x'] | community.general.keep_keys(['a'])
[{1: 2}] | community.general.keep_keys(['a'])
[d] | community.general.keep_keys
[d] | community.general.replace_keys(target=[{'before': 'a'}])
'abca' | community.general.counter, [1, 1.0, true, 'a', 'a'] | community.general.counter, [] | community.general.counter
[[1]] | community.general.counter
5 | community.general.counter
d | community.general.counter
users | community.general.groupby_as_dict('name')
users | community.general.groupby_as_dict('zz')
['x'] | community.general.groupby_as_dict('zz')
[{'a': 1}, {'a': 1}] | community.general.groupby_as_dict('a')
[1, 2, 2] | community.general.lists_union([2, 3], [4]), [[1, 2], [2, 3]] | community.general.lists_union(flatten=true), [1, 1] | community.general.lists_union, [1, 2, 3] | community.general.lists_intersect([3, 2], [2]), [1, 2, 2, 3] | community.general.lists_difference([3]), [1, 2, 2] | community.general.lists_symmetric_difference([2, 3, 3]), [[1, 2], [2]] | community.general.lists_intersect(flatten=true), [{'a': 1}] | community.general.lists_union([{'a': 1}, {'b': 2}]), [[1], [{}]] | community.general.lists_difference(flatten=true), [] | community.general.lists_union(flatten=true)
[1] | community.general.lists_union(5)
[1] | community.general.lists_union([2], foo=1)
[1] | community.general.lists_union(5, flatten=true)
[{'n': 'a', 'v': 1}, {'n': 'b'}] | community.general.lists_mergeby([{'n': 'a', 'w': 2}, {'n': 'c'}], 'n'), [[{'n': 'a', 'l': [1]}], [{'n': 'a', 'l': [2]}]] | community.general.lists_mergeby('n', list_merge='append'), [{'n': 'a', 'd': {'x': 1}}] | community.general.lists_mergeby([{'n': 'a', 'd': {'y': 2}}], 'n', recursive=true), [{'n': 'b'}, {'n': 'a'}, {'z': 1}] | community.general.lists_mergeby([{'n': 'a'}], 'n'), [{'n': 'b'}] | community.general.lists_mergeby('n'), [] | community.general.lists_mergeby('n')
[1] | community.general.lists_mergeby([2], 'n')
[{'n': 1}] | community.general.lists_mergeby([{'n': 2}], 5)
[{'n': 1}] | community.general.lists_mergeby
'52:54:00' | community.general.random_mac(seed='x'), '52:54' | random_mac(seed=inventory_hostname | default('h')), 'AA' | random_mac(seed=5)
'52:54:00:1:2:3' | random_mac(seed=1)
'zz' | random_mac(seed=1)
'' | random_mac(seed=1)
5 | random_mac(seed=1)
'test' | community.general.crc32, '' | community.general.crc32, 'é' | community.general.crc32
5 | community.general.crc32
'e\u0301' | community.general.unicode_normalize, 'é' | community.general.unicode_normalize('NFD') | length, 'ﬁ' | community.general.unicode_normalize(form='NFKC')
'x' | community.general.unicode_normalize('XX')
5 | community.general.unicode_normalize
'1d 3h' | community.general.to_seconds, '90s' | community.general.to_minutes, '1week' | community.general.to_days, '0' | community.general.to_hours, '10ms' | community.general.to_time_unit('s'), '-1h' | community.general.to_time_unit('minutes'), '1y' | community.general.to_days, '1mo' | community.general.to_weeks, '1s' | community.general.to_years, '1000000ms' | community.general.to_milliseconds, '' | community.general.to_seconds, '3 hours' | length
'1x' | community.general.to_seconds
'3 hours' | community.general.to_seconds
'1h' | community.general.to_time_unit('zz')
5 | community.general.to_seconds
'1h' | community.general.to_seconds(foo=1)
'1y' | community.general.to_days(year=360)
users | dict_kv('x')
d | version_sort
`,
);

const odd = listed(
  'x',
  String.raw`
range(3) | default, d.keys() | d(2), range(3) | mandatory, d.keys() | ternary(1, 2), range(2) | default | type_debug
2.5 | b64decode
'YQ' | b64decode
'YQ==' | b64decode, 'YWJj\n' | b64decode, 'YWI=' | b64decode, '' | b64decode
5 | comment
5 | indent
'a' | regex_search
'a' | regex_search(2)
'a' | regex_replace(2)
none | human_readable
none | pow(2)
5 | log(none)
5 | root(none)
2.5 | human_to_bytes, '2.5' | human_to_bytes, '3.5' | human_to_bytes
'abc' | filesizeformat
[] | filesizeformat
'5000' | filesizeformat, 5 | filesizeformat
d | to_json('a')
'abc' | truncate(2)
['b'] | urlencode
none | urldecode
none | wordwrap
[] | path_join
l | map('default') | list, li | map('log') | length
'x' | regex_replace, 'x' | regex_replace('x')
[{'a': 1}] | unique(case_sensitive=false)
[{'a': 1}, {'a': 1}] | unique, users | unique(attribute='uid') | list | length, [[1], [1]] | unique
[{'a': [1]}] | unique(attribute='a')
[{'a': 1}] | unique(true)
dup | unique(false)
`,
);

export const PLUGIN_CASES = [...core, ...lookups, ...community, ...odd, ...IP_CASES, ...QUERY_CASES];
