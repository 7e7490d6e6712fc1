/** One POSIX sh word, whatever the text holds (NUL excepted: no shell word can). */
export const quote = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** Shell text that is already safe: made by `sh`, never from data. */
export class Sh {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * POSIX sh from a template. Every string or number becomes exactly one quoted word, a list becomes that many words, and a piece that
 * `raw` made is put in as it is.
 *
 * @example sh`chmod -- ${mode} ${path}`
 */
export const sh = (parts: TemplateStringsArray, ...words: readonly (string | number | readonly string[] | Sh)[]): string =>
  String.raw({ raw: parts.raw }, ...words.map(word));

const word = (value: string | number | readonly string[] | Sh): string => {
  if (value instanceof Sh) return value.text;
  return typeof value === 'object' ? value.map(quote).join(' ') : quote(String(value));
};

/** Puts program text (a constant, or made by `sh`) into another program unquoted. */
export const raw = (text: string): Sh => new Sh(text);
