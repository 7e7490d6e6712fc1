// First: what the others take of it is made faster.
import './ssh2-ciphers.ts';
// The package's index loads its server, SFTP and HTTP agents as well: a fifth of what it takes to load.
import agent from 'ssh2/lib/agent.js';
import Client from 'ssh2/lib/client.js';
import keys from 'ssh2/lib/protocol/keyParser.js';
import Protocol, { type Sign } from 'ssh2/lib/protocol/Protocol.js';

/** Of an RSA key's signature. Other keys have one that is their own. */
const HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512', 'ssh-rsa': 'sha1' };

const { authPK } = Protocol.prototype;
/**
 * Asking first whether a key would do costs a round trip, and sshd answers that like a failed attempt, not before 5 ms have passed (auth2.c). A key that is
 * at hand signs at once, as OpenSSH's client does with one that has no public half; an agent, which may ask its user, is asked for no signature in vain.
 */
Protocol.prototype.authPK = function (user, key, algorithm, sign) {
  const atOnce: Sign = (text, done) => {
    const signature: Buffer | Error = key.sign(text, algorithm === undefined ? undefined : HASHES[algorithm]);
    if (signature instanceof Error) authPK.call(this, user, key, algorithm);
    else done(signature);
  };
  authPK.call(this, user, key, algorithm, sign ?? (key.isPrivateKey() ? atOnce : undefined));
};

export const ssh2 = { Client, createAgent: agent.createAgent, utils: { parseKey: keys.parseKey } };
