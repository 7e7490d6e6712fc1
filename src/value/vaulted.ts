import { Unsafe } from './unsafe.ts';
import type { Value } from './value.ts';

/** Text that Ansible Vault encrypted (`!vault`): decrypted when it is first used, and like unsafe text never templated. */
export class Vaulted extends Unsafe {
  override readonly typeName: string = 'AnsibleVaultEncryptedUnicode';
  readonly ciphertext: string;
  constructor(ciphertext: string, decrypt: () => string) {
    super(decrypt);
    this.ciphertext = ciphertext;
  }
}

const KEY = '__ansible_vault';
const mapped = (value: Value, each: (value: Value) => Value): Value => {
  if (Array.isArray(value)) return value.map(each);
  return value instanceof Map ? new Map([...value].map(([key, item]) => [key, each(item)])) : value;
};

/** A value as results and inventories show it: what is encrypted stays so, as `{__ansible_vault: …}` (ansible/parsing/ajson.py). */
export const withCiphertext = (value: Value): Value =>
  value instanceof Vaulted ? new Map([[KEY, value.ciphertext]]) : mapped(value, withCiphertext);

/** The same read back. */
export const withVaulted = (value: Value, decrypt: (ciphertext: string) => string): Value => {
  const ciphertext = value instanceof Map && value.size === 1 ? value.get(KEY) : undefined;
  if (typeof ciphertext === 'string') return new Vaulted(ciphertext, () => decrypt(ciphertext));
  return mapped(value, item => withVaulted(item, decrypt));
};
