import { KplayError } from '../../model/errors.ts';
import { didYouMean } from '../../model/nearest.ts';
import { wordsOf } from '../words.ts';
import type { Option } from './option.ts';
import { OPTIONS } from './options.ts';

/** A `docker run` line, taken apart. Options under their long names, values as written, in order. */
export interface RunLine {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly image: string;
  readonly command: readonly string[];
}

const byName = (): ReadonlyMap<string, Option> =>
  new Map(OPTIONS.flatMap(option => [option.name, ...(option.also ?? [])].map(name => [name, option] as const)));

/**
 * Reads a line as docker's own CLI does (pflag, options end at the image): `--name value`, `--name=value`, `-dit`, `-p80:80`. A backslash
 * at the end of a line continues it. E_ARGS for anything docker would refuse, with the nearest option's name.
 */
export const parseLine = (text: string): RunLine => {
  const words = wordsOf(text.replace(/\\[ \t]*\r?\n/g, ' '));
  const start = words[0] !== 'docker' ? 0 : words[1] === 'run' ? 2 : words[1] === 'container' && words[2] === 'run' ? 3 : 0;
  if (start === 0)
    throw new KplayError('E_ARGS', 'the line must begin with "docker run"', { hint: 'write the line as you would run it on the host' });
  return parseWords(words.slice(start));
};

export const parseWords = (words: readonly string[]): RunLine => {
  const known = byName();
  const options = new Map<string, readonly string[]>();
  const add = (option: Option, value: string): void => {
    const before = option.takes === 'many' ? (options.get(option.name) ?? []) : [];
    options.set(option.name, [...before, value]);
  };
  const find = (name: string): Option => {
    const option = known.get(name);
    if (option === undefined) {
      const hint = didYouMean(name, known.keys());
      throw new KplayError('E_ARGS', `docker run has no option ${name}`, hint === undefined ? {} : { hint });
    }
    if (option.refused !== undefined) throw new KplayError('E_ARGS', `${name} cannot be used here: ${option.refused}`);
    return option;
  };
  let at = 0;
  const next = (name: string): string => {
    at += 1;
    const value = words[at];
    if (value === undefined) throw new KplayError('E_ARGS', `docker run's option ${name} needs a value`);
    return value;
  };
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      at += 1;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    if (word.startsWith('--')) long(word, find, add, next);
    else short(word, find, add, next);
  }
  const [image, ...command] = words.slice(at);
  if (image === undefined || image === '') throw new KplayError('E_ARGS', 'the docker run line names no image');
  return { options, image, command };
};
type Find = (name: string) => Option;
type Add = (option: Option, value: string) => void;
type Next = (name: string) => string;

const long = (word: string, find: Find, add: Add, next: Next): void => {
  const sign = word.indexOf('=');
  const name = sign < 0 ? word : word.slice(0, sign);
  const option = find(name);
  if (option.takes === 'nothing') add(option, truth(name, sign < 0 ? 'true' : word.slice(sign + 1)));
  else add(option, sign < 0 ? next(name) : word.slice(sign + 1));
};
const short = (word: string, find: Find, add: Add, next: Next): void => {
  for (let i = 1; i < word.length; i += 1) {
    const name = `-${word[i]}`;
    const option = find(name);
    const rest = word.slice(i + 1);
    if (option.takes === 'nothing' && !rest.startsWith('=')) {
      add(option, 'true');
      continue;
    }
    const value = rest.startsWith('=') ? rest.slice(1) : rest;
    if (option.takes === 'nothing') add(option, truth(name, value));
    else add(option, rest === '' ? next(name) : value);
    return;
  }
};
const truth = (name: string, value: string): string => {
  if (/^(1|t|true)$/i.test(value)) return 'true';
  if (/^(0|f|false)$/i.test(value)) return 'false';
  throw new KplayError('E_ARGS', `docker run's option ${name} is true or false, not ${value}`);
};

/** The words after `docker run`, canonical: parseWords gives the same line again. */
export const printLine = ({ options, image, command }: RunLine): readonly string[] => [
  ...[...options].flatMap(([name, values]) => values.map(value => `${name}=${value}`)),
  image,
  ...command,
];
