import type { Build } from '../build.ts';
import { isTemplate, spelled } from '../fields.ts';
import type { Located, Play, Task } from '../types.ts';
import { report } from './report.ts';
import type { Visit } from './survey.ts';

type Type = 'bool' | 'int' | 'float';
const BOOL = /^(?:y|yes|on|1|true|t|1\.0|n|no|off|0|false|f|0\.0)$/i;
const FITS: Readonly<Record<Type, (text: string) => boolean>> = {
  bool: text => BOOL.test(text),
  int: text => Number.isInteger(Number(text.replaceAll('_', ''))) && text.trim() !== '',
  float: text => !Number.isNaN(Number(text.replaceAll('_', ''))) && text.trim() !== '',
};

const OF_TASK = {
  become: 'bool', runOnce: 'bool', ignoreErrors: 'bool', ignoreUnreachable: 'bool', anyErrorsFatal: 'bool', checkMode: 'bool', diff: 'bool',
  noLog: 'bool', delegateFacts: 'bool', port: 'int', throttle: 'int', timeout: 'int', retries: 'int', async: 'int', poll: 'int', delay: 'float',
} as const satisfies Partial<Record<keyof Task, Type>>; // prettier-ignore
const OF_PLAY = {
  gatherFacts: 'bool', forceHandlers: 'bool', gatherTimeout: 'int', maxFailPercentage: 'float',
} as const satisfies Partial<Record<keyof Play, Type>>; // prettier-ignore

const NAMES: Readonly<Record<string, string>> = { async: 'async_val' };
/** Ansible's spelling of a property. */
const keyword = (property: string): string => NAMES[property] ?? property.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

const misfit = (property: string, given: Located | undefined, type: Type): string | undefined => {
  if (!given || isTemplate(given.value) || typeof given.value === 'boolean') return undefined;
  const text = spelled(given.value)
    .trim()
    .replace(/%$/, type === 'float' ? '' : '$&');
  if (FITS[type](text)) return undefined;
  return `the field '${keyword(property)}' has an invalid value ('${spelled(given.value)}'), and could not be converted to ${type}.`;
};

/** Literal keywords that cannot be what they have to be. */
export const checkTaskKeywords = (visit: Visit, build: Build): void => {
  for (const [property, type] of Object.entries(OF_TASK)) {
    const given = visit.task[property as keyof typeof OF_TASK];
    const message = misfit(property, given, type);
    if (given && message !== undefined) report(visit, build, 'E_SYNTAX', given.at, message);
  }
};
/** `loop` takes a list; a literal of another kind is none. */
export const checkLoop = (visit: Visit, build: Build): void => {
  const { loop, when } = visit.task;
  if (loop?.style !== 'loop' || Array.isArray(loop.items.value) || isTemplate(loop.items.value)) return;
  const message = `Invalid data passed to 'loop', it requires a list, got this instead: ${spelled(loop.items.value)}.`;
  report(visit, build, 'E_SYNTAX', loop.items.at, message, 'put it in [ ]', visit.reached && when.length === 0);
};
/** Those of a play Ansible looks at before it looks for hosts. */
export const checkPlayKeywords = (play: Play, { findings }: Build): void => {
  for (const [property, type] of Object.entries(OF_PLAY)) {
    const given = play[property as keyof typeof OF_PLAY];
    const message = misfit(property, given, type);
    if (given && message !== undefined) findings.error('E_SYNTAX', given.at, message);
  }
};
