import { KplayError } from '../model/errors.ts';
import type { Input, Output, Step } from '../model/module.ts';
import type { RulesOff } from './rules.ts';
import { becomeKey, type Seat } from './targets.ts';

export interface Sender {
  readonly off: RulesOff;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** Runs one step in its place; `sent` is called when it is on its way. E_ACT where it had to succeed and did not. */
export const send = async (step: Step, seat: Seat, hands: Sender, taskTimeoutMs: number | undefined, sent: () => void): Promise<Output> => {
  const startedAt = hands.now();
  const timeoutMs = step.timeoutMs ?? taskTimeoutMs;
  const request = {
    script: (hands.off.has(10) ? '' : seat.prelude) + step.script,
    ...(step.stdin !== undefined && { stdin: step.stdin as Input }),
    ...(seat.become && { become: seat.become }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal: hands.signal,
  };
  const answer = seat.timed({ on: 'act' }, () => seat.target.connection.run(request));
  sent();
  const { rc, stdout, stderr } = await answer;
  seat.target.opened.add(becomeKey(seat.become));
  return judged(step, { rc, stdout, stderr, startedAt, endedAt: hands.now() });
};

/** E_ACT where a step had to succeed and did not. */
export const judged = (step: Step, output: Output): Output => {
  const { rc, stdout, stderr } = output;
  if (rc === 0 || step.exit === 'any') return output;
  const explained = step.explain?.(output);
  if (explained) throw explained;
  const detail = stderr.toString().trim() || stdout.toString().trim();
  throw new KplayError('E_ACT', detail.split('\n').at(-1) || `the act ended with status ${rc}`, { detail });
};
