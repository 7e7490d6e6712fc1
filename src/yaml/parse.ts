import { LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import { Composer } from './compose.ts';
import type { Locate, YamlNode } from './node.ts';
import { syntaxError } from './syntax.ts';

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

class File {
  readonly text: string;
  readonly json: boolean;
  readonly lines = new LineCounter();
  readonly locate: Locate;
  readonly #warn: (warning: Diagnostic) => void;
  constructor(text: string, file: string, warn: (warning: Diagnostic) => void) {
    this.text = text;
    this.json = isJson(text);
    this.#warn = warn;
    this.locate = offset => {
      const { line, col } = this.lines.linePos(offset);
      return { file, line: Math.max(line, 1), col: Math.max(col, 1) };
    };
    if (text.startsWith('$ANSIBLE_VAULT;'))
      throw new KplayError('E_YAML', `vault is not supported yet: ${file} is encrypted`, { at: { file, line: 1, col: 1 } });
  }
  root(document: Document.Parsed): YamlNode {
    const [error] = document.errors;
    if (error && !this.json) throw syntaxError(this.text, this.locate, error);
    const odd = this.json ? -1 : this.text.search(UNPRINTABLE);
    if (odd >= 0) throw new KplayError('E_YAML', 'a control character is not allowed', { at: this.locate(odd) });
    return new Composer({ locate: this.locate, json: this.json, warn: this.#warn }).node(document.contents, 0);
  }
}

/**
 * One YAML document as Ansible reads it: YAML 1.1 by PyYAML's SafeLoader, or JSON when the whole text is JSON. An empty text is null.
 * Throws E_YAML with the place and, where the slip is a classic, a hint. Duplicate keys are reported to `warn`.
 */
export const parseYaml = (text: string, file: string, warn: (warning: Diagnostic) => void = () => {}): YamlNode => {
  const source = new File(text, file, warn);
  return source.root(parseDocument(text, { ...TEXT_ONLY, lineCounter: source.lines }));
};

/** The same for a text of any number of documents. */
export const parseYamlAll = (text: string, file: string, warn: (warning: Diagnostic) => void = () => {}): YamlNode[] => {
  const source = new File(text, file, warn);
  const documents = parseAllDocuments(text, { ...TEXT_ONLY, lineCounter: source.lines });
  return Array.isArray(documents) ? documents.map(document => source.root(document)) : [];
};
