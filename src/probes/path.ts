import { quote, raw, type Sh } from '../shell/sh.ts';

/**
 * Paths as subjects of probes. A leading `~` or `~user` and `$NAME`/`${NAME}` are expanded on the host, as ansible-core does with arguments of
 * type `path`; what follows a NUL is literal.
 */

/** `rest` below `path`, taken literally: the name of a file must not be read as a variable. */
export const under = (path: string, rest: string): string => (path.includes('\0') ? path + rest : `${path}\0${rest}`);
/** A path that is already expanded. */
export const literal = (path: string): string => `\0${path}`;

/** One shell word for a subject. An unset variable stays as it is written, as in Python's expandvars. */
export const pathWord = (subject: string): Sh => {
  const [open = '', ...rest] = subject.split('\0');
  if (open === '-' && rest.join('') === '') return raw('./-');
  const [tilde = ''] = /^~[\w.-]*(?=\/|$)/.exec(open) ?? [];
  const pieces = open
    .slice(tilde.length)
    .split(/(\$\w+|\$\{\w+\})/)
    .map((piece, i) => (i % 2 === 1 ? variable(piece) : quoted(piece)));
  const text = home(tilde) + pieces.join('') + quoted(rest.join(''));
  return raw(text === '' ? "''" : text);
};
/** Substituted, not a prefix of the word: busybox drops what follows the name of a user who does not exist. */
const home = (tilde: string): string => {
  if (tilde === '~') return '"${HOME:-~}"';
  return tilde === '' ? '' : `"$(echo ${tilde})"`;
};
const quoted = (text: string): string => (text === '' ? '' : quote(text));
const variable = (piece: string): string => {
  const name = piece.replace(/\W/g, '');
  return /^\d/.test(name) ? quote(piece) : `"\${${name}-\\$${name}}"`;
};

/**
 * Calls of the shell function `name` that hand it all subjects as arguments, some at a time: a program the function starts with its arguments
 * stays far below the kernel's limit (128 KiB a word, 2 MiB in all).
 */
export const calls = (name: string, subjects: readonly string[]): string => {
  const lines: string[] = [];
  for (let at = 0; at < subjects.length; at += CHUNK) {
    const words = subjects.slice(at, at + CHUNK).map(subject => pathWord(subject).text);
    lines.push(`${name} ${words.join(' ')}`);
  }
  return lines.join('\n');
};
const CHUNK = 200;

/**
 * A shell function: one line of output for each argument, from one run of `command` over all of them. Where that fails (a file vanished
 * meanwhile), one run for each argument, with an empty line for what fails.
 */
export const LINES = `lines() {
c=$1; shift; [ $# -gt 0 ] || return 0
o=$($c "$@" 2>/dev/null) || o=$(for p do o=$($c "$p" 2>/dev/null) || o=; printf '%s\\n' "$o"; done)
printf '%s\\n' "$o"
}`;
