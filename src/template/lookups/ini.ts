import { pythonRegex } from '../../value/python-regex.ts';
import { evaluationError } from '../../value/errors.ts';
import { isText, textOf, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import type { Run } from '../run.ts';
import type { Lookup } from './define.ts';
import { readText } from './search.ts';

type Section = Map<string, string | null>;
interface Reading {
  readonly caseSensitive: boolean;
  readonly allowNoValue: boolean;
}

const DEFAULT_SECTION = 'DEFAULT';
const fail = (what: string): never => {
  throw evaluationError(`ini lookup: ${what}`);
};

/** One line after another, as Python's configparser takes them: an indented line goes on with the value above. */
class IniReader {
  readonly sections = new Map<string, Section>([[DEFAULT_SECTION, new Map()]]);
  readonly #reading: Reading;
  #section: Section | undefined;
  #option: string | undefined;
  #indent = 0;
  constructor(text: string, reading: Reading) {
    this.#reading = reading;
    for (const line of text.split(/\r\n|\r|\n/)) this.#line(line);
    for (const section of this.sections.values())
      for (const [name, value] of section) section.set(name, value === null ? null : value.trimEnd());
  }
  #line(line: string): void {
    const value = line.trim();
    if (/^[#;]/.test(value)) return;
    if (value === '') return this.#goOn('');
    const indent = line.search(/\S/);
    if (this.#option !== undefined && indent > this.#indent) return this.#goOn(value);
    this.#indent = indent;
    const name = /^\[(.+)\]/.exec(value)?.[1];
    if (name === undefined) this.#assign(value);
    else this.#begin(name);
  }
  #goOn(value: string): void {
    const before = this.#option === undefined ? undefined : this.#section?.get(this.#option);
    if (this.#option !== undefined && typeof before === 'string') this.#section?.set(this.#option, `${before}\n${value}`);
    else if (value !== '') fail(`nothing that "${value}" could go on with`);
  }
  #begin(name: string): void {
    if (name !== DEFAULT_SECTION && this.sections.has(name)) fail(`section '${name}' already exists`);
    this.#section = this.sections.get(name) ?? new Map();
    this.sections.set(name, this.#section);
    this.#option = undefined;
  }
  #assign(line: string): void {
    if (!this.#section) return fail('File contains no section headers.');
    const [, name = line, value] = /^(.*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (name === '' || (value === undefined && !this.#reading.allowNoValue)) fail(`Source contains parsing errors: "${line}"`);
    const option = this.#reading.caseSensitive ? name : name.toLowerCase();
    if (this.#section.has(option)) fail(`Duplicate option in the file: '${option}'`);
    this.#section.set(option, value ?? null);
    this.#option = option;
  }
}

const MAX_DEPTH = 10;
/** `%(name)s` of the same section, `%%`. */
const interpolated = (text: string, values: Section, depth = 0): string => {
  if (depth > MAX_DEPTH) fail(`Recursion limit exceeded in value substitution: ${text}`);
  return text.replace(/%(?:%|\(([^)]+)\)s|)/g, (sign, name?: string) => {
    if (sign === '%%') return '%';
    const value = name === undefined ? fail(`'%' must be followed by '%' or '(', found: '${text}'`) : values.get(name.toLowerCase());
    return typeof value === 'string' ? interpolated(value, values, depth + 1) : fail(`Bad value substitution: ${name}`);
  });
};

const DEFAULTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['type', 'ini'],
  ['file', 'ansible.ini'],
  ['section', 'global'],
  ['re', false],
  ['encoding', 'utf-8'],
  ['default', ''],
  ['case_sensitive', false],
  ['allow_no_value', false],
  ['interpolation', true],
]);
const flag = (value: Value): boolean => (isText(value) ? /^(?:yes|on|1|true|y|t)$/i.test(textOf(value)) : truth(value));

/** `key name=value …`: values go on until the next option. */
const inline = (term: string): { key: string; options: ReadonlyMap<string, Value> } => {
  const options = new Map<string, Value>();
  let [key, name]: [string | undefined, string | undefined] = [undefined, undefined];
  for (const word of term.trim().split(/\s+/)) {
    const [, option, value = ''] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (option !== undefined) {
      if (!DEFAULTS.has(option)) fail(`${option} is not a valid option.`);
      if (value.includes('=')) fail(`Could not use '${word}'`);
      options.set(option, value);
      name = option;
    } else if (name === undefined) key = key === undefined ? word : `${key} ${word}`;
    else options.set(name, `${str(options.get(name) ?? '')} ${word}`);
  }
  return { key: key ?? fail(`No key to lookup was provided as first term with in string inline options: ${term}`), options };
};

const one = (key: string, options: ReadonlyMap<string, Value>, run: Run): Value[] => {
  const option = (name: string): Value => options.get(name) ?? DEFAULTS.get(name) ?? null;
  const properties = str(option('type')) === 'properties';
  const section = properties ? 'java_properties' : str(option('section'));
  const text = readText(str(option('file')), str(option('encoding')), 'ini', run);
  const reading = { caseSensitive: flag(option('case_sensitive')), allowNoValue: flag(option('allow_no_value')) };
  const { sections } = new IniReader(properties ? `[java_properties]\n${text}` : text, reading);
  const own = sections.get(section) ?? fail(`No section '${section}' in ${str(option('file'))}`);
  const values: Section = new Map([...(sections.get(DEFAULT_SECTION) ?? []), ...own]);
  const shown = (value: string | null): Value => (value === null || !flag(option('interpolation')) ? value : interpolated(value, values));
  if (flag(option('re'))) {
    const pattern = pythonRegex(key);
    const anchored = new RegExp(pattern.source, `${pattern.flags}y`);
    return [...values].filter(([name]) => new RegExp(anchored).test(name)).map(([, value]) => shown(value));
  }
  const value = values.get(reading.caseSensitive ? key : key.toLowerCase());
  const found = value === undefined ? option('default') : shown(value);
  return found === null ? [] : [found];
};

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_lookup.html */
export const ini: Lookup = (terms, named, run) => {
  const options = new Map(named);
  const given = options.get('allow_none');
  if (given !== undefined) options.set('allow_no_value', given);
  if (options.has('type') && !['ini', 'properties'].includes(str(options.get('type') ?? null))) fail('type must be ini or properties');
  return terms.flatMap(term => {
    const text = str(term);
    if (!text.includes('=') && !text.trim().includes(' ')) return one(text, options, run);
    const { key, options: inner } = inline(text);
    for (const [name, value] of inner) options.set(name, value);
    return one(key, options, run);
  });
};
