import { KplayError } from '../model/errors.ts';
import { equals } from '../value/compare.ts';
import { getKey, hasKey, setKey } from '../value/dict.ts';
import { defined } from '../value/errors.ts';
import { iterate } from '../value/iterate.ts';
import { isDict, isList, isText, textOf, truth, typeName } from '../value/kinds.ts';
import { repr, str } from '../value/repr.ts';
import type { Dict, Value } from '../value/value.ts';
import { exclusive, RULES } from './argument_rules.ts';
import { classOf, converted, Mismatch, toDict } from './argument_types.ts';

/**
 * What an argument spec has against the options that are given: the messages of Ansible's ArgumentSpecValidator
 * (module_utils/common/arg_spec.py), all of them and in its order. Values of options that are `no_log` are masked in them.
 */
export const complaints = (spec: Dict, given: Dict): readonly string[] => new Check().all(spec, given);

const HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER';
/** A spec as it may be told: the defaults of options that are `no_log` are secrets, too. */
export const tellable = (spec: Dict, hidden = false): Dict =>
  new Map(
    [...spec].map(([name, option]): readonly [Value, Value] => {
      if (!isDict(option)) return [name, option];
      const isHidden = hidden || truth(attribute(option, 'no_log'));
      const told: Dict = new Map(option);
      if (isHidden && truth(attribute(option, 'default'))) told.set('default', HIDDEN);
      const inner = attribute(option, 'options');
      if (isDict(inner)) told.set('options', tellable(inner, isHidden));
      return [name, told];
    }),
  );

const attribute = (option: Value, name: string): Value => {
  if (!isDict(option)) throw new KplayError('E_ARGS', `'${typeName(option)}' object has no attribute 'get'`);
  return getKey(option, name) ?? null;
};
const typeOf = (option: Value): string => str(attribute(option, 'type') ?? 'str');
/** The options of a dict, or of each dict of a list. */
const innerSpec = (option: Value): Dict | undefined => {
  const inner = attribute(option, 'options');
  const type = typeOf(option);
  return isDict(inner) && (type === 'dict' || (type === 'list' && attribute(option, 'elements') === 'dict')) ? inner : undefined;
};
const itemsOf = (value: Value): readonly Value[] => (isList(value) ? value : [value]);
const copied = (value: Value): Value => {
  if (isList(value)) return value.map(copied);
  return isDict(value) ? copiedDict(value) : defined(value);
};
const copiedDict = (dict: Dict): Dict => new Map([...dict].map(([key, item]) => [key, copied(item)]));

/** Where a level of options is: the names of those that hold it. */
type Path = readonly string[];
const within = (path: Path): string => (path.length === 0 ? '' : ` found in ${path.join(' -> ')}`);
/** The same in messages about types. */
const inside = (path: Path, end: string): string => (path.length === 0 ? '' : ` found in '${path.join(' -> ')}'${end}`);

class Check {
  readonly #errors: string[] = [];
  readonly #secrets = new Set<string>();
  /** Options that no spec has, by their dotted names, each with what there is instead. */
  readonly #unsupported = new Map<string, string>();

  all(spec: Dict, given: Dict): readonly string[] {
    this.#level(spec, copiedDict(given), new Map(), [], false);
    const names = [...this.#unsupported.keys()].toSorted();
    if (names.length > 0)
      this.#errors.push(`${names.join(', ')}. Supported parameters include: ${[...this.#unsupported.values()].at(-1)}.`);
    const secrets = [...this.#secrets].toSorted((a, b) => b.length - a.length);
    return this.#errors.map(error => secrets.reduce((text, secret) => text.replaceAll(secret, '********'), error));
  }

  /** `given` takes on aliases, defaults and types as they are found out. `rules` is what holds this level: the option, or nothing. */
  #level(spec: Dict, given: Dict, rules: Dict, path: Path, hidden: boolean): void {
    const aliases = this.#attempt(() => aliasesOf(spec, given));
    this.#attempt(() => this.#conceal(spec, given, hidden));
    this.#attempt(() => this.#unknown(spec, given, aliases ?? new Map(), path));
    this.#broken(() => exclusive(attribute(rules, 'mutually_exclusive') ?? [], given), path);
    this.#defaults(spec, given, false, hidden);
    this.#broken(() => missing(spec, given), path);
    for (const [name, option] of spec) if (hasKey(given, name)) this.#type(name, option, given, path, hidden);
    for (const [name, option] of spec) this.#choice(name, option, given, path);
    for (const [name, rule] of Object.entries(RULES)) this.#broken(() => rule(attribute(rules, name) ?? [], given), path);
    this.#defaults(spec, given, true, hidden);
    for (const [name, option] of spec) this.#inner(name, option, given, path, hidden);
  }

  /** What goes wrong with a TypeError in Ansible is one more message there. */
  #attempt<T>(work: () => T, told = (message: string): string => message): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Mismatch) && !(error instanceof KplayError && error.code === 'E_TEMPLATE')) throw error;
      this.#errors.push(told(error.message));
      return undefined;
    }
  }
  #broken(rule: () => string | undefined, path: Path): void {
    const message = this.#attempt(rule);
    if (message !== undefined) this.#errors.push(message + within(path));
  }

  #conceal(spec: Dict, given: Dict, hidden: boolean): void {
    for (const [name, option] of spec) {
      const value = getKey(given, name) ?? null;
      const isHidden = hidden || truth(attribute(option, 'no_log'));
      if (isHidden) this.#secret(value);
      const inner = innerSpec(option);
      if (inner === undefined || value === null) continue;
      for (const item of itemsOf(value)) {
        const dict = isText(item) ? toDict(item) : item;
        if (!isDict(dict)) {
          const wanted = `must be a ${typeOf(option)}, not '${typeName(dict)}'`;
          throw new Mismatch(`Value '${str(dict)}' in the sub parameter field '${str(name)}' ${wanted}`);
        }
        this.#conceal(inner, dict, isHidden);
      }
    }
  }
  /** All texts and numbers in a value, as such and as Python quotes them. */
  #secret(value: Value): void {
    if (isList(value)) value.forEach(item => this.#secret(item));
    else if (isDict(value)) [...value.values()].forEach(item => this.#secret(item));
    else if (isText(value) && textOf(value) !== '') this.#secrets.add(textOf(value)).add(repr(value).slice(1, -1));
    else if (!isText(value) && value !== null && typeof value !== 'boolean') this.#secrets.add(str(value));
  }

  #unknown(spec: Dict, given: Dict, aliases: ReadonlyMap<Value, Value>, path: Path): void {
    const names = [...given.keys()].filter(name => !hasKey(spec, name) && !aliases.has(name));
    if (names.length === 0) return;
    const others = [...aliasesOf(spec, given).keys()].map(str).toSorted();
    const supported = [...spec.keys()].map(str).filter(name => !others.includes(name));
    const told = supported.toSorted().join(', ') + (others.length === 0 ? '' : ` (${others.join(', ')})`);
    for (const name of names) this.#unsupported.set([...path, str(name)].join('.'), told);
  }

  /** First those that the spec states; at the end what nobody gave is None. */
  #defaults(spec: Dict, given: Dict, all: boolean, hidden: boolean): void {
    for (const [name, option] of spec) {
      const value = attribute(option, 'default');
      if (hasKey(given, name) || (value === null && !all)) continue;
      if (hidden || truth(attribute(option, 'no_log'))) this.#secret(value);
      setKey(given, name, copied(value));
    }
  }

  #type(name: Value, option: Value, given: Dict, path: Path, hidden: boolean): void {
    const value = getKey(given, name) ?? null;
    if (value === null && !truth(attribute(option, 'required')) && attribute(option, 'default') === null) return;
    const type = typeOf(option);
    const take = (made: Value): void => {
      if (hidden || truth(attribute(option, 'no_log'))) this.#secret(made);
      setKey(given, name, made);
    };
    this.#attempt(
      () => {
        const made = converted(value, type);
        take(made);
        const elements = attribute(option, 'elements');
        if (!truth(elements)) return;
        if (type !== 'list')
          this.#errors.push(
            `Invalid type ${type} for option '${str(made)}'${inside(path, '.')}, elements value check is supported only with 'list' type`,
          );
        take(this.#elements(name, iterate(made), str(elements), path));
      },
      why => `argument '${str(name)}' is of type ${classOf(value)}${inside(path, '.')} and we were unable to convert to ${type}: ${why}`,
    );
  }
  #elements(name: Value, items: readonly Value[], type: string, path: Path): Value {
    return items.flatMap(item => {
      const where = `Elements value for option '${str(name)}'${inside(path, '')}`;
      const told = (why: string): string => `${where} is of type ${classOf(item)} and we were unable to convert to ${type}: ${why}`;
      const made = this.#attempt(() => [converted(item, type)], told);
      return made ?? [];
    });
  }

  #choice(name: Value, option: Value, given: Dict, path: Path): void {
    const choices = attribute(option, 'choices');
    if (choices === null) return;
    const say = (message: string): void => void this.#errors.push(message + within(path));
    if (!isList(choices)) return say(`internal error: choices for argument ${str(name)} are not iterable: ${str(choices)}`);
    if (!hasKey(given, name)) return;
    const value = getKey(given, name) ?? null;
    const isNone = (item: Value): boolean => !choices.some(choice => equals(choice, item));
    const all = choices.map(str).join(', ');
    if (isList(value)) {
      const none = value.filter(isNone);
      if (none.length > 0) say(`value of ${str(name)} must be one or more of: ${all}. Got no match for: ${none.map(str).join(', ')}`);
    } else if (isNone(value)) {
      const meant = meantBy(value, choices);
      if (meant === undefined) say(`value of ${str(name)} must be one of: ${all}, got: ${str(value)}`);
      else setKey(given, name, meant);
    }
  }

  #inner(name: Value, option: Value, given: Dict, path: Path, hidden: boolean): void {
    const inner = innerSpec(option);
    if (inner === undefined) return;
    if (truth(attribute(option, 'apply_defaults')) && (getKey(given, name) ?? null) === null) setKey(given, name, new Map());
    const value = getKey(given, name) ?? null;
    if (value === null) return;
    for (const item of itemsOf(value))
      if (isDict(item)) this.#level(inner, item, option as Dict, [...path, str(name)], hidden || truth(attribute(option, 'no_log')));
      else this.#errors.push(`value of '${str(name)}' must be of type dict or list of dicts`);
  }
}

/** The option of each alias; an option takes the value that is given under one. */
const aliasesOf = (spec: Dict, given: Dict): ReadonlyMap<Value, Value> => {
  const all = new Map<Value, Value>();
  for (const [name, option] of spec) {
    const aliases = attribute(option, 'aliases');
    if (attribute(option, 'default') !== null && truth(attribute(option, 'required')))
      throw new Mismatch(`internal error: required and default are mutually exclusive for ${str(name)}`);
    if (aliases === null) continue;
    if (!isList(aliases)) throw new Mismatch('internal error: aliases must be a list or tuple');
    for (const alias of aliases) {
      all.set(alias, name);
      if (hasKey(given, alias)) setKey(given, name, getKey(given, alias) ?? null);
    }
  }
  return all;
};

const missing = (spec: Dict, given: Dict): string | undefined => {
  const names = [...spec]
    .filter(([name, option]) => truth(attribute(option, 'required')) && !hasKey(given, name))
    .map(([name]) => str(name));
  return names.length === 0 ? undefined : `missing required arguments: ${names.toSorted().join(', ')}`;
};

const WORDS: Readonly<Record<string, readonly Value[]>> = {
  True: ['y', 'yes', 'on', '1', 'true', 't', true],
  False: ['n', 'no', 'off', '0', 'false', 'f', false],
};
/** YAML reads `no` as a boolean, and a text made of that is `False`: it stands for the only choice that means it. */
const meantBy = (value: Value, choices: readonly Value[]): Value | undefined => {
  const words = isText(value) ? (WORDS[textOf(value)] ?? []) : [];
  const [meant, ...others] = words.filter(word => choices.some(choice => equals(choice, word)));
  return others.length === 0 ? meant : undefined;
};
