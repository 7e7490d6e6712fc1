import { KplayError } from '../model/errors.ts';

export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with E_INTERRUPTED as its reason. */
  readonly signal: AbortSignal;
  /** Gives the signals their usual meaning again. */
  dispose(): void;
}

/** What of `process` is needed to hear signals and to die of one. */
export interface Signals {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}
export const NAMES: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
export const INTERRUPTED = 130;

/** The first signal ends the run in order: what runs on hosts is killed there and reported. The second one ends kplay at once. */
export const interruptible = (signals: Signals, tell: (message: string) => void): Interruption => {
  const controller = new AbortController();
  const hear = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return signals.exit(INTERRUPTED);
    tell(`${name}: stopping what runs on the hosts; once more to quit at once`);
    controller.abort(new KplayError('E_INTERRUPTED', `interrupted by ${name}`));
  };
  for (const name of NAMES) signals.on(name, hear);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of NAMES) signals.off(name, hear);
    },
  };
};
