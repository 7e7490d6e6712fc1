import { KplayError } from '../model/errors.ts';
import type { Task } from '../playbook/types.ts';
import type { Batch } from './batch.ts';
import type { HostState } from './host.ts';

/**
 * Notes what a changed task notifies. Names wait for the flush, where those count that are defined by then; a handler that notifies others
 * means those of now.
 */
export const notify = (batch: Batch, host: HostState, task: Task, flushing: boolean): void => {
  for (const name of task.notify.length > 0 ? batch.runner.notifications(host, task) : []) {
    const handlers = handlersFor(batch, host, name);
    if (handlers.length === 0) missing(batch, task, name);
    else if (flushing) for (const handler of handlers) host.notified.add(handler);
    else host.notifications.add(name);
  }
};

/** The handlers that a flush is to run: those that answer now to what the host was notified of. */
export const answer = (batch: Batch, host: HostState): void => {
  for (const name of host.notifications) for (const handler of handlersFor(batch, host, name)) host.notified.add(handler);
  host.notifications.clear();
};

const missing = ({ context: { options } }: Batch, { at }: Task, name: string): void => {
  const message = `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
  if (options.errorOnMissingHandler !== false) throw new KplayError('E_SYNTAX', message, { at });
  options.emit({ type: 'warning', message, at });
};

/**
 * From the last list to the first, and in each from its start: one that has the name, and all that listen to it, of several with one name
 * the first (ansible.plugins.strategy.StrategyBase.search_handlers_by_notification).
 */
const handlersFor = (batch: Batch, host: HostState, name: string): readonly Task[] => {
  const handlers = batch.handlers.toReversed().flat();
  const chosen = handlers.find(handler => {
    const own = nameOf(batch, host, handler);
    return own !== undefined && (own === name || (handler.role !== undefined && `${handler.role.name} : ${own}` === name));
  });
  const listening = new Map(
    handlers
      .filter(({ listen }) => listen.includes(name))
      .toReversed()
      .map(handler => [handler.name?.value ?? handler, handler]),
  );
  return [...(chosen ? [chosen] : []), ...listening.values()];
};

/** A handler's name; undefined where it has none, or one that needs what is not known: it answers only to what it listens to. */
const nameOf = ({ runner, context }: Batch, host: HostState, handler: Task): string | undefined => {
  const { name, listen } = handler;
  if (!name) return undefined;
  try {
    return runner.keywords(host, handler).text(name);
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    const message = `Handler '${name.value}' is unusable because it has no listen topics and the name could not be templated. The error: ${error.message}`;
    if (listen.length === 0 && !context.unusable.has(name.value)) context.options.emit({ type: 'warning', message, at: name.at });
    context.unusable.add(name.value);
    return undefined;
  }
};
