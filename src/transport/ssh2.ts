// First: what the others take of it is made faster.
import './ssh2-ciphers.ts';
// The package's index loads its server, SFTP and HTTP agents as well: a fifth of what it takes to load.
import agent from 'ssh2/lib/agent.js';
import Client from 'ssh2/lib/client.js';
import keys from 'ssh2/lib/protocol/keyParser.js';

export const ssh2 = { Client, createAgent: agent.createAgent, utils: { parseKey: keys.parseKey } };
