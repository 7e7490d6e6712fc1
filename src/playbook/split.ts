/** Words of free-form arguments, as Ansible splits them: on blanks and newlines, but not in quotes or in jinja's {{ }}, {% %}, {# #}. */
const PAIRS = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
] as const;

const count = (text: string, part: string): number => text.split(part).length - 1;

const quoteAfter = (token: string, quote: string | undefined): string | undefined => {
  let open = quote;
  for (let at = 0; at < token.length; at += 1) {
    const char = token[at];
    if ((char !== '"' && char !== "'") || token[at - 1] === '\\') continue;
    if (open === undefined) open = char;
    else if (open === char) open = undefined;
  }
  return open;
};

class Splitter {
  readonly words: string[] = [];
  #quote: string | undefined;
  #depths: readonly number[] = PAIRS.map(() => 0);

  get open(): boolean {
    return this.#quote !== undefined || this.#inBlock;
  }
  get #inBlock(): boolean {
    return this.#depths.some(depth => depth > 0);
  }
  glue(text: string): void {
    if (this.words.length === 0) this.words.push('');
    this.words[this.words.length - 1] += text;
  }
  /** True when the token was a line continuation. */
  take(token: string, first: boolean): boolean {
    if (token === '' && !first) {
      this.glue(' ');
      return false;
    }
    const quoted = this.#quote !== undefined;
    if (token === '\\' && !quoted) return true;
    const inBlock = this.#inBlock;
    this.#quote = quoteAfter(token, this.#quote);
    const depths = this.#depths;
    this.#depths = PAIRS.map(([open, close], at) => Math.max(0, (depths[at] ?? 0) + count(token, open) - count(token, close)));
    if (inBlock || quoted) this.glue(first ? token : ` ${token}`);
    else if (token !== '') this.words.push(token);
    return false;
  }
}

/** Undefined when quotes or a template are left open: Ansible refuses such text. */
export const splitArguments = (text: string): readonly string[] | undefined => {
  if (text === '') return [];
  const splitter = new Splitter();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    let continued = false;
    for (const [column, token] of line.split(' ').entries()) continued = splitter.take(token, column === 0) || continued;
    if (at < lines.length - 1 && !continued) splitter.glue('\n');
  }
  return splitter.open ? undefined : splitter.words;
};

/** The words put together again, with the blanks and newlines they had. */
export const joinArguments = (words: readonly string[]): string => {
  let text = '';
  for (const word of words) text += text === '' || text.endsWith('\n') ? word : ` ${word}`;
  return text;
};

export const unquote = (text: string): string =>
  text.length > 1 && text[0] === text.at(-1) && (text[0] === '"' || text[0] === "'") && text.at(-2) !== '\\' ? text.slice(1, -1) : text;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\', "'": "'", '"': '"', a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v',
}; // prettier-ignore
const unescape = (text: string): string =>
  text.replaceAll(
    /\\(?:U(00(?:0[\da-fA-F]|10)[\da-fA-F]{4})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g,
    (_all, long, short, byte, single) =>
      single === undefined ? String.fromCodePoint(Number.parseInt(long ?? short ?? byte, 16)) : (ESCAPES[single] ?? single),
  );

/** Options that command and its like take beside their free-form text; any other `k=v` there is part of the command. */
const COMMAND_OPTIONS = ['creates', 'removes', 'chdir', 'executable', 'warn', 'stdin', 'stdin_add_newline', 'strip_empty_ends'];

/** Where the first `=` stands that is not escaped; -1 when there is none. A name has at least one character. */
const equalsSign = (word: string): number => {
  let at = word.indexOf('=', 1);
  while (at > 0 && word[at - 1] === '\\') at = word.indexOf('=', at + 1);
  return at;
};

/**
 * `k=v k2="v 2" free text` as arguments; what is no pair is joined under `_raw_params`. `command` keeps pairs it does not know in its text.
 * Undefined when quotes or templates are left open.
 */
export const parsePairs = (text: string, command: boolean): ReadonlyMap<string, string> | undefined => {
  const words = splitArguments(text);
  if (!words) return undefined;
  const pairs = new Map<string, string>();
  const free: string[] = [];
  for (const word of words) {
    const plain = unescape(word);
    const at = plain.includes('=') ? equalsSign(plain) : undefined;
    const name = at === undefined ? '' : plain.slice(0, at);
    if (at === undefined || (command && at > 0 && !COMMAND_OPTIONS.includes(name))) free.push(word);
    else if (at < 0) free.push(plain.replaceAll('\\=', '='));
    else pairs.set(name.trim(), unquote(plain.slice(at + 1).trim()));
  }
  if (free.length > 0) pairs.set('_raw_params', joinArguments(free));
  return pairs;
};
