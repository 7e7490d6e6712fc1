import { loadCompiled } from './compiled.ts';
import type { Env } from './system.ts';
import type * as Whole from './whole.ts';

/** The file's name, with what is in it; there is none where the sources themselves run. */
declare const WHOLE: string | undefined;

/** What does the work, loaded when it is first asked for: most of a start. */
export const whole = (env: Env): (() => Promise<typeof Whole>) => {
  let loading: Promise<typeof Whole> | undefined;
  return () => (loading ??= load(env));
};

const load = async (env: Env): Promise<typeof Whole> => {
  if (typeof WHOLE === 'undefined') return await import('./whole.ts');
  return loadCompiled(`${import.meta.dirname}/${WHOLE}`, codeFolders(env)) as typeof Whole;
};

/** In the user's cache (https://specifications.freedesktop.org/basedir-spec): relative names are none. */
const codeFolders = ({ XDG_CACHE_HOME: cache, HOME: home, NODE_DISABLE_COMPILE_CACHE: none }: Env): readonly string[] => {
  if (none) return [];
  if (cache?.startsWith('/')) return [cache, `${cache}/kplay`, `${cache}/kplay/code`];
  return home?.startsWith('/') ? [home, `${home}/.cache`, `${home}/.cache/kplay`, `${home}/.cache/kplay/code`] : [];
};
