import { evaluationError } from '../../value/errors.ts';
import { fromJson } from '../../value/json.ts';
import type { Value } from '../../value/value.ts';

export interface Token {
  /** `name`, `quoted`, `literal`, `number` and `end`; anything else is the sign itself. */
  readonly kind: string;
  readonly text: string;
  readonly value: Value;
}

const TOKEN =
  /\s*(?:(?<name>[A-Za-z_]\w*)|"(?<quoted>(?:[^"\\]|\\[^])*)"|`(?<literal>(?:[^`\\]|\\[^])*)`|'(?<raw>(?:[^'\\]|\\[^])*)'|(?<number>-?\d+)|(?<sign>\[\]|\[\?|\|\||&&|[!=<>]=|[.*@&(){}\][,:|!<>]))/y;

export const syntaxError = (expression: string, what: string): Error =>
  evaluationError(`JMESPathError in json_query filter plugin:\n${what} in "${expression}"`);

/** JSON, or for old expressions a text without its quotes. */
const literal = (text: string): Value => {
  try {
    return fromJson(text);
  } catch {
    return fromJson(`"${text.trimStart()}"`);
  }
};
const tokenOf = ({ name, quoted, literal: json, raw, number, sign = '' }: Readonly<Record<string, string | undefined>>): Token => {
  if (name !== undefined) return { kind: 'name', text: name, value: name };
  if (quoted !== undefined) return { kind: 'quoted', text: quoted, value: fromJson(`"${quoted}"`) };
  if (json !== undefined) return { kind: 'literal', text: json, value: literal(json.replaceAll('\\`', '`')) };
  if (raw !== undefined) return { kind: 'literal', text: raw, value: raw.replaceAll("\\'", "'") };
  return number === undefined ? { kind: sign, text: sign, value: null } : { kind: 'number', text: number, value: Number(number) };
};

/** An expression's tokens, with one for its end; E_TEMPLATE for what is none. */
export const tokens = (expression: string): Token[] => {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (expression.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (!match?.groups) throw syntaxError(expression, `Unknown token at column ${from}`);
    found.push(tokenOf(match.groups));
  }
  if (found.length === 0) throw syntaxError(expression, 'Nothing');
  return [...found, { kind: 'end', text: '', value: null }];
};
