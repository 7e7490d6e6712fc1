import type { Source } from '../model/source.ts';
import type { YamlNode } from '../yaml/node.ts';
import { didYouMean, nearest } from '../model/nearest.ts';
import { Fields, asText, isTemplate, located, spelled } from './fields.ts';
import { KEYWORDS, isKeyword } from './keywords.ts';
import { isKnown, knownNames } from './modules.ts';
import { parsePairs, splitArguments } from './split.ts';
import type { Build } from './build.ts';
import { unknownKeyword } from './inherit.ts';
import type { Located } from './types.ts';

export interface Action {
  /** As the user wrote it. */
  readonly written: string;
  /** Without collection. */
  readonly name: string;
  readonly at: Source;
  readonly args: ReadonlyMap<string, Located>;
}
type Args = Map<string, Located>;

const COMMANDS = ['command', 'raw', 'script', 'shell', 'win_command', 'win_shell'];
/** Modules that may be given text that is no `k=v`. */
const FREE_FORM = [
  ...COMMANDS, 'import_role', 'add_host', 'include_vars', 'group_by', 'include_tasks', 'include_role', 'meta', 'set_fact', 'import_tasks',
]; // prettier-ignore

/** The module of a task and its arguments, in whichever of Ansible's forms they are written. Undefined: there was something to report. */
export const readAction = (fields: Fields, holder: 'Task' | 'Handler', build: Build): Action | undefined => {
  const statement = findStatement(fields, holder, build);
  if (!statement) return undefined;
  const { written, at, args } = statement;
  const name = build.shortName(written);
  const merged: Args = new Map([...additional(fields, build), ...args]);
  const action = { written, name, at, args: merged };
  return settleFreeForm(action, merged, build) ? action : undefined;
};

interface Statement {
  readonly written: string;
  readonly at: Source;
  readonly args: Args;
}

const findStatement = (fields: Fields, holder: 'Task' | 'Handler', build: Build): Statement | undefined => {
  const { findings } = build;
  const old = ['action', 'local_action'].filter(name => fields.has(name));
  const candidates = fields.names().filter(name => !isKeyword(holder, name) && !name.startsWith('with_'));
  const { catalog } = build.options;
  const known = candidates.filter(name => isKnown(name, catalog));
  const chosen = [...old, ...(known.length > 0 || old.length > 0 ? known : candidates.filter(name => build.isForeign(name)))];
  const [first, second] = chosen;
  if (first === undefined) return void noAction(fields, holder, candidates, build);
  if (second !== undefined) {
    const message =
      old.length === 2 ? 'action and local_action are mutually exclusive' : `conflicting action statements: ${first}, ${second}`;
    return void findings.error('E_SYNTAX', fields.keyAt(second), message);
  }
  for (const name of candidates) if (name !== first) unknownKeyword(findings, fields.keyAt(name), holder, name);
  const node = fields.get(first);
  if (!node) return undefined;
  const statement = old.length > 0 ? oldStyle(node, build) : newStyle(first, fields.keyAt(first), node, build);
  if (old.length === 0 && !isKnown(first, catalog)) unresolved(first, fields.keyAt(first), build);
  return statement;
};

const noAction = (fields: Fields, holder: 'Task' | 'Handler', candidates: readonly string[], build: Build): void => {
  if (candidates.length === 0) build.findings.error('E_SYNTAX', fields.at, 'no module/action detected in task.');
  const modules = candidates.filter(name => nearest(name, KEYWORDS[holder]) === undefined);
  const misspelt = modules.length > 0 ? modules : candidates.slice(0, 1);
  for (const name of candidates)
    if (misspelt.includes(name)) unresolved(name, fields.keyAt(name), build);
    else unknownKeyword(build.findings, fields.keyAt(name), holder, name);
};

/** A module that nobody knows. One that Ansible may well know only fails once a host gets there. */
const unresolved = (name: string, at: Source, build: Build): void => {
  if (build.isForeign(name)) return;
  const { findings, options } = build;
  findings.error('E_SYNTAX', at, unresolvedMessage(name), didYouMean(name, knownNames(options.catalog)));
};
export const unresolvedMessage = (name: string): string =>
  `couldn't resolve module/action '${name}'. This often indicates a misspelling, missing collection, or incorrect module path.`;

const unbalanced = (node: YamlNode, text: string, { findings }: Build): undefined =>
  void findings.error('E_SYNTAX', node.at, `failed at splitting arguments, either an unbalanced jinja2 block or quotes: ${text}`);

const pairs = (text: string, node: YamlNode, action: string, build: Build): Args | undefined => {
  const found = parsePairs(text, COMMANDS.includes(build.shortName(action)));
  if (!found) return unbalanced(node, text, build);
  return new Map([...found].map(([name, value]) => [name, { value, at: node.at }]));
};
const mapping = (node: YamlNode): Args => {
  const fields = new Fields(node);
  return new Map(node.entries().map(({ value }, at) => [fields.names()[at] ?? '', located(value)]));
};
const unexpected = (node: YamlNode, { findings }: Build): undefined =>
  void findings.error(
    'E_SYNTAX',
    node.at,
    `unexpected parameter type in action: a ${node.kind === 'scalar' ? typeof node.value : node.kind}`,
  );

/** `copy: src=a` or `copy: {src: a}`. */
const newStyle = (written: string, at: Source, node: YamlNode, build: Build): Statement | undefined => {
  if (node.kind === 'mapping') return { written, at, args: mapping(node) };
  if (node.value === null) return { written, at, args: new Map() };
  const text = asText(node.value);
  const args = text === undefined ? unexpected(node, build) : pairs(text, node, written, build);
  return args && { written, at, args };
};

/** `action: copy src=a` or `action: {module: copy, src: a}`. */
const oldStyle = (node: YamlNode, build: Build): Statement | undefined => {
  const module = node.kind === 'mapping' ? node.get('module') : node;
  if (!module) return void build.findings.error('E_SYNTAX', node.at, 'no module/action detected in task.');
  const text = asText(module.value);
  if (text === undefined) return unexpected(module, build);
  const words = splitArguments(text);
  if (!words) return unbalanced(module, text, build);
  const written = (words[0] ?? '').trim();
  const args = pairs(words.slice(1).join(' '), module, written, build);
  if (!args) return undefined;
  const own = node.kind === 'mapping' ? mapping(node) : new Map<string, Located>();
  own.delete('module');
  const nested = node.kind === 'mapping' ? node.get('args') : undefined;
  own.delete('args');
  const nestedText = asText(nested?.value);
  const deep =
    nested?.kind === 'mapping' ? mapping(nested) : nested && nestedText !== undefined ? pairs(nestedText, nested, '', build) : new Map();
  if (!deep) return undefined;
  return { written, at: module.at, args: new Map([...own, ...args, ...deep]) };
};

/** `args:` beside the action: what the action itself says beats it. */
const additional = (fields: Fields, { findings }: Build): Args => {
  const node = fields.get('args');
  if (node === undefined || node.value === null) return new Map();
  if (node.kind === 'mapping') return mapping(node);
  if (isTemplate(node.value)) return new Map([['_variable_params', located(node)]]);
  const message =
    typeof node.value === 'string'
      ? "Complex args containing variables cannot use bare variables (without Jinja2 delimiters), and must use the full variable style ('{{var_name}}')"
      : 'Complex args must be a dictionary or variable string ("{{var}}").';
  findings.error('E_SYNTAX', node.at, message);
  return new Map();
};

/** Puts free-form text where it belongs; false when the module takes none. */
const settleFreeForm = ({ name, at }: Action, args: Args, { findings, options }: Build): boolean => {
  const reserved = COMMANDS.includes(name) ? undefined : [...args.keys()].find(key => key.startsWith('_ansible_'));
  if (reserved !== undefined) {
    findings.error('E_SYNTAX', at, `Invalid parameter specified for action '${name}': '${reserved}'. The prefix '_ansible_' is reserved.`);
    return false;
  }
  const file = args.get('file');
  if (file && ['include_tasks', 'import_tasks'].includes(name) && spelled(args.get('_raw_params')?.value ?? '') === '') {
    args.delete('file');
    args.set('_raw_params', file);
  }
  const raw = args.get('_raw_params');
  const cmd = args.get('cmd');
  if (cmd && ['command', 'shell', 'script'].includes(name)) {
    if (raw && raw.value !== '') {
      const message =
        "The 'cmd' argument cannot be used when other raw parameters are specified. Please put everything in one or the other place.";
      findings.error('E_SYNTAX', cmd.at, message);
      return false;
    }
    args.delete('cmd');
    args.set('_raw_params', cmd);
  }
  if (!raw || raw.value === '' || FREE_FORM.includes(name) || options.catalog.get(name)?.freeForm !== undefined) return true;
  args.delete('_raw_params');
  if (isTemplate(raw.value)) {
    args.set('_variable_params', raw);
    return true;
  }
  const message = `this task '${name}' has extra params, which is only allowed in the following modules: ${FREE_FORM.join(', ')}`;
  findings.error('E_SYNTAX', raw.at, message, `write the arguments of ${name} as name: value`);
  return false;
};
