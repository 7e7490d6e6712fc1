import { loadCompiled } from './compiled.ts';
import type { Env } from './system.ts';
import type * as Whole from './whole.ts';

/** The file's name, with what is in it; there is none where the sources themselves run. */
declare const WHOLE: string | undefined;

/** What does the work, loaded when there is some: most of a start. Each call loads another one. */
export const whole = async (env: Env): Promise<typeof Whole> => {
  if (typeof WHOLE === 'undefined') return await import('./whole.ts');
  const cache = env['XDG_CACHE_HOME'] ?? (env['HOME'] && `${env['HOME']}/.cache`);
  return loadCompiled(`${import.meta.dirname}/${WHOLE}`, cache && `${cache}/kplay/code`) as typeof Whole;
};
