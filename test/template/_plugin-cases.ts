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

export const PLUGIN_CASES = [...core, ...IP_CASES, ...QUERY_CASES];
