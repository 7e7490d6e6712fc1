// Of ssh2, what its types do not tell of.
declare module 'ssh2/lib/agent.js' {
  const agent: Pick<typeof import('ssh2'), 'createAgent'>;
  export default agent;
}
declare module 'ssh2/lib/client.js' {
  import { Client } from 'ssh2';
  export default Client;
}
declare module 'ssh2/lib/protocol/crypto.js' {
  export type Make = (config: object) => Record<string, unknown>;
  const ciphers: { createCipher: Make; createDecipher: Make };
  export default ciphers;
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  const keys: Pick<typeof import('ssh2').utils, 'parseKey'>;
  export default keys;
}
declare module 'ssh2/lib/protocol/Protocol.js' {
  import type { ParsedKey } from 'ssh2';
  /** Given the text to sign, gives the signature. */
  export type Sign = (text: Buffer, done: (signature: Buffer) => void) => void;
  class Protocol {
    /** Asks whether a key would do; logs in with it, given how to sign. */
    authPK(user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign): void;
  }
  export default Protocol;
}
