import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { AnyAuthMethod, BaseAgent, IdentityCallback, KeyboardInteractiveAuthMethod, ParsedKey } from 'ssh2';
import type { Hop } from './route.ts';

/** The library itself, loaded when the first host is about to be reached. */
export type Ssh2 = typeof import('./ssh2.ts').ssh2;

/** Asks the user for a key's passphrase; undefined when nobody is there to ask. */
export type AskPassphrase = (file: string) => Promise<string | undefined>;

/** Keys read and decrypted once, however many hosts want them. */
export class KeyRing {
  readonly #ssh2: Ssh2;
  readonly #ask: AskPassphrase | undefined;
  readonly #keys = new Map<string, Promise<ParsedKey | string>>();
  constructor(ssh2: Ssh2, ask: AskPassphrase | undefined) {
    this.#ssh2 = ssh2;
    this.#ask = ask;
  }

  /** The private key in a file, or why there is none. */
  load(file: string, passphrase: string | undefined): Promise<ParsedKey | string> {
    const id = JSON.stringify([file, passphrase]);
    const known = this.#keys.get(id) ?? this.#read(file, passphrase);
    this.#keys.set(id, known);
    return known;
  }

  /** The public half beside a private key's file, for finding it in an agent without its passphrase. */
  async public(file: string): Promise<Buffer | undefined> {
    const text = await readFile(`${file}.pub`).catch(() => undefined);
    const key = text === undefined ? undefined : this.#ssh2.utils.parseKey(text);
    return key === undefined || key instanceof Error ? undefined : key.getPublicSSH();
  }

  async #read(file: string, passphrase: string | undefined): Promise<ParsedKey | string> {
    let text: Buffer;
    try {
      text = await readFile(file);
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    }
    const key = this.#parse(text, passphrase);
    if (!(key instanceof Error)) return key.isPrivateKey() ? key : 'not a private key';
    if (!/encrypted/i.test(key.message)) return passphrase === undefined ? key.message : 'the passphrase does not open it';
    const given = await this.#ask?.(file);
    if (given === undefined) return 'its passphrase is not known';
    const opened = this.#parse(text, given);
    return opened instanceof Error ? 'the passphrase does not open it' : opened;
  }

  #parse(text: Buffer, passphrase: string | undefined): ParsedKey | Error {
    const key: ParsedKey | Error | ParsedKey[] = this.#ssh2.utils.parseKey(text, passphrase);
    return Array.isArray(key) ? (key[0] ?? new Error('no key in it')) : key;
  }
}

/** A way to log in, with what messages call it; no method when it cannot be offered, and then the label says why. */
export interface Credential {
  readonly label: string;
  readonly method?: AnyAuthMethod;
}

/** Ways to log in, in order: the key that was named, the agent (configured keys first), configured or default key files, the password. */
export async function* credentials(hop: Hop, ring: KeyRing, ssh2: Ssh2): AsyncGenerator<Credential> {
  const { user: username, keyFile, keyFiles, passphrase, password, agentSocket, identitiesOnly } = hop;
  const fromFile = async (file: string): Promise<Credential> => {
    const key = await ring.load(file, passphrase);
    return typeof key === 'string'
      ? { label: `key ${file} (${key})` }
      : { label: `key ${file}`, method: { type: 'publickey', username, key } };
  };
  if (keyFile !== undefined) yield fromFile(keyFile);
  if (agentSocket !== undefined) {
    const named = keyFile === undefined ? keyFiles : [keyFile, ...keyFiles];
    const preferred = (await Promise.all(named.map(file => ring.public(file)))).filter(key => key !== undefined);
    const agent = choosing(ssh2.createAgent(agentSocket), preferred, identitiesOnly);
    yield { label: `agent ${agentSocket}`, method: { type: 'agent', username, agent } };
  }
  // As ssh: naming a key switches the default ones off, and default ones that are not there are not worth a word.
  if (keyFile === undefined) for (const file of keyFiles) if (existsSync(file)) yield fromFile(file);
  if (password === undefined) return;
  yield { label: 'password', method: { type: 'password', username, password } };
  const prompt: KeyboardInteractiveAuthMethod['prompt'] = (_name, _text, _lang, prompts, finish) => finish(prompts.map(() => password));
  yield { label: 'keyboard-interactive', method: { type: 'keyboard-interactive', username, prompt } };
}

/** An agent that offers the preferred keys first, or nothing else under IdentitiesOnly: sshd counts every key it is offered. */
const choosing = (agent: BaseAgent, preferred: readonly Buffer[], only: boolean): BaseAgent => {
  const list = agent.getIdentities.bind(agent);
  const place = (key: unknown): number => {
    const at = preferred.findIndex(other => other.equals((key as ParsedKey).getPublicSSH()));
    return at < 0 ? preferred.length : at;
  };
  return Object.assign(agent, {
    getIdentities(callback: IdentityCallback) {
      list((error, keys = []) => {
        const wanted = keys.filter(key => !only || place(key) < preferred.length);
        callback(
          error,
          wanted.toSorted((a, b) => place(a) - place(b)),
        );
      });
    },
  });
};
