import type { Sealed } from './cipher.ts';

/** Ansible's label for whatever was given no label. */
export const DEFAULT_LABEL = 'default';
const MAGIC = '$ANSIBLE_VAULT';
const COLUMNS = 80;

export interface Envelope extends Sealed {
  readonly label: string;
  readonly salt: Buffer;
}
/** The text is no vault, or a broken one; whoever knows its name says so. */
export class NotVault extends Error {}

/** Does it begin as what Ansible Vault encrypts? */
export const isVaulted = (data: Uint8Array | string): boolean =>
  typeof data === 'string' ? data.startsWith(MAGIC) : Buffer.from(data.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;

/**
 * Versions 1.1 and 1.2, whose header has a label: salt, HMAC and ciphertext, each in hex, on three lines that are in hex again.
 * https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html#ansible-vault-payload-format-1-1-1-2
 */
export const readEnvelope = (text: string): Envelope => {
  const [header = '', ...body] = text.trim().split(/\r?\n/);
  const [magic, version, cipher, label = DEFAULT_LABEL] = header.split(';').map(part => part.trim());
  if (magic !== MAGIC) throw new NotVault('it does not begin with $ANSIBLE_VAULT');
  if (version !== '1.1' && version !== '1.2') throw new NotVault(`its version is ${version || 'missing'}, not 1.1 or 1.2`);
  if (cipher !== 'AES256') throw new NotVault(`its cipher is ${cipher || 'missing'}, not AES256`);
  const parts = unhex(body.join('')).toString('latin1').split('\n');
  const [salt = '', hmac = '', ciphertext = ''] = parts;
  if (parts.length !== 3 || ciphertext === '') throw new NotVault('it is not a salt, an HMAC and a ciphertext');
  return { label, salt: unhex(salt), hmac: unhex(hmac), ciphertext: unhex(ciphertext) };
};

/** The label is told, in version 1.2, unless it is the default. Ends with a newline. */
export const writeEnvelope = ({ label, salt, hmac, ciphertext }: Envelope): string => {
  const header = label === DEFAULT_LABEL ? `${MAGIC};1.1;AES256` : `${MAGIC};1.2;AES256;${label}`;
  const body = Buffer.from([salt, hmac, ciphertext].map(part => part.toString('hex')).join('\n')).toString('hex');
  return [header, ...(body.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? []), ''].join('\n');
};

const unhex = (text: string): Buffer => {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new NotVault('what should be in hex is not, or was cut off');
  return Buffer.from(text, 'hex');
};
