import { evaluationError } from './errors.ts';

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  /** Sets hold ASCII only, as in patterns for bytes (given as latin-1 text). */
  readonly ascii?: boolean;
}

/** Sets that Python's re knows, as members of a JavaScript class with the v flag. */
const SETS: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{N}_',
  s: '\\s\\x1c-\\x1f\\x85',
};
const ASCII_SETS: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' \\t\\n\\r\\f\\v' };
const CONTROLS: Readonly<Record<string, string>> = { n: '\\n', t: '\\t', r: '\\r', f: '\\f', v: '\\v', a: '\\x07' };

const setOf = (letter: string, ascii: boolean): string => {
  const members = (ascii ? ASCII_SETS : SETS)[letter.toLowerCase()] ?? '';
  return letter === letter.toLowerCase() ? `[${members}]` : `[^${members}]`;
};
/** A character that means itself, inside a class or outside. */
const itself = (char: string): string => {
  if (char === '\n') return '\\n';
  return /[A-Za-z0-9_\s]/.test(char) || (char.codePointAt(0) ?? 0) > 0x7f ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
};

/** Rewrites one of Python's patterns for JavaScript, token by token. */
class Translation {
  readonly #source: string;
  #at = 0;
  #ignoreCase: boolean;
  #multiline: boolean;
  #dotAll: boolean;
  #ascii: boolean;
  #verbose = false;
  #groups = 0;
  constructor(source: string, { ignoreCase = false, multiline = false, dotAll = false, ascii = false }: RegexFlags) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
    this.#multiline = multiline;
    this.#dotAll = dotAll;
    this.#ascii = ascii;
  }

  run(global: boolean): RegExp {
    this.#inlineFlags();
    let pattern = '';
    while (this.#at < this.#source.length) pattern += this.#token();
    return new RegExp(pattern, `v${global ? 'g' : ''}${this.#ignoreCase ? 'i' : ''}`);
  }

  #fail(message: string): never {
    throw evaluationError(`${message} at position ${this.#at} in the pattern ${JSON.stringify(this.#source)}`);
  }
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found) this.#at += found[0].length;
    return found;
  }
  #inlineFlags(): void {
    const flags = this.#match(/\(\?([aiLmsux]+)\)/y)?.[1] ?? '';
    this.#ignoreCase ||= flags.includes('i');
    this.#multiline ||= flags.includes('m');
    this.#dotAll ||= flags.includes('s');
    this.#ascii ||= flags.includes('a');
    this.#verbose ||= flags.includes('x');
  }

  #token(): string {
    if (this.#verbose && this.#match(/\s+|#[^\n]*/y)) return '';
    if (this.#match(/\(\?#[^)]*\)/y)) return '';
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    if (char === '(') return this.#group();
    if (char === '[') return this.#class();
    if (char === '\\') return this.#escape();
    const repeat = this.#repeat();
    if (repeat !== undefined) return repeat;
    this.#at += char.length;
    switch (char) {
      case '.':
        return this.#dotAll ? '[^]' : '[^\\n]';
      case '^':
        return this.#multiline ? '(?<![^\\n])' : '(?<![^])';
      case '$':
        return this.#multiline ? '(?=\\n|(?![^]))' : '(?=\\n?(?![^]))';
      case '|':
      case ')':
        return char;
      default:
        return itself(char);
    }
  }
  #repeat(): string | undefined {
    const found = this.#match(/(?:[*+?]|\{(\d*)(,?)(\d*)\})(\??)/y);
    if (!found) return undefined;
    const [whole, least, comma, most, lazy = ''] = found;
    if (this.#source[this.#at] === '+') this.#fail('possessive quantifiers are not supported');
    if (least === undefined) return whole;
    // Python reads `{}` and `{,}` without numbers as the characters they are.
    if (least === '' && most === '') return [...whole].map(itself).join('');
    return `{${least || '0'}${comma}${most}}${lazy}`;
  }

  #group(): string {
    const named = this.#match(/\(\?P<(\w+)>/y);
    if (named) {
      this.#groups++;
      return `(?<${named[1]}>`;
    }
    const back = this.#match(/\(\?P=(\w+)\)/y);
    if (back) return `\\k<${back[1]}>`;
    const plain = this.#match(/\(\?(?::|=|!|<=|<!)/y);
    if (plain) return plain[0];
    const scoped = this.#match(/\(\?([ims]*)(-[ims]+)?:/y);
    if (scoped) return scoped[0];
    if (this.#match(/\(\?[aiLmsux]+\)/y)) this.#fail('global flags not at the start of the expression');
    if (this.#match(/\(\?/y)) this.#fail('unknown extension');
    this.#at++;
    this.#groups++;
    return '(';
  }

  #escape(): string {
    const anchor = this.#match(/\\([AZbB])/y)?.[1];
    if (anchor === 'A') return '(?<![^])';
    if (anchor === 'Z') return '(?![^])';
    if (anchor !== undefined) return wordBoundary(anchor === 'B', this.#ascii);
    const reference = this.#match(/\\([1-9]\d?)/y)?.[1];
    if (reference !== undefined) {
      if (Number(reference) > this.#groups) this.#fail(`invalid group reference ${reference}`);
      return `(?:\\${reference})`;
    }
    return this.#character();
  }
  /** `\x`, inside a class or outside. */
  #character(): string {
    const set = this.#match(/\\([dDwWsS])/y)?.[1];
    if (set !== undefined) return setOf(set, this.#ascii);
    const code = this.#match(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(0[0-7]{0,2}|[0-3][0-7]{2}))/y);
    if (code) {
      const [, two, four, eight, octal] = code;
      return itself(String.fromCodePoint(Number.parseInt(two ?? four ?? eight ?? octal ?? '0', octal === undefined ? 16 : 8)));
    }
    const [, char] = this.#match(/\\([^])/uy) ?? this.#fail('bad escape (end of pattern)');
    const control = CONTROLS[char ?? ''];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(char ?? '')) this.#fail(`bad escape \\${char}`);
    return itself(char ?? '');
  }

  #class(): string {
    const negated = this.#match(/\[\^?/y)?.[0] === '[^';
    const members: string[] = [];
    // A bracket that comes first means itself, as does a hyphen that comes last.
    while (members.length === 0 || this.#source[this.#at] !== ']') {
      const low = this.#member();
      if (!this.#match(/-(?!\])/y)) members.push(low);
      else members.push(this.#range(low, this.#member()));
    }
    this.#at++;
    return `[${negated ? '^' : ''}${members.join('')}]`;
  }
  #member(): string {
    if (this.#at >= this.#source.length) this.#fail('unterminated character set');
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    if (char === '\\') return this.#match(/\\b/y) ? '\\x08' : this.#character();
    this.#at += char.length;
    return itself(char);
  }
  #range(low: string, high: string): string {
    const isSet = (member: string): boolean => member.endsWith(']');
    return isSet(low) || isSet(high) ? this.#fail('bad character range') : `${low}-${high}`;
  }
}

/** JavaScript's own \b knows ASCII letters only. */
const wordBoundary = (not: boolean, ascii: boolean): string => {
  const word = `[${(ascii ? ASCII_SETS : SETS)['w']}]`;
  return not ? `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))` : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
};

/** A Python `re` pattern as a RegExp. E_TEMPLATE for what does not compile there or cannot be said in JavaScript. */
export const pythonRegex = (pattern: string, flags: RegexFlags = {}, { global = false } = {}): RegExp => {
  try {
    return new Translation(pattern, flags).run(global);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw evaluationError(`${error.message.replace(/^Invalid regular expression: /, 'invalid regular expression ')}`);
    throw error;
  }
};

const REPLACEMENT = /\\(?:g<(\w+)>|([1-9]\d?)|(0[0-7]{0,2})|([^]))|\\$/g;
const SIMPLE: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b', '\\': '\\' };

/** Python's replacement text (`\1`, `\g<name>`, `\n`) for one match. */
export const expandReplacement = (
  replacement: string,
  match: readonly (string | undefined)[],
  names: Readonly<Record<string, string>>,
): string => {
  const group = (name: string): string => {
    if (/^\d+$/.test(name)) {
      if (Number(name) >= match.length) throw evaluationError(`invalid group reference ${name}`);
      return match[Number(name)] ?? '';
    }
    if (!(name in names)) throw evaluationError(`unknown group name '${name}'`);
    return names[name] ?? '';
  };
  return replacement.replace(REPLACEMENT, (whole, name?: string, digits?: string, octal?: string, char?: string) => {
    if (name !== undefined) return group(name);
    if (digits !== undefined) return group(digits);
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    const simple = SIMPLE[char ?? ''];
    if (simple !== undefined) return simple;
    if (char === undefined || /[A-Za-z]/.test(char)) throw evaluationError(`bad escape ${whole}`);
    return whole;
  });
};
