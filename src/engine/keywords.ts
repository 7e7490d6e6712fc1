import { KplayError } from '../model/errors.ts';
import type { Located, Shared, Task } from '../playbook/types.ts';
import { toPlain } from '../value/plain.ts';
import { isTemplate } from '../template/syntax.ts';
import type { Scope } from '../value/scope.ts';
import { str } from '../value/repr.ts';
import type { Value } from '../value/value.ts';
import type { Templating } from './templating.ts';
import { type Keyword, truthy } from './address.ts';

/** Reads a task's keywords, whose values may be templates. The scope is made only when one is. */
export class Keywords {
  readonly #templar: Templating;
  readonly #task: Task;
  readonly #scope: () => Scope;
  constructor(templar: Templating, task: Task, scope: () => Scope) {
    this.#templar = templar;
    this.#task = task;
    this.#scope = scope;
  }

  flag(name: keyof Shared, otherwise = false): boolean {
    const keyword = this.#task[name] as Located | undefined;
    if (keyword === undefined) return otherwise;
    return typeof keyword.value === 'boolean' ? keyword.value : truthy(this.#templar.resolve(keyword.value, this.#scope(), keyword.at));
  }

  /** The host a task is delegated to, if it is. */
  delegate(): string | undefined {
    if (!this.#task.delegateTo) return undefined;
    const value = this.#templar.resolve(this.#task.delegateTo.value, this.#scope());
    return value === null || value === '' || value === this.#scope().lookup('omit') ? undefined : str(value);
  }

  /** The name for output; one that cannot be templated is shown as written. */
  name(): string {
    const { name, written } = this.#task;
    if (!name) return written;
    try {
      return this.text(name);
    } catch (error) {
      if (error instanceof KplayError) return name.value;
      throw error;
    }
  }

  /** The scope of a name without a template is not made. */
  text({ value }: Located<string>): string {
    return isTemplate(value) ? str(this.#templar.resolve(value, this.#scope()) ?? '') : value;
  }

  readonly value: Keyword = name => {
    const keyword = this.#task[name] as Located | undefined;
    return keyword === undefined ? undefined : this.#templar.resolve(keyword.value, this.#scope(), keyword.at);
  };

  number({ value, at }: Located): number {
    const resolved = Number(toPlain(this.#templar.resolve(value, this.#scope(), at)));
    if (Number.isNaN(resolved)) throw new KplayError('E_ARGS', 'a number is wanted here', { at });
    return resolved;
  }

  /** `environment`, merged from the outermost in. */
  environment(): ReadonlyMap<string, Value> {
    const merged = new Map<string, Value>();
    for (const { value, at } of this.#task.environment) {
      const resolved = this.#templar.resolve(value, this.#scope(), at);
      for (const map of Array.isArray(resolved) ? resolved : [resolved]) {
        if (!(map instanceof Map)) throw new KplayError('E_ARGS', `environment must be a dictionary, got ${String(map)}`, { at });
        for (const [name, item] of map) {
          if (!/^[A-Za-z_]\w*$/.test(String(name)))
            throw new KplayError('E_ARGS', `'${String(name)}' cannot be the name of an environment variable`, { at });
          merged.set(String(name), item);
        }
      }
    }
    return merged;
  }
}
