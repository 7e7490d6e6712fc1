import type { ErrorCode } from '../../model/errors.ts';
import type { Source } from '../../model/source.ts';
import type { Build } from '../build.ts';
import { isTemplate } from '../fields.ts';
import type { Task } from '../types.ts';
import type { Visit } from './survey.ts';

/** Will every run that gets this far evaluate the task's arguments, and fail with them? */
export const isSure = ({ reached, task }: Visit): boolean => reached && task.when.length === 0 && isSurelyLooped(task);
/** Not looped, or over something that surely is not empty. */
export const isSurelyLooped = ({ loop }: Task): boolean =>
  loop === undefined || (Array.isArray(loop.items.value) && loop.items.value.some(item => !Array.isArray(item) && !isTemplate(item)));

/** What is wrong whenever a host gets there: an error where one surely does, else a warning. */
export const report = (
  visit: Visit,
  { findings }: Build,
  code: ErrorCode,
  at: Source,
  message: string,
  hint?: string,
  sure: boolean = isSure(visit),
): void => {
  if (sure) findings.error(code, at, message, hint);
  else findings.warn(code, at, message, hint);
};
