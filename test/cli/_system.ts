import type { System } from '../../src/cli/system.ts';

/** Around a command in this process that nobody watches. */
export const around: Pick<System, 'signals' | 'terminal' | 'used'> = {
  signals: process,
  terminal: { stdin: false, stderr: false, ask: () => Promise.reject(new Error('nobody is there to be asked')) },
  used: () => ({ wallMs: 0, processorMs: 0 }),
};
