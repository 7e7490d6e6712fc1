import type { Build } from '../build.ts';
import { asText, isTemplate } from '../fields.ts';
import { didYouMean } from '../../model/nearest.ts';
import type { Play, Task } from '../types.ts';
import type { Visit } from './survey.ts';

/** What a handler answers to. */
const callsOf = ({ name, role, listen }: Task): readonly string[] => {
  const own = name?.value;
  const short = role?.name.slice(role.name.lastIndexOf('.') + 1);
  return [...listen, ...(own === undefined ? [] : [own, ...(role ? [`${role.name} : ${own}`, `${short} : ${own}`] : [])])];
};

/** Notified handlers that do not exist: a task that changes something then fails. Handlers named by templates may be any. */
export const checkNotify = (visits: readonly Visit[], { findings }: Build): void => {
  const known = new Map<Play, Set<string>>();
  for (const { task, play, handler } of visits) {
    const calls = known.get(play) ?? new Set<string>();
    known.set(play, calls);
    if (handler) for (const call of callsOf(task)) calls.add(call);
  }
  for (const { task, play } of visits) {
    const calls = known.get(play) ?? new Set<string>();
    if ([...calls].some(isTemplate)) continue;
    for (const { value, at } of task.notify) {
      const name = asText(value);
      if (name === undefined || isTemplate(name) || calls.has(name)) continue;
      const message = `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
      findings.warn('E_SYNTAX', at, message, didYouMean(name, calls));
    }
  }
};
