import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Changes, Controller, Fields, Output, Plain, Step } from '../model/module.ts';
import { glob } from '../probes/glob.ts';
import { escapeGlob, expanded } from '../shell/expand.ts';
import { quote } from '../shell/sh.ts';
import { any, bool, list, optional, path, str } from './args.ts';
import { definePrepared } from './define.ts';
import { changeDir, FIND_PROGRAM, joinWords, programStep, readRun, shellWords, texts, times } from './program.ts';
import { wordsOf } from './words.ts';

const common = {
  cmd: optional(str).describe('The command line, as free-form text or by name.'),
  argv: optional(list).describe('The command as a list of words.'),
  chdir: optional(path).describe('Folder on the host to run in.'),
  creates: optional(path).describe('A path or glob on the host: when it exists, nothing is run.'),
  removes: optional(path).describe('A path or glob on the host: when nothing matches, nothing is run.'),
  executable: optional(str).describe('The shell to use, as an absolute path. `command` takes no shell and ignores it.'),
  stdin: optional(str).describe('Text for the standard input.'),
  stdin_add_newline: bool.default(true).describe('Add a newline to the end of `stdin`.'),
  strip_empty_ends: bool.default(true).describe('Strip newlines from the end of stdout and stderr.'),
};
const bothArgs = z.strictObject(common);
const shellArgs = bothArgs.extend({ expand_argument_vars: optional(any).describe('Refused: the shell expands what it likes.') });
const commandArgs = bothArgs.extend({
  expand_argument_vars: bool.default(true).describe('Expand `~` and environment variables in the words, on the host.'),
});

/** What is to be run, as shell text that sets `$@`, and as the result shows it. */
interface Ready {
  readonly args: z.output<typeof bothArgs>;
  readonly check: boolean;
  readonly cmd: Plain;
  readonly words: string;
  /** The words as a message about them says them. */
  readonly spoken: string;
  readonly warnings: readonly string[];
}
type Seen = [creates: boolean | undefined, removes: boolean | undefined, folder: boolean | undefined];

/** Globs are looked for from the folder that the command runs in. */
const lookFor = (pattern: string | undefined, chdir: string | undefined) => {
  if (pattern === undefined) return undefined;
  const relative = chdir !== undefined && !/^[/~$]/.test(pattern);
  return { kind: glob, subject: relative ? `${escapeGlob(chdir)}/${pattern}` : pattern };
};

const notRun = (cmd: Plain): Fields => ({ cmd, start: null, end: null, delta: null, ...texts('', '') });
const UNFIT: Fields = { ...notRun(null), rc: 256 };

const wanted = ({ cmd, argv }: z.output<typeof bothArgs>): string | readonly string[] => {
  const line = cmd === undefined || cmd.trim() === '' ? undefined : cmd;
  if (line !== undefined && argv !== undefined && argv.length > 0)
    throw new KplayError('E_ARGS', 'only command or argv can be given, not both', { fields: UNFIT });
  const found = line ?? argv;
  if (found === undefined || found.length === 0) throw new KplayError('E_ARGS', 'no command given', { fields: UNFIT });
  return found;
};

/** Why nothing is to be run, in Ansible's words. */
const needless = ({ args: { creates, removes } }: Ready, [isThere, isLeft]: Seen): string | undefined => {
  if (isThere === true) return `since ${creates} exists`;
  return isLeft === false ? `since ${removes} does not exist` : undefined;
};

const behaviour = {
  reach: 'world',
  checkMode: 'skip',
  freeForm: 'cmd',
  observe: ({ args: { creates, removes, chdir }, check }: Ready) =>
    [
      lookFor(creates, chdir),
      lookFor(removes, chdir),
      // Otherwise the program itself tells. Without a folder it is the way to the host that is tried, become and all.
      check || (chdir !== undefined && (creates ?? removes) !== undefined)
        ? { kind: glob, subject: `${escapeGlob(chdir ?? '')}/.` }
        : undefined,
    ] as const,

  analyze(ready: Ready, seen: Seen): Changes {
    if (seen[2] === false)
      throw new KplayError(
        'E_STATE',
        `Unable to change directory before execution: [Errno 2] No such file or directory: b'${ready.args.chdir}'`,
        { fields: { ...notRun(ready.cmd), rc: null } },
      );
    return needless(ready, seen) === undefined ? [{ key: 'command', before: null, after: ready.spoken }] : [];
  },

  act({ args, words }: Ready): readonly Step[] {
    const prepare = [words, ...(args.chdir === undefined ? [] : [changeDir(expanded(args.chdir))]), FIND_PROGRAM].join('\n');
    if (args.stdin === undefined || args.stdin === '') return [programStep(prepare)];
    return [programStep(prepare, Buffer.from(args.stdin_add_newline ? `${args.stdin}\n` : args.stdin))];
  },

  result(ready: Ready, seen: Seen, _: Changes, outputs: readonly Output[] | undefined): Fields {
    const warnings = ready.warnings.length > 0 ? { warnings: ready.warnings } : {};
    const [output] = outputs ?? [];
    if (output !== undefined) return { ...outcome(ready, output), ...warnings };
    const idle = { ...notRun(ready.cmd), rc: 0, ...warnings };
    const why = needless(ready, seen);
    if (why !== undefined) {
      const quoted = why.replace(/^since (.*) (exists|does not exist)$/s, "since '$1' $2");
      return {
        ...idle,
        changed: false,
        msg: `${ready.check ? 'Would' : 'Did'} not run command ${quoted}`,
        ...texts(`skipped, ${why}`, ''),
      };
    }
    const conditional = ready.args.creates !== undefined || ready.args.removes !== undefined;
    const skipped = conditional ? { changed: true } : { changed: false, skipped: true };
    return { ...idle, ...skipped, msg: 'Command would have run if not in check mode' };
  },
} as const;

const outcome = ({ args, cmd, spoken }: Ready, output: Output): Fields => {
  const ran = readRun(output);
  if (ran.refused !== undefined) {
    const failure = { changed: false, failed: true, msg: ran.refused };
    return { ...failure, ...(ran.rc === 0 ? { ...notRun(cmd), rc: null } : { ...texts('', ''), cmd: spoken, rc: ran.rc }) };
  }
  const strip = (text: string): string => (args.strip_empty_ends ? text.replace(/[\r\n]+$/, '') : text);
  return {
    changed: true,
    cmd,
    rc: ran.rc,
    ...times(output),
    ...texts(strip(ran.stdout), strip(ran.stderr)),
    msg: ran.rc === 0 ? '' : 'non-zero return code',
    ...(ran.rc === 0 ? {} : { failed: true }),
  };
};

export const command = definePrepared<Seen, Ready>()({
  ...behaviour,
  name: 'command',
  summary: 'Run a program on the host, without a shell.',
  args: commandArgs,
  prepare(args, { check }: Controller): Ready {
    const line = wanted(args);
    const cmd = typeof line === 'string' ? wordsOf(line) : line;
    const spell = args.expand_argument_vars ? expanded : quote;
    const warnings =
      args.executable === undefined
        ? []
        : [
            `As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '${args.executable}'.`,
          ];
    return { args, check, cmd, words: `set -- ${cmd.map(spell).join(' ')}`, spoken: joinWords(cmd), warnings };
  },
});

export const shell = definePrepared<Seen, Ready>()({
  ...behaviour,
  name: 'shell',
  summary: 'Run a command line on the host, with a shell.',
  args: shellArgs,
  prepare(args, { check }: Controller): Ready {
    if (args.expand_argument_vars !== undefined)
      throw new KplayError('E_ARGS', 'Unsupported parameters for (shell) module: expand_argument_vars');
    const cmd = wanted(args);
    const line = typeof cmd === 'string' ? cmd : joinWords(cmd);
    const spoken = args.executable === undefined ? line : joinWords([args.executable, '-c', line]);
    return { args, check, cmd, words: shellWords(line, args.executable), spoken, warnings: [] };
  },
});
