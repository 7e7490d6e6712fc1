import * as z from 'zod';
import { optional, str } from './args.ts';
import { defineModule } from './define.ts';
import { programStep, readRun, shellWords, texts } from './program.ts';

const args = z.strictObject({
  free_form: str.describe('The command line for the login shell of the host, as it is.'),
  executable: optional(str).describe('Another shell, as an absolute path.'),
});

export const raw = defineModule<[]>()({
  name: 'raw',
  summary: 'Run a command line on a host as it is, with nothing expected of the host.',
  args,
  freeForm: 'free_form',
  reach: 'world',
  checkMode: 'skip',
  observe: () => [],
  analyze: ({ free_form }) => [{ key: 'command', before: null, after: free_form }],
  act: ({ free_form, executable }) => [programStep(shellWords(free_form, executable))],
  result(_args, _seen, _changes, outputs) {
    const [output] = outputs ?? [];
    if (output === undefined) return { changed: false, skipped: true };
    const { rc, stdout, stderr } = readRun(output);
    return { changed: true, rc, ...texts(stdout, stderr), ...(rc === 0 ? {} : { failed: true, msg: 'non-zero return code' }) };
  },
});
