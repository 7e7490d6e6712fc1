import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import type { Rolling } from '../playbook/types.ts';
import type { Setback } from './batch.ts';

type Setbacks = ReadonlyMap<string, Setback>;

/** The hosts of the play outside of the batch. */
export interface Whole {
  readonly done: readonly string[];
  readonly untouched: readonly string[];
}

/** What became of the hosts of a batch that had begun, by name. */
export interface Rollback {
  /** A gate was asked after it. */
  readonly isGated: boolean;
  readonly back: readonly string[];
  /** Rolled back, but the gate does not hold. */
  readonly unhealthy: Setbacks;
  readonly failed: Setbacks;
  readonly lost: readonly string[];
}

/** Nobody can tell who is down, so nobody may follow. */
export const budgetUnknown = (at: Source, whole: Whole, cause: KplayError): KplayError =>
  new KplayError('E_ROLLING', `${whole.untouched[0]} must wait: 'unavailable' does not tell who is down: ${cause.message}`, {
    at,
    cause,
    detail: lines(wholeLines(whole)),
    hint: cause.hint ?? 'make sure that it always gives a list, as default([]) does',
  });

/** The batch was not begun. */
export const budgetSpent = (
  at: Source,
  { mayBeDown, down, done, untouched }: Whole & { mayBeDown: number; down: readonly string[] },
): KplayError =>
  new KplayError(
    'E_ROLLING',
    `${untouched[0]} must wait: ${down.join(', ')} ${are(down)} down already, and max_unavailable is ${mayBeDown}`,
    {
      at,
      detail: lines(wholeLines({ done, untouched })),
      hint: `bring ${down.join(', ')} back, or allow more with max_unavailable; then run again`,
    },
  );

/** A host of the batch failed. */
export const afterRollback = (
  rolling: Rolling,
  told: Whole & { readonly setbacks: Setbacks; readonly rollback: Rollback | undefined; readonly batch: readonly string[] },
): KplayError => {
  const { setbacks, rollback, batch } = told;
  const [first = '', ...others] = failures(setbacks);
  return new KplayError('E_ROLLING', `${first}; ${outcome(rolling, rollback)}`, {
    at: [...setbacks.values()][0]?.task?.at ?? rolling.at,
    detail: lines([
      ...others.map(other => `also: ${other}`),
      named('the batch', batch),
      ...(rollback ? rollbackLines(rollback) : []),
      ...wholeLines(told),
    ]),
    hint: 'find out why it failed, then run again: what is done already changes nothing',
  });
};

const outcome = ({ rollback: written }: Rolling, rollback: Rollback | undefined): string => {
  if (!rollback) return '--check changed nothing, so nothing is rolled back';
  if (written.length === 0) return 'no rollback is written: its batch stays as it is';
  const { failed, unhealthy, lost, back, isGated } = rollback;
  if (failed.size > 0) return 'the rollback of its batch failed';
  if (unhealthy.size > 0) return 'its batch was rolled back, not healthy: it stays as it is';
  if (back.length === 0) return lost.length > 0 ? 'nothing could be rolled back' : 'nothing had begun, so nothing was rolled back';
  return `its batch was rolled back${isGated ? ' and is healthy' : ''}`;
};

const rollbackLines = ({ isGated, back, unhealthy, failed, lost }: Rollback): readonly string[] => [
  named(isGated ? 'rolled back and healthy' : 'rolled back', back),
  ...failures(unhealthy).map(one => `rolled back, not healthy: ${one}`),
  ...failures(failed).map(one => `not rolled back: ${one}`),
  named('not rolled back, unreachable', lost),
];
const wholeLines = ({ done, untouched }: Whole): readonly string[] => [named('done before', done), named('never touched', untouched)];

const failures = (setbacks: Setbacks): readonly string[] =>
  [...setbacks].map(([host, { task, result }]) => {
    const message = result.message?.split('\n', 1)[0] ?? '';
    return `${host} failed${task ? ` at [${task.role === undefined ? '' : `${task.role} : `}${task.name}]` : ''}${message === '' ? '' : `: ${message}`}`;
  });
const named = (what: string, hosts: readonly string[]): string => (hosts.length > 0 ? `${what}: ${hosts.join(', ')}` : '');
const lines = (all: readonly string[]): string => all.filter(line => line !== '').join('\n');
const are = (hosts: readonly string[]): string => (hosts.length > 1 ? 'are' : 'is');
