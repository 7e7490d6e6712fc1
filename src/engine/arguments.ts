import { KplayError } from '../model/errors.ts';
import type { Task as Definition } from '../model/module.ts';
import type { Source } from '../model/source.ts';
import type { Located, Task } from '../playbook/types.ts';
import type { Templating } from './templating.ts';
import { type Overheard, overheard, type Scope } from '../value/scope.ts';
import { toPlain } from '../value/plain.ts';
import type { Value } from '../value/value.ts';

/** A value the user left out with `omit` disappears, at any depth. */
const withoutOmitted = (value: Value, omit: Value | undefined): Value | undefined => {
  if (omit !== undefined && value === omit) return undefined;
  if (Array.isArray(value)) {
    const kept = value.map(item => withoutOmitted(item, omit));
    return kept.includes(undefined) ? kept.filter(item => item !== undefined) : value;
  }
  if (!(value instanceof Map)) return value;
  const kept = new Map<Value, Value>();
  for (const [key, item] of value) {
    const inner = withoutOmitted(item, omit);
    if (inner !== undefined) kept.set(key, inner);
  }
  return kept;
};

/** module_defaults for this action, lowest first; names as written, short or fully qualified. */
const defaultsFor = (
  task: Task,
  { collections = [] }: Definition,
  templar: Templating,
  scope: Scope,
): readonly (readonly [string, Value])[] => {
  const names = new Set([task.action, ...['ansible.builtin', 'ansible.legacy', ...collections].map(of => `${of}.${task.action}`)]);
  return task.moduleDefaults.flatMap(({ value }) => {
    if (!(value instanceof Map)) return [];
    return [...value].flatMap(([name, args]) => {
      const resolved = names.has(String(name)) ? templar.resolve(args, scope) : undefined;
      return resolved instanceof Map ? [...resolved].map(([key, item]) => [String(key), item] as const) : [];
    });
  });
};

export type Arguments = Record<string, unknown>;

/** Enough for a loop; what differs from host to host would fill any memory. */
const MOST_CHECKED = 64;
const MOST_KEY_CHARS = 4096;

/** Arguments as the schemas of their modules make them. Those of a task are mostly the same for all hosts, and guessed before they are used. */
export class Checks {
  readonly #checked = new WeakMap<Task, Map<string, Arguments>>();

  of(task: Task, definition: Definition, given: Record<string, unknown>): Arguments {
    // What an action takes may be no JSON.
    if (definition.kind === 'action') return checked(task, definition, given);
    const key = JSON.stringify(given);
    // Of a number that is none, JSON makes null.
    if (key.length > MOST_KEY_CHARS || key.includes('null')) return checked(task, definition, given);
    let known = this.#checked.get(task);
    if (!known) this.#checked.set(task, (known = new Map()));
    let args = known.get(key);
    if (!args) {
      if (known.size === MOST_CHECKED) known.clear();
      known.set(key, (args = checked(task, definition, given)));
    }
    return args;
  }
}
const checked = (task: Task, definition: Definition, given: Record<string, unknown>): Arguments => {
  const parsed = definition.args.safeParse(given);
  if (parsed.success) return parsed.data as Arguments;
  throw refused(parsed.error.issues, definition, task);
};

/**
 * A task's arguments, templated and checked by the module's own schema; those in `without` are empty text. Throws E_ARGS, E_UNDEFINED or
 * E_TEMPLATE.
 */
export const argumentsOf = (
  task: Task,
  definition: Definition,
  templar: Templating,
  scope: Scope,
  checks: Checks,
  without: readonly string[] = [],
): Arguments => {
  const omit = scope.lookup('omit');
  const given: Record<string, unknown> = {};
  const nameOf = (name: string): string => definition.aliases?.[name] ?? name;
  const values = definition.kind === 'action' ? (definition.values ?? []) : [];
  const put = (name: string, value: Value, at: Source): void => {
    const kept = withoutOmitted(value, omit);
    if (kept === undefined) return;
    const canonical = name === '_raw_params' && definition.freeForm ? definition.freeForm : nameOf(name);
    if (!definition.args.shape[canonical] && !(definition.kind === 'action' && definition.open)) throw unsupported(name, definition, at);
    given[canonical] = values.includes(canonical) ? kept : toPlain(kept);
  };
  for (const [name, value] of defaultsFor(task, definition, templar, scope)) put(name, value, task.at);
  const raw = definition.kind === 'action' ? (definition.raw ?? []) : [];
  const resolved = (name: string, { value, at }: Located): Value => {
    if (without.includes(name)) return '';
    return raw.includes(name) ? value : located(() => templar.resolve(value, scope, at), at);
  };
  for (const [name, argument] of expanded(task, templar, scope)) put(name, resolved(nameOf(name), argument), argument.at);
  return checks.of(task, definition, given);
};

/** The same, or what the module has against them: it is the module that fails then, not the task that cannot be evaluated. */
export const givenArguments = (...of: Parameters<typeof argumentsOf>): Arguments | KplayError => {
  try {
    return argumentsOf(...of);
  } catch (error) {
    if (error instanceof KplayError && error.code === 'E_ARGS') return error;
    throw error;
  }
};

/** set_fact's arguments as template values: floats, and text that to_json made, stay what they are. */
export const factsOf = (task: Task, templar: Templating, scope: Scope): ReadonlyMap<string, Overheard<Value>> =>
  new Map(
    [...expanded(task, templar, scope)].map(([name, { value, at }]) => [name, overheard(scope, () => templar.fact(value, scope, at))]),
  );

/** Errors without a place get the argument's; of an undefined variable playbooks know Ansible's words. */
const located = <T>(work: () => T, at: Source): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KplayError) || error.at) throw error;
    const isUndefined = error.code === 'E_UNDEFINED';
    const lead = isUndefined ? 'The task includes an option with an undefined variable. The error was: ' : '';
    throw new KplayError(error.code, lead + error.message, {
      at,
      ...(isUndefined && {
        fields: { msg: `${lead}${error.message}\n\nThe error appears to be in '${at.file}': line ${at.line}, column ${at.col}` },
      }),
      cause: error,
      ...(error.detail && { detail: error.detail }),
      ...(error.hint && { hint: error.hint }),
    });
  }
};

/** `args: "{{ a_dict }}"` and its like: one templated mapping that supplies several arguments. */
function* expanded(task: Task, templar: Templating, scope: Scope): Iterable<readonly [string, Located]> {
  for (const [name, argument] of task.args) {
    if (name !== '_variable_params') {
      // set_fact takes templates for names.
      yield [name.includes('{{') ? String(templar.resolve(name, scope)) : name, argument];
      continue;
    }
    const value = templar.resolve(argument.value, scope);
    if (!(value instanceof Map)) throw new KplayError('E_ARGS', `args must be a mapping, got ${String(value)}`, { at: argument.at });
    for (const [key, item] of value) yield [String(key), { value: item, at: argument.at }];
  }
}

const unsupported = (name: string, definition: Definition, at: Source): KplayError =>
  new KplayError(
    'E_ARGS',
    `Unsupported parameters for (${definition.name}) module: ${name}. Supported parameters include: ${Object.keys(definition.args.shape).sort().join(', ')}.`,
    { at },
  );

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string;
}
const refused = (issues: readonly Issue[], definition: Definition, task: Task): KplayError => {
  const missing = issues.filter(({ path, message }) => path.length === 1 && /undefined/.test(message)).map(({ path }) => String(path[0]));
  const message =
    missing.length > 0
      ? `missing required arguments: ${missing.join(', ')}`
      : issues.map(({ path, message: text }) => (path.length > 0 ? `argument '${path.map(String).join('.')}': ${text}` : text)).join('; ');
  const name = issues[0]?.path[0];
  return new KplayError('E_ARGS', `${definition.name}: ${message}`, {
    at: (name !== undefined && task.args.get(String(name))?.at) || task.at,
  });
};
