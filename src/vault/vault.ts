import { randomBytes } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import { place, type Source } from '../model/source.ts';
import { deriveKeys, type Keys, seal, unseal } from './cipher.ts';
import { type Envelope, isVaulted, NotVault, readEnvelope, writeEnvelope } from './envelope.ts';

/** A password by its label (Ansible's vault id). */
export interface Secret {
  readonly label: string;
  readonly password: Uint8Array;
}
export interface VaultOptions {
  /** Only a password of the same label is tried (Ansible's vault_id_match). */
  readonly match?: boolean;
}
/** What was encrypted: a whole file, by its path, or the place of a `!vault` in one. */
export type Where = string | Source;
export interface Opened {
  readonly plaintext: Buffer;
  /** The label it bears, whichever password opened it. */
  readonly label: string;
  readonly secret: Secret;
}

const SALT_BYTES = 32;
const HOW_TO = 'give the password with --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass';

/** As Ansible Vault writes it: 80 columns, a newline at the end. A salt is made up unless there is one. */
export const encrypt = (plaintext: Uint8Array, { label, password }: Secret, salt: Uint8Array = randomBytes(SALT_BYTES)): string =>
  writeEnvelope({ label, salt: Buffer.from(salt), ...seal(plaintext, deriveKeys(password, salt)) });

/** Decrypts with the passwords of a run: first those of the label that the text bears, then the others in their order. */
export class Vault {
  readonly #secrets: readonly Secret[];
  readonly #match: boolean;
  /** Keys are slow to derive, and the same text is read for every host. */
  readonly #keys = new Map<Secret, Map<string, Keys>>();
  constructor(secrets: readonly Secret[] = [], { match = false }: VaultOptions = {}) {
    this.#secrets = secrets;
    this.#match = match;
  }

  /** Throws E_VAULT, which names the file or the place and never a password. */
  decrypt(encrypted: Uint8Array | string, where: Where): Buffer {
    return this.open(encrypted, where).plaintext;
  }

  /** A file's bytes, decrypted if need be. */
  plain(bytes: Buffer, file: string): Buffer {
    return isVaulted(bytes) ? this.decrypt(bytes, file) : bytes;
  }
  text(bytes: Buffer, file: string): string {
    return this.plain(bytes, file).toString();
  }

  open(encrypted: Uint8Array | string, where: Where): Opened {
    const envelope = enveloped(encrypted, where);
    const { label } = envelope;
    const isIts = (secret: Secret): boolean => secret.label === label;
    const others = this.#match ? [] : this.#secrets.filter(secret => !isIts(secret));
    for (const secret of [...this.#secrets.filter(isIts), ...others]) {
      const plaintext = unseal(envelope, this.#keysOf(secret, envelope.salt));
      if (plaintext) return { plaintext, label, secret };
    }
    throw this.#closed(label, where);
  }

  #keysOf(secret: Secret, salt: Buffer): Keys {
    const known = this.#keys.get(secret) ?? new Map<string, Keys>();
    const name = salt.toString('latin1');
    const keys = known.get(name) ?? deriveKeys(secret.password, salt);
    this.#keys.set(secret, known.set(name, keys));
    return keys;
  }

  #closed(label: string, where: Where): KplayError {
    if (this.#secrets.length === 0)
      return vaultError('Attempting to decrypt but no vault secrets found:', where, { hint: HOW_TO.replace('LABEL', label) });
    const labels = this.#secrets.map(secret => secret.label).join(', ');
    return vaultError('Decryption failed (no vault secrets were found that could decrypt) on', where, {
      hint: `it bears the label ${label}; there are passwords of the label ${labels}${this.#match ? ', and vault_id_match is on' : ''}`,
    });
  }
}

const enveloped = (encrypted: Uint8Array | string, where: Where): Envelope => {
  try {
    return readEnvelope(typeof encrypted === 'string' ? encrypted : Buffer.from(encrypted).toString('latin1'));
  } catch (error) {
    if (error instanceof NotVault) throw vaultError('there was a vault format error in', where, {}, `: ${error.message}`);
    throw error;
  }
};

const vaultError = (what: string, where: Where, facts: { readonly hint?: string }, why = ''): KplayError =>
  typeof where === 'string'
    ? new KplayError('E_VAULT', `${what} ${where}${why}`, facts)
    : new KplayError('E_VAULT', `${what} ${place(where)}${why}`, { ...facts, at: where });
