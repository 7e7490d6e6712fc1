export interface Words {
  readonly words: readonly string[];
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\', "'": "'", '"': '"' };
const unescaped = (text: string): string => text.replace(/\\([tnr\\'"])/g, (_, char: string) => ESCAPES[char] ?? char);
const unquoted = (text: string): string => text.replace(/^(['"])(.*)\1$/s, '$2');

/** A term of the old kind, `words name=value …`: quotes hold a value with blanks together. */
export const wordsOf = (term: string): Words => {
  const parts = term.match(/(?:[^\s'"]|'[^']*'|"[^"]*"|['"])+/g) ?? [];
  const words: string[] = [];
  const pairs: [string, string][] = [];
  for (const part of parts) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    if (name === undefined || value === undefined) words.push(unescaped(part));
    else pairs.push([name, unquoted(unescaped(value))]);
  }
  return { words, pairs };
};
