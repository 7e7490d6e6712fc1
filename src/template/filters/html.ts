import { evaluationError } from '../../value/errors.ts';
import { iterate } from '../../value/iterate.ts';
import { integerArgument, textArgument } from '../../value/call.ts';
import { isMapping, truth, typeName } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import { Undefined, type Value } from '../../value/value.ts';
import { pairsOf } from './dict.ts';
import { type Filters, takes } from './define.ts';
import { escapeHtml } from './text.ts';

const WEB =
  /^(?:(?:https?:\/\/|www\.)(?:(?:[\w%-]+\.)+)?(?:[a-z]{2,63}|xn--[\w%]{2,59})|(?:[\w%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)|https?:\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|\[(?:[\da-f]{0,4}:){2}(?:[\da-f]{0,4}:?){1,6}\]))(?::\d{1,5})?(?:[/?#]\S*)?$/i;
const MAIL = /^\S+@\w[\w.-]*\.\w+$/;
const SCHEME = /^[\w.+-]{2,}:(?:\/){0,2}$/;
const BRACKETS = [
  ['(', ')'],
  ['<', '>'],
  ['&lt;', '&gt;'],
] as const;

const count = (text: string, part: string): number => text.split(part).length - 1;
/** A word without the punctuation around it; a closing bracket that the word itself opens belongs to it. */
const parted = (word: string): readonly [head: string, middle: string, tail: string] => {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
  const rest = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(rest)?.[0] ?? '';
  let middle = rest.slice(0, rest.length - tail.length);
  for (const [open, close] of BRACKETS) {
    const missing = count(middle, open) - count(middle, close);
    if (missing <= 0) continue;
    for (let left = Math.min(count(middle, open), count(tail, close)); left > 0; left--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return [head, middle, tail];
};

interface Link {
  readonly limit: number | undefined;
  readonly attributes: string;
  readonly schemes: readonly string[];
}
const linked = (word: string, { limit, attributes, schemes }: Link): string => {
  const shown = limit !== undefined && [...word].length > limit ? `${[...word].slice(0, limit).join('')}...` : word;
  if (WEB.test(word)) return `<a href="${/^https?:\/\//.test(word) ? '' : 'https://'}${word}"${attributes}>${shown}</a>`;
  if (word.startsWith('mailto:') && MAIL.test(word.slice(7))) return `<a href="${word}">${word.slice(7)}</a>`;
  if (!/^(?:www\.|@)|:/.test(word) && MAIL.test(word)) return `<a href="mailto:${word}">${word}</a>`;
  return schemes.reduce(
    (text, scheme) => (text !== scheme && text.startsWith(scheme) ? `<a href="${text}"${attributes}>${text}</a>` : text),
    word,
  );
};
const urlize = (text: string, link: Link): string =>
  escapeHtml(text)
    .split(/(\s+)/)
    .map(word => {
      const [head, middle, tail] = parted(word);
      return head + linked(middle, link) + tail;
    })
    .join('');

const attribute = (name: string, value: string): string => (value === '' ? '' : ` ${name}="${escapeHtml(value)}"`);
const relation = (rel: Value, nofollow: Value): string => {
  const parts = new Set([
    ...(truth(rel) ? str(rel).split(/\s+/).filter(Boolean) : []),
    ...(truth(nofollow) ? ['nofollow'] : []),
    'noopener',
  ]);
  return [...parts].toSorted().join(' ');
};
const schemesOf = (value: Value): string[] =>
  value === null
    ? []
    : iterate(value).map(item => {
        const scheme = textArgument(item, 'a URI scheme');
        if (!SCHEME.test(scheme)) throw evaluationError(`${repr(scheme)} is not a valid URI scheme prefix.`);
        return scheme;
      });

const xmlAttributes = (input: Value, space: boolean): string => {
  if (!isMapping(input)) throw evaluationError(`'${typeName(input)}' object has no attribute 'items'`);
  const attributes = (pairsOf(input) ?? []).flatMap(([key, value]) => {
    if (value === null || value instanceof Undefined) return [];
    const name = textArgument(key, 'an attribute name');
    if (/[\s/>=]/.test(name)) throw evaluationError(`Invalid character in attribute name: ${repr(name)}`);
    return [`${escapeHtml(name)}="${escapeHtml(str(value))}"`];
  });
  return (space && attributes.length > 0 ? ' ' : '') + attributes.join(' ');
};

export const htmlFilters: Filters = {
  urlize: takes(
    ['trim_url_limit', 'nofollow', 'target', 'rel', 'extra_schemes'],
    (input, [limit = null, nofollow = false, target = null, rel = null, schemes = null]) =>
      urlize(str(input), {
        limit: limit === null ? undefined : integerArgument(limit, 0),
        attributes: attribute('rel', relation(rel, nofollow)) + attribute('target', target === null ? '' : str(target)),
        schemes: schemesOf(schemes),
      }),
  ),
  xmlattr: takes(['autospace'], (input, [space = true]) => xmlAttributes(input, truth(space))),
};
