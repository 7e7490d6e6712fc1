import { basename } from 'node:path';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { glob } from '../probes/glob.ts';
import { escapeGlob } from '../shell/expand.ts';
import { quote, sh } from '../shell/sh.ts';
import { optional, path, str } from './args.ts';
import { definePrepared } from './define.ts';
import { programStep, readRun, texts } from './program.ts';
import { readDecrypted } from './source.ts';
import { splitWords } from './words.ts';

const args = z.strictObject({
  cmd: str.describe('Path of the script on the controller, and its arguments as shell text.'),
  chdir: optional(path).describe('Absolute folder on the host to run in.'),
  creates: optional(path).describe('A path on the host: when it exists, nothing is run.'),
  removes: optional(path).describe('A path on the host: when it does not exist, nothing is run.'),
  executable: optional(str).describe('Program that reads the script, instead of what its first line names.'),
});

interface Ready {
  readonly args: z.output<typeof args>;
  readonly file: string;
  readonly content: Uint8Array;
  /** The arguments as they were written: a shell on the host reads them. */
  readonly rest: string;
}
type Seen = [creates: boolean | undefined, removes: boolean | undefined];

const needless = ({ args: { creates, removes } }: Ready, [isThere, isLeft]: Seen): string | undefined => {
  if (isThere === true) return `${creates} exists, matching creates option`;
  return isLeft === false ? `${removes} does not exist, matching removes option` : undefined;
};

/** The script is kept in a private folder where files may be executed, under its own name, and is gone when it ends. */
const upload = (file: string): string => `kplay_place() {
  for kplay_at in "\${TMPDIR:-/tmp}" "$HOME" /var/tmp /dev/shm /run; do
    kplay_home=$(mktemp -d "$kplay_at/kplay.XXXXXX") || continue
    kplay_file=$kplay_home/${quote(file)}
    if : >"$kplay_file" && chmod 700 "$kplay_file" && [ -x "$kplay_file" ]; then return 0; fi
    rm -rf "$kplay_home"; kplay_home=
  done
  kplay_refuse 1 'No folder on the host can hold the script'
}
kplay_place 2>/dev/null
cat >"$kplay_file" || kplay_refuse 1 'The script could not be written on the host'
exec </dev/null`;

export const script = definePrepared<Seen, Ready>()({
  name: 'script',
  summary: 'Run a script of the controller on the host.',
  args,
  freeForm: 'cmd',
  reach: 'world',
  checkMode: 'skip',

  async prepare(given, controller): Promise<Ready> {
    const [first] = splitWords(given.cmd.trim());
    if (first === undefined) throw new KplayError('E_ARGS', 'no script given');
    if (given.chdir !== undefined && !given.chdir.startsWith('/'))
      throw new KplayError('E_ARGS', `chdir ${given.chdir} must be an absolute path for a Unix-aware remote node`);
    const found = controller.find(first.value, 'files');
    return {
      args: given,
      file: basename(found),
      content: await readDecrypted(found, controller),
      rest: given.cmd.trim().slice(first.end),
    };
  },

  observe: ({ args: { creates, removes } }) => [
    creates === undefined ? undefined : { kind: glob, subject: escapeGlob(creates) },
    removes === undefined ? undefined : { kind: glob, subject: escapeGlob(removes) },
  ],

  analyze: (ready, seen) => (needless(ready, seen) === undefined ? [{ key: 'script', before: null, after: ready.args.cmd }] : []),

  act({ args: { chdir, executable }, file, content, rest }) {
    const folder = chdir === undefined ? '' : sh`cd ${chdir} && `;
    const line = `${folder}${executable === undefined ? '' : `${executable} `}"$0"${rest}`;
    return [programStep(`${upload(file)}\nset -- /bin/sh -c ${quote(line)} "$kplay_file"`, content)];
  },

  result(ready, seen, _changes, outputs) {
    const why = needless(ready, seen);
    if (why !== undefined) return { changed: false, skipped: true, msg: why };
    const [output] = outputs ?? [];
    if (output === undefined) {
      const conditional = ready.args.creates !== undefined || ready.args.removes !== undefined;
      return conditional ? { changed: true } : { changed: false, skipped: true, msg: 'Check mode is not supported for this task.' };
    }
    const ran = readRun(output);
    if (ran.refused !== undefined) return { changed: false, failed: true, rc: ran.rc, msg: ran.refused };
    return {
      changed: true,
      rc: ran.rc,
      ...texts(ran.stdout, ran.stderr),
      ...(ran.rc === 0 ? {} : { failed: true, msg: 'non-zero return code' }),
    };
  },
});
