import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { inventoryOf, labHere } from './src/lab/lab.ts';

const lab = labHere();

/** bin folder of an Ansible that kplay is compared with; test/setup/prepare.sh puts it there. */
const oracle = (variable: string, requirements: string): Record<string, string> => {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const bin = process.env[variable] ?? join(lab.cacheDir, `oracle-${key}`, 'bin');
  return existsSync(bin) ? { [variable]: bin } : {};
};
const oracles = { ...oracle('KPLAY_ORACLE', 'test/setup/oracle.txt'), ...oracle('KPLAY_ORACLE_219', 'test/setup/oracle-2.19.txt') };

export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 600_000,
    globalSetup: ['test/setup/build.ts'],
    setupFiles: ['test/setup/seed.ts', 'test/setup/scratch.ts'],
    env: { KPLAY_LAB: inventoryOf(lab), ...oracles },
    // Told apart by numbers from 1: files of group 0 that have one worker come last.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.test.ts', 'test/**/*.drill.test.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // Its files share the hosts of one lab, so one at a time, and after everything quick.
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          globalSetup: ['test/setup/lab.ts'],
          // Ten machines on one: what failed once for want of time is asked again, what fails twice is broken.
          retry: 1,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        // Faults on a whole cluster, half an hour of them: asked for by name.
        test: { name: 'drills', include: ['test/**/*.drill.test.ts'], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
