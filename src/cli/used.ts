import type { Used } from './system.ts';

/** Since then; by itself, since the process began. */
export const usedSince =
  (beganMs = 0, before?: NodeJS.CpuUsage): (() => Used) =>
  () => {
    const { user, system } = process.cpuUsage(before);
    return { wallMs: performance.now() - beganMs, processorMs: (user + system) / 1000 };
  };
