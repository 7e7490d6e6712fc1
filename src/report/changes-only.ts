import type { Event, Status } from '../model/event.ts';

const TOLD: ReadonlySet<Status> = new Set(['changed', 'failed', 'unreachable']);

/**
 * Passes on what changed and what went wrong: those outcomes and items, the plays and tasks they are of, warnings, and the recap's hosts that are
 * concerned. Of a run that did neither nothing is left.
 */
export const changesOnly = (pass: (event: Event) => void): ((event: Event) => void) => {
  /** What has begun and was not passed on. */
  let play: Event | undefined;
  let task: Event | undefined;
  const inTask = (event: Event): void => {
    if (play) pass(play);
    if (task) pass(task);
    play = task = undefined;
    pass(event);
  };
  return event => {
    switch (event.type) {
      case 'play-start':
        play = event;
        task = undefined;
        return;
      case 'task-start':
        task = event;
        return;
      case 'item':
      case 'outcome':
        if (TOLD.has(event.outcome.status)) inTask(event);
        return;
      case 'warning':
      case 'unknown-outcome':
        return pass(event);
      case 'recap': {
        const hosts = Object.entries(event.hosts).filter(([, counts]) => counts.changed + counts.failed + counts.unreachable > 0);
        if (hosts.length > 0) pass({ ...event, hosts: Object.fromEntries(hosts) });
      }
    }
  };
};
