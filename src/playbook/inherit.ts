import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import { didYouMean } from '../model/nearest.ts';
import type { Findings } from './findings.ts';
import { asText, located, locatedList, spelled } from './fields.ts';
import type { Fields } from './fields.ts';
import { KEYWORDS, TEXT_KEYWORDS, isIdentifier, isKeyword } from './keywords.ts';
import type { Holder } from './keywords.ts';
import type { Located, RawVars, Shared } from './types.ts';

/** Keywords of which the innermost counts. */
const SINGLE = {
  become: 'become', become_user: 'becomeUser', become_method: 'becomeMethod', become_flags: 'becomeFlags', become_exe: 'becomeExe',
  remote_user: 'remoteUser', connection: 'connection', port: 'port', delegate_to: 'delegateTo', delegate_facts: 'delegateFacts',
  run_once: 'runOnce', ignore_errors: 'ignoreErrors', ignore_unreachable: 'ignoreUnreachable', any_errors_fatal: 'anyErrorsFatal',
  check_mode: 'checkMode', diff: 'diff', no_log: 'noLog', throttle: 'throttle', timeout: 'timeout',
} as const satisfies Record<string, keyof Shared>; // prettier-ignore
const single = Object.entries(SINGLE);

export const NOTHING_SHARED: Shared = { when: [], tags: [], environment: [], moduleDefaults: [] };

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** The keywords of a thing inside another: `when`, tags, environment and module_defaults add up, of the rest the inner one counts. */
export const inherit = (outer: Shared, fields: Fields, findings: Findings): Shared => {
  const merged: Open<Shared> = { ...outer };
  for (const [keyword, property] of single) {
    if (!fields.has(keyword)) continue;
    const value = fields.located(keyword);
    if (value === undefined) delete merged[property];
    else merged[property] = value;
  }
  const guard = fields.text('guard');
  if (guard) merged.guard = guard;
  if (fields.has('local_action')) merged.delegateTo = { value: 'localhost', at: fields.keyAt('local_action') };
  merged.when = [...outer.when, ...newConditions(outer.when, locatedList(fields.get('when')))];
  merged.tags = [...new Set([...outer.tags, ...tagsOf(fields, findings)])];
  merged.environment = [...outer.environment, ...locatedList(fields.get('environment'))];
  merged.moduleDefaults = [...outer.moduleDefaults, ...moduleDefaults(fields, findings)];
  return merged;
};

/** A condition that stands further out already is not asked twice. */
const newConditions = (outer: readonly Located[], own: readonly Located[]): readonly Located[] =>
  own.filter(({ value }) => value !== null && !outer.some(each => each.value === value));

const tagsOf = (fields: Fields, findings: Findings): readonly string[] => {
  const node = fields.get('tags');
  if (node === undefined) return [];
  if (node.kind === 'sequence') return node.items().map(item => spelled(item.value));
  const text = asText(node.value);
  if (text !== undefined) return text.split(',').map(tag => tag.trim());
  findings.error('E_SYNTAX', node.at, 'tags must be specified as a list');
  return [];
};

const moduleDefaults = (fields: Fields, findings: Findings): readonly Located[] => {
  const node = fields.get('module_defaults');
  if (node === undefined || node.value === null) return [];
  const items = node.kind === 'sequence' ? node.items() : [node];
  const wrong = items.filter(({ kind }) => kind !== 'mapping');
  for (const { at } of wrong)
    findings.error('E_SYNTAX', at, "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, keyed by module");
  return items.filter(item => !wrong.includes(item)).map(located);
};

/** `vars:` of anything. */
export const varsOf = (fields: Fields, holder: string, findings: Findings): RawVars => {
  const node = fields.get('vars');
  if (node === undefined || node.value === null) return new Map();
  if (node.kind !== 'mapping') {
    findings.error('E_SYNTAX', node.at, `Vars in a ${holder} must be specified as a dictionary`);
    return new Map();
  }
  const vars = new Map<string, Value>();
  for (const { key, value } of node.entries()) {
    if (isIdentifier(key.value)) vars.set(String(key.value), value.value);
    else invalidVariable(findings, key.at, holder, spelled(key.value));
  }
  return vars;
};
const invalidVariable = (findings: Findings, at: Source, holder: string, name: string): void =>
  findings.error(
    'E_SYNTAX',
    at,
    `Invalid variable name in vars specified for ${holder}: '${name}' is not a valid variable name`,
    'letters, digits and underscores, not starting with a digit',
  );

/** What Ansible refuses when it loads a thing: keywords it does not know, and lists or mappings where text belongs. */
export const checkKeywords = (
  fields: Fields,
  holder: Holder,
  findings: Findings,
  except: (name: string) => boolean = () => false,
): void => {
  for (const name of fields.names()) {
    if (except(name)) continue;
    if (!isKeyword(holder, name)) unknownKeyword(findings, fields.keyAt(name), holder, name);
    else if (TEXT_KEYWORDS.includes(name)) checkText(fields, name, findings);
  }
};
export const unknownKeyword = (findings: Findings, at: Source, holder: Holder, name: string): void =>
  findings.error('E_SYNTAX', at, `'${name}' is not a valid attribute for a ${holder}`, didYouMean(name, KEYWORDS[holder]));

const checkText = (fields: Fields, name: string, findings: Findings): void => {
  const node = fields.get(name);
  if (!node || node.kind === 'scalar') return;
  const kind = node.kind === 'mapping' ? 'mapping' : 'list';
  findings.error(
    'E_SYNTAX',
    node.at,
    `The field '${name}' is supposed to be a string type, however the incoming data structure is a ${kind}`,
  );
};
