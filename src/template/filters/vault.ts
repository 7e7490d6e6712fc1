import { KplayError } from '../../model/errors.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { isText, textOf, truth, typeName } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { Vaulted } from '../../value/vaulted.ts';
import { isVaulted } from '../../vault/envelope.ts';
import { encrypt, Vault } from '../../vault/vault.ts';
import { type Filters, takes } from './define.ts';

const LABEL = 'filter_default';

const bytesOf = (value: Value | undefined, what: string): Buffer => {
  const given = defined(value ?? null);
  if (isText(given)) return Buffer.from(textOf(given));
  throw evaluationError(`${what}: ${typeName(given)}`);
};
const passwordOf = (secret: Value | undefined): Buffer => bytesOf(secret, 'Secret passed is required to be a string, instead we got');

const decrypted = (ciphertext: string, secret: Value | undefined, label: string): string => {
  try {
    return new Vault([{ label, password: passwordOf(secret) }]).decrypt(ciphertext, "the filter's input").toString();
  } catch (error) {
    if (error instanceof KplayError && error.code === 'E_VAULT') throw evaluationError(`Unable to decrypt: ${error.message}`);
    throw error;
  }
};

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/vault_filter.html */
export const vaultFilters: Filters = {
  vault: takes(
    ['secret', 'salt', 'vault_id', 'wrap_object', 'vaultid'],
    (input, [secret, salt, label = LABEL, wrap = false, oldLabel], run) => {
      if (salt === undefined || salt === null) run.impure('the vault filter, which makes up a salt,');
      const plaintext = bytesOf(input, 'Can only vault strings, instead we got');
      if (isVaulted(plaintext)) throw evaluationError('Unable to encrypt: input is already encrypted');
      const sealed = { label: str(label === LABEL ? (oldLabel ?? label) : label), password: passwordOf(secret) };
      const text = salt === undefined || salt === null ? encrypt(plaintext, sealed) : encrypt(plaintext, sealed, Buffer.from(str(salt)));
      return truth(wrap) ? new Vaulted(text, () => text) : text;
    },
    1,
  ),
  unvault: takes(
    ['secret', 'vault_id', 'vaultid'],
    (input, [secret, label = LABEL]) => {
      if (input instanceof Vaulted) return decrypted(input.ciphertext, secret, str(label));
      const text = bytesOf(input, 'Vault should be in the form of a string, instead we got').toString();
      return isVaulted(text) ? decrypted(text, secret, str(label)) : text;
    },
    1,
  ),
};
