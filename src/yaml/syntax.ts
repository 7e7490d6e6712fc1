import type { YAMLError } from 'yaml';
import { KplayError } from '../model/errors.ts';
import type { Locate } from './node.ts';

/** What people usually meant, by the line the parser stumbled over; the first that fits. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^\s*\t/, 'a tab is no indentation in YAML: use spaces'],
  [/(?:^|[:-])\s+\{\{|^\{\{/, 'a value that starts with a template needs quotes: "{{ name }}"'],
  [/[:-]\s+(["']).*\1\s*[^\s#,\]}:]/, 'the quotes end before the value does: put the whole value in the other kind of quotes'],
  [/:\s+[%@`]/, 'a value that starts with %, @ or ` needs quotes'],
  [/:\s.*:(?:\s|$)/, 'a value with ": " in it needs quotes'],
];

/** An error of the parser in kplay's terms. The line before counts too: many slips are noticed one line late. */
export const syntaxError = (text: string, locate: Locate, { code, message, pos }: YAMLError): KplayError => {
  // Of a wrong indentation the parser tells where it starts; people look for what is indented.
  const blank = code === 'BAD_INDENT' ? (/^\s*(?=\S)/.exec(text.slice(pos[0]))?.[0].length ?? 0) : 0;
  const at = locate(pos[0] + blank);
  const lines = text.split(/\r?\n/);
  const near = [lines[at.line - 1] ?? '', lines[at.line - 2] ?? ''];
  const hint = /closing ["']quote/.test(message)
    ? 'a quote is opened and not closed'
    : near.flatMap(line => HINTS.filter(([pattern]) => pattern.test(line)))[0]?.[1];
  return new KplayError('E_YAML', message, hint === undefined ? { at } : { at, hint });
};
