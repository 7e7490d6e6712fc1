export type ScalarStyle = 'plain' | 'single' | 'double';

/** What a text holds that limits how it can be written (libyaml's yaml_emitter_analyze_scalar). */
interface Analysis {
  readonly multiline: boolean;
  readonly plainInFlow: boolean;
  readonly plainInBlock: boolean;
  readonly singleQuoted: boolean;
}

export const isBreak = (char: string): boolean => /^[\r\n\x85\u2028\u2029]$/.test(char);
const isBlank = (char: string | undefined): boolean => char === undefined || char === ' ' || char === '\t' || isBreak(char);
/** libyaml knows no character beyond the basic plane as printable. */
const isPrintable = (char: string): boolean => /^[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(char);

const FIRST_INDICATORS = '#,[]{}&*!|>\'"%@`';

/** Characters that would read as syntax in a plain scalar, inside flow collections and outside. */
const indicators = (chars: readonly string[], text: string): { flow: boolean; block: boolean } => {
  let [flow, block] = Array<boolean>(2).fill(text.startsWith('---') || text.startsWith('...')) as [boolean, boolean];
  for (const [at, char] of chars.entries()) {
    const followed = isBlank(chars[at + 1]);
    const both = at === 0 ? FIRST_INDICATORS.includes(char) || (char === '-' && followed) : char === '#' && isBlank(chars[at - 1]);
    const inFlow = at === 0 ? char === '?' || char === ':' : ',?[]{}:'.includes(char);
    const colon = followed && (char === ':' || (char === '?' && at === 0));
    flow ||= both || inFlow;
    block ||= both || colon;
  }
  return { flow, block };
};

export const analyze = (text: string): Analysis => {
  if (text === '') return { multiline: false, plainInFlow: false, plainInBlock: true, singleQuoted: true };
  const chars = [...text];
  const { flow, block } = indicators(chars, text);
  const breaks = chars.some(isBreak);
  const special = !chars.every(isPrintable) || / [\r\n\x85\u2028\u2029]/.test(text);
  const edge = /^[ \r\n\x85\u2028\u2029]|[ \r\n\x85\u2028\u2029]$/.test(text);
  const breakThenSpace = /[\r\n\x85\u2028\u2029] /.test(text);
  const plain = !edge && !breakThenSpace && !special && !breaks;
  return { multiline: breaks, plainInFlow: plain && !flow, plainInBlock: plain && !block, singleQuoted: !breakThenSpace && !special };
};

/** Texts that YAML 1.1 reads as something other than a string (PyYAML's resolver). */
const OTHER_TYPES = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:<<|=|~|null|Null|NULL|)$/,
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
];

/** The lightest style that reads back as this str. */
export const chooseStyle = (text: string, { flow, simpleKey }: { readonly flow: boolean; readonly simpleKey: boolean }): ScalarStyle => {
  const { multiline, plainInFlow, plainInBlock, singleQuoted } = analyze(text);
  if (simpleKey && multiline) return 'double';
  const plain = (flow ? plainInFlow : plainInBlock) && !(text === '' && (flow || simpleKey)) && !OTHER_TYPES.some(type => type.test(text));
  if (plain) return 'plain';
  return singleQuoted ? 'single' : 'double';
};

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};
/** A character as it stands between double quotes. */
export const doubleQuotedChar = (char: string): string => {
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  if (isPrintable(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
};
