import { Composer, LineCounter } from 'yaml';
import type { Document } from 'yaml';
import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import { Vault } from '../vault/vault.ts';
import { NodeBuilder } from './build.ts';
import type { Locate, YamlNode } from './node.ts';
import { syntaxError } from './syntax.ts';
import { tokens } from './tokens.ts';

/** Everything is read as text; types are PyYAML's business, and PyYAML's are in scalar.ts. */
const TEXT_ONLY = {
  version: '1.1',
  schema: 'failsafe',
  merge: false,
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

// YAML's printable characters (spec 1.1, 5.1); libyaml refuses all others.
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

interface Reading {
  readonly documents: readonly Document.Parsed[];
  readonly json: boolean;
  readonly locate: Locate;
}
const read = (text: string, file: string): Reading => {
  const lines = new LineCounter();
  const documents = [...new Composer(TEXT_ONLY).compose(tokens(text, lines.addNewLine))] as Document.Parsed[];
  const locate: Locate = offset => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  const json = isJson(text);
  const odd = json ? -1 : text.search(UNPRINTABLE);
  if (odd >= 0) throw new KplayError('E_YAML', 'a control character is not allowed', { at: locate(odd) });
  for (const [error] of documents.map(document => document.errors)) if (error && !json) throw syntaxError(text, locate, error);
  return { documents, json, locate };
};

export type Warn = (warning: Diagnostic) => void;
export interface YamlOptions {
  /** Told of duplicate keys. */
  readonly warn?: Warn;
  /** Decrypts `!vault` values when they are used; without it there are no passwords. */
  readonly vault?: Vault;
}
const quietly: Warn = () => {};

/**
 * One YAML document as Ansible reads it: YAML 1.1 by PyYAML's SafeLoader, or JSON when the whole text is JSON. An empty text is null.
 * Throws E_YAML with the place and, where the slip is a classic, a hint.
 */
export const parseYaml = (text: string, file: string, { warn = quietly, vault = new Vault() }: YamlOptions = {}): YamlNode => {
  const { documents, json, locate } = read(text, file);
  const [first, second] = documents;
  if (second) throw new KplayError('E_YAML', 'one document was expected, here a second one starts', { at: locate(second.range[0]) });
  return new NodeBuilder({ locate, json, warn, vault }).node(first?.contents, 0);
};

/** The same for a text of any number of documents. */
export const parseYamlAll = (text: string, file: string): YamlNode[] => {
  const { documents, json, locate } = read(text, file);
  return documents.map(document =>
    new NodeBuilder({ locate, json, warn: quietly, vault: new Vault() }).node(document.contents, document.range[0]),
  );
};
