import { createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Package from 'ssh2';

/** The package's index loads its server, SFTP and HTTP agents as well: a fifth of what it takes to load. */
const part = createRequire(import.meta.url) as <T>(file: `ssh2/lib/${string}`) => T;

type Make = (config: object) => Record<string, unknown>;
const ciphers = part<{ createCipher: Make; createDecipher: Make }>('ssh2/lib/protocol/crypto.js');

/**
 * AES-GCM takes a new cipher for each packet, and Node.js makes a key object of a key's bytes each time: 26 µs, of which 22 are spared where it
 * gets the object. The client takes these functions as it finds them when it is loaded.
 */
const keyed =
  (make: Make, name: string): Make =>
  config => {
    const cipher = make(config);
    const key = cipher[name];
    return key instanceof Uint8Array ? Object.assign(cipher, { [name]: createSecretKey(key) }) : cipher;
  };
ciphers.createCipher = keyed(ciphers.createCipher, '_encKey');
ciphers.createDecipher = keyed(ciphers.createDecipher, '_decipherKey');

const { createAgent } = part<Pick<typeof Package, 'createAgent'>>('ssh2/lib/agent.js');
const Client = part<typeof Package.Client>('ssh2/lib/client.js');
const { parseKey } = part<typeof Package.utils>('ssh2/lib/protocol/keyParser.js');

export const ssh2 = { Client, createAgent, utils: { parseKey } };
