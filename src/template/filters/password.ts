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
