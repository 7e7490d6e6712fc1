import * as z from 'zod';
import { pathWord } from '../probes/path.ts';
import { raw, sh } from '../shell/sh.ts';
import { choice, optional, path, str } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({
  state: choice('file', 'directory').default('file').describe('What to make.'),
  path: optional(path).describe("Folder in which it is made. Unset: the system's for temporary files."),
  prefix: str.default('ansible.').describe('What its name begins with.'),
  suffix: str.default('').describe('What its name ends in.'),
});

/** ansible.builtin.tempfile: a new file or directory, of the task's user alone. */
export const tempfile = defineModule<[]>()({
  name: 'tempfile',
  summary: 'Make a temporary file or directory.',
  args,
  reach: 'host',
  checkMode: 'skip',
  observe: () => [],
  analyze: ({ state: after }) => [{ key: 'state', before: 'absent', after }],

  // busybox' mktemp knows no suffix, so it only makes up the letters; mkdir and a shell that does not clobber refuse a name that is taken.
  act: ({ state, path: folder, prefix, suffix }) => [
    {
      script: sh`umask 077; set -C
cd -- ${folder === undefined ? raw('"${TMPDIR:-/tmp}"') : pathWord(folder)} || exit
until name=${prefix}$(mktemp -u XXXXXXXX)${suffix}; ${raw(state === 'file' ? '(: >"./$name")' : 'mkdir -- "$name"')}; do
[ -e "$name" ] || [ -L "$name" ] || exit 1
done
printf '%s\n' "${raw('${PWD%/}')}/$name"`,
    },
  ],

  result: (_given, _seen, _changes, outputs) =>
    outputs ? { path: outputs[0]!.stdout.toString().slice(0, -1) } : { msg: 'remote module (tempfile) does not support check mode' },
});
