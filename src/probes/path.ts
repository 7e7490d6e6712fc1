import { expanded } from '../shell/expand.ts';
import { quote, raw, type Sh } from '../shell/sh.ts';

/**
 * Paths as subjects of probes. A leading `~` or `~user` and `$NAME`/`${NAME}` are expanded on the host, as ansible-core does with arguments of
 * type `path`; what follows a NUL is literal.
 */

/** `rest` below `path`, taken literally: the name of a file must not be read as a variable. */
export const under = (path: string, rest: string): string => (path.includes('\0') ? path + rest : `${path}\0${rest}`);
/** A path that is already expanded. */
export const literal = (path: string): string => `\0${path}`;

/** One shell word for a subject. */
export const pathWord = (subject: string): Sh => {
  const [open = '', ...rest] = subject.split('\0');
  const tail = rest.join('');
  // Programs take a lone dash for their standard input.
  if (open + tail === '-') return raw('./-');
  // A slash that is quoted would not end the tilde.
  if (open === '~' && tail.startsWith('/')) return raw(`~/${quote(tail.slice(1))}`);
  return raw(open === '' ? quote(tail) : expanded(open) + (tail === '' ? '' : quote(tail)));
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
 * meanwhile), one run for each argument, with an empty line for what fails; where it fails and says nothing, there is nothing to be had of any.
 * A command that ends in `exec` spares a process: it has one of its own.
 */
export const LINES = `lines() {
kplay_c=$1; shift; [ $# -gt 0 ] || return 0
kplay_o=$($kplay_c "$@" 2>/dev/null) || [ -z "$kplay_o" ] || kplay_o=$(for kplay_p do kplay_o=$($kplay_c "$kplay_p" 2>/dev/null) || kplay_o=; printf '%s\\n' "$kplay_o"; done)
printf '%s\\n' "$kplay_o"
}`;
