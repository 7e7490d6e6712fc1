import { tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { SemanticsVersion } from '../../src/model/semantics.ts';
import { KplayError } from '../../src/model/errors.ts';
import { controllerHost, Templar, type TemplateHost } from '../../src/template/index.ts';
import { fromJson } from '../../src/value/json.ts';
import { fromPlain, Undefined, type Value } from '../../src/value/value.ts';
import type { Plain } from '../../src/model/module.ts';
import type { Scope } from '../../src/value/scope.ts';

/** The real host with a still clock and JSON for YAML; override what a test needs. */
export const testHost = (overrides: Partial<TemplateHost> = {}): TemplateHost => ({
  ...controllerHost({
    clock: { now: () => new Date(Date.UTC(2024, 1, 29, 12, 30, 5)) },
    env: { HOME: '/root', KPLAY_TEST: 'from-env' },
    parseYaml: fromJson,
    parseYamlAll: text => [fromJson(text)],
    hostNames: pattern => [pattern],
  }),
  random: () => 0.5,
  ...overrides,
});
export const templar = (overrides: Partial<TemplateHost> = {}, semantics: SemanticsVersion = '2.18'): Templar =>
  new Templar(testHost(overrides), { semantics });

/** Plain values; a name whose text holds a template is evaluated on the way, as the vars room does. */
export const scopeOf = (values: ReadonlyMap<string, Value>, engine: Templar): Scope => {
  const scope: Scope = {
    lookup: name => {
      const value = values.get(name);
      if (value === undefined) return undefined;
      try {
        return engine.resolve(value, scope, { as: 'variable' });
      } catch (error) {
        // Fails only when it is used, so that `default` and `is defined` can look at it.
        if (error instanceof KplayError && error.code === 'E_UNDEFINED') return new Undefined(`${String(value)}: ${error.message}`);
        throw error;
      }
    },
    names: () => values.keys(),
    derived: name => {
      const value = values.get(name);
      return typeof value === 'string' && value.includes('{{');
    },
  };
  return scope;
};
export const plainScope = (values: Readonly<Record<string, Plain>>, engine: Templar = templar()): Scope =>
  scopeOf(new Map(Object.entries(values).map(([name, value]) => [name, fromPlain(value)])), engine);

/** The code and message of the KplayError that `run` throws. */
export const failure = (run: () => unknown): { code: string; message: string } => {
  try {
    const value = run();
    throw new Error(`did not fail but gave ${String(value)}`);
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    return { code: error.code, message: error.message };
  }
};

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'kplay-template-'));
