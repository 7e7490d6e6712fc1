import { literal } from '../value/literal.ts';
import { undefinedError } from '../value/errors.ts';
import { isList, Iterated, MarkedText } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import { unsafe } from '../value/unsafe.ts';
import { Vaulted } from '../value/vaulted.ts';
import { Float, Tuple, Undefined, type Value } from '../value/value.ts';
import type { Concat } from './run.ts';

/** Printing what is undefined is an error, at any depth; an inline `if` without `else` is told from it. */
export const wellDefined = (value: Value): Value => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Undefined) {
    if (!value.lenient) throw undefinedError(value);
  } else if (Array.isArray(value)) value.forEach(wellDefined);
  else if (value instanceof Map) for (const item of value.values()) wellDefined(item);
  return value;
};
/** What Ansible 2.18 prints of a value: nothing for None, a list for what can only be iterated. */
const printed = (value: Value): Value => {
  if (value === null || value instanceof Undefined) return '';
  return value instanceof Iterated ? [...value] : value;
};

const joined = (pieces: readonly Value[]): string => pieces.map(piece => str(printed(piece))).join('');
/** Template files: text, whatever was printed. */
export const textResult: Concat = joined;

/** Its repr reads back as itself, so writing and reading it would only take time. */
const survives = (value: Value): boolean => {
  if (value === null || typeof value !== 'object') return true;
  if (value instanceof Float) return Number.isFinite(value.value);
  if (value instanceof Map) return [...value].every(([key, item]) => survives(key) && survives(item));
  return (isList(value) || value instanceof Tuple) && value.every(survives);
};

/**
 * Playbook strings: what reads as a list, a dict or a bool becomes one (Ansible's ansible_eval_concat); a sole piece of marked text stays
 * as it is. `{{ 1 }}` is therefore '1', and `{{ [1] }}` a list.
 */
export const playbookResult: Concat = pieces => {
  const only = pieces.length === 1 ? printed(pieces[0] ?? null) : undefined;
  if (only !== undefined) {
    if (only instanceof Vaulted) return unsafe(playbookResult([only.text]));
    if (only instanceof MarkedText) return only;
    if ((isList(only) || only instanceof Map) && survives(only)) return only;
    if (typeof only === 'boolean') return only;
  }
  const text = joined(pieces);
  const first = text[0];
  if (first !== '{' && first !== '[' && text !== 'True' && text !== 'False') return text;
  const value = literal(text, { json: true });
  return value === undefined ? text : value;
};

const newlines = (text: string): number => /\n*$/.exec(text)?.[0].length ?? 0;
/** Ansible gives back the newlines at a text's end that Jinja takes away. */
export const withNewlinesOf = (source: string, result: Value, newline: string): Value => {
  if (!(typeof result === 'string' || result instanceof MarkedText) || !source.endsWith('\n')) return result;
  const text = str(result);
  const missing = newlines(source) - newlines(text);
  return missing > 0 ? text + newline.repeat(missing) : result;
};

/** Marked text is for variables; everyone else gets the string. */
export const plainText = (value: Value): Value => {
  if (value instanceof MarkedText) return value.text;
  if (Array.isArray(value) && value.some(item => plainText(item) !== item)) return value.map(plainText);
  if (value instanceof Map && [...value.values()].some(item => plainText(item) !== item))
    return new Map([...value].map(([key, item]) => [key, plainText(item)]));
  return value;
};
