import type { z } from 'zod';
import type { Action, AnyApiModule, AnyModule, ApiModule, Change, Changes, Module, Plain } from '../model/module.ts';

type Optional = 'kind' | 'prepare' | 'result' | 'checkMode';
type Definition<Args extends z.ZodObject, Seen extends readonly unknown[], Ready> = Omit<Module<Args, Seen, Ready>, Optional> &
  Partial<Pick<Module<Args, Seen, Ready>, 'result' | 'checkMode'>>;

/** A module whose arguments need no preparation. `Seen` first, so that the rest is inferred. */
export const defineModule =
  <Seen extends readonly unknown[]>() =>
  <Args extends z.ZodObject>(module: Definition<Args, Seen, z.output<Args>>): Module<Args, Seen> => ({
    kind: 'module',
    checkMode: 'full',
    prepare: args => args,
    result: () => ({}),
    ...module,
  });

/** A module that reads controller files (or anything else) before it can say what it wants. */
export const definePrepared =
  <Seen extends readonly unknown[], Ready>() =>
  <Args extends z.ZodObject>(
    module: Definition<Args, Seen, Ready> & Pick<Module<Args, Seen, Ready>, 'prepare'>,
  ): Module<Args, Seen, Ready> => ({ kind: 'module', checkMode: 'full', result: () => ({}), ...module });

export const defineAction = <Args extends z.ZodObject>(action: Omit<Action<Args>, 'kind'>): Action<Args> => ({ kind: 'action', ...action });

/** A module that speaks to an API. */
export const defineApi = <Args extends z.ZodObject, Api extends Disposable, Seen, Done, Ready>(
  module: Omit<ApiModule<Args, Api, Seen, Done, Ready>, 'kind'>,
): ApiModule<Args, Api, Seen, Done, Ready> => ({ kind: 'api', ...module });

/** The registry holds modules of all shapes; each one's types were checked by `defineModule`. */
export const anyModule = (module: unknown): AnyModule => module as AnyModule;
export const anyApiModule = (module: unknown): AnyApiModule => module as AnyApiModule;

/** Wanted values that are stated and differ. An unstated (undefined) want never differs. */
export const differing = (before: object, want: Readonly<Record<string, Plain | undefined>>): Changes => {
  const old = new Map<string, Plain>(Object.entries(before));
  return Object.entries(want).flatMap(([key, after]): Change[] =>
    after === undefined || after === old.get(key) ? [] : [{ key, before: old.get(key) ?? null, after }],
  );
};
