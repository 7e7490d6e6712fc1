import { integerArgument } from '../../value/call.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { isText, textOf, truth, typeName } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { cryptPassword } from '../crypt/index.ts';
import { drawWith } from '../draw.ts';
import { type Filters, takes } from './define.ts';

/** Ansible's names; passlib's own are taken too. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5_crypt'],
  ['blowfish', 'bcrypt'],
  ['sha256', 'sha256_crypt'],
  ['sha512', 'sha512_crypt'],
]);
/** What else passlib can make, and Ansible's documentation does not know; its code lets some of them through until 2.19. */
const UNDOCUMENTED: ReadonlySet<string> = new Set(
  `
  apr_md5_crypt argon2 atlassian_pbkdf2_sha1 bcrypt_sha256 bigcrypt bsd_nthash bsdi_crypt cisco_asa cisco_pix cisco_type7 crypt16
  cta_pbkdf2_sha1 des_crypt django_argon2 django_bcrypt django_bcrypt_sha256 django_des_crypt django_disabled django_pbkdf2_sha1
  django_pbkdf2_sha256 django_salted_md5 django_salted_sha1 dlitz_pbkdf2_sha1 fshp grub_pbkdf2_sha512 hex_md4 hex_md5 hex_sha1
  hex_sha256 hex_sha512 htdigest ldap_bcrypt ldap_bsdi_crypt ldap_des_crypt ldap_hex_md5 ldap_hex_sha1 ldap_md5 ldap_md5_crypt
  ldap_pbkdf2_sha1 ldap_pbkdf2_sha256 ldap_pbkdf2_sha512 ldap_plaintext ldap_salted_md5 ldap_salted_sha1 ldap_salted_sha256
  ldap_salted_sha512 ldap_sha1 ldap_sha1_crypt ldap_sha256_crypt ldap_sha512_crypt lmhash msdcc msdcc2 mssql2000 mssql2005 mysql323
  mysql41 nthash oracle10 oracle11 pbkdf2_sha1 pbkdf2_sha256 pbkdf2_sha512 phpass plaintext postgres_md5 roundup_plaintext scram
  scrypt sha1_crypt sun_md5_crypt unix_disabled unix_fallback
`
    .trim()
    .split(/\s+/),
);

const textOption = (value: Value): string | undefined => (truth(value) ? str(value) : undefined);
const integerOption = (value: Value): number | undefined => {
  if (!truth(value)) return undefined;
  const number = isText(value) ? Number(textOf(value)) : integerArgument(value, 0);
  if (!Number.isInteger(number)) throw evaluationError(`invalid literal for int() with base 10: '${str(value)}'`);
  return number;
};

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/password_hash_filter.html */
export const passwordFilters: Filters = {
  password_hash: takes(
    ['hashtype', 'salt', 'salt_size', 'rounds', 'ident'],
    (input, [type = 'sha512', salt = null, saltSize = null, rounds = null, ident = null], run) => {
      const secret = defined(input);
      if (!isText(secret)) throw evaluationError(`secret must be unicode or bytes, not ${typeName(secret)}`);
      const name = str(type);
      if (UNDOCUMENTED.has(name))
        throw evaluationError(`${name} is not in the list of supported passlib algorithms: ${[...ALGORITHMS.keys()].join(', ')}`);
      const given = textOption(salt);
      return cryptPassword(
        ALGORITHMS.get(name) ?? name,
        textOf(secret),
        { salt: given, saltSize: integerOption(saltSize), rounds: integerOption(rounds), ident: textOption(ident) },
        given === undefined ? drawWith(null, 'a hash with a salt of its own', run) : () => 0,
      );
    },
  ),
};
