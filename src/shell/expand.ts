import { quote } from './sh.ts';

/** Names that a shell sets for itself: no environment holds them, so Python would leave `$IFS` as it stands. */
const SHELL_OWN: ReadonlySet<string> = new Set([
  'IFS',
  'LINENO',
  'OPTARG',
  'OPTIND',
  'PPID',
  'PS1',
  'PS2',
  'PS4',
  'RANDOM',
  'SECONDS',
  '_',
]);
const VARIABLE = /\$(?:(\w+)|\{([^}]*)\})/g;
const NAME = /^[A-Za-z_]\w*$/;

/** Splits text into what stands between variables and the variables. */
const pieces = (text: string): readonly (string | { readonly name: string; readonly written: string })[] => {
  const found: (string | { name: string; written: string })[] = [];
  let from = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2] ?? '';
    if (!NAME.test(name) || SHELL_OWN.has(name)) continue;
    found.push(text.slice(from, match.index), { name, written: match[0] });
    from = match.index + match[0].length;
  }
  return [...found, text.slice(from)];
};

const spell = (text: string, literal: (part: string) => string, quotes: string): string => {
  const tilde = /^~(?:[A-Za-z_][\w.-]*)?(?:\/|$)/.exec(text)?.[0] ?? '';
  const rest = pieces(text.slice(tilde.length)).map(piece =>
    typeof piece === 'string'
      ? literal(piece)
      : `${quotes}$\{${piece.name}-${quotes === '' ? quote(piece.written) : piece.written.replace(/[$}]/g, '\\$&')}}${quotes}`,
  );
  return home(tilde, quotes) + rest.join('');
};
/** A user's home is substituted, not a prefix of the word: busybox drops all that follows the name of a user who does not exist. */
const home = (tilde: string, quotes: string): string => {
  const user = tilde.replace(/\/$/, '');
  return user.length > 1 ? `${quotes}$(echo ${user})${quotes}${tilde.slice(user.length)}` : tilde;
};
const literally = (part: string): string => (part === '' ? '' : quote(part));

/**
 * One shell word that is `text` with the environment variables and the home folder of the host filled in, as Python's
 * os.path.expanduser(os.path.expandvars(text)) does it there: an unset variable stays as it is written, nothing else is special.
 */
export const expanded = (text: string): string => spell(text, literally, '"') || "''";

/**
 * The same for a Python glob: `*`, `?` and `[…]` stay special. To be used where IFS is empty, so that names with blanks stay whole.
 */
export const expandedGlob = (text: string): string =>
  spell(text, part => part.replace(/\*+|\?|\[!?\]?[^\]/]*\]|[^*?[]+|\[/g, piece => (isMagic(piece) ? globbed(piece) : quote(piece))), '') ||
  "''";
const isMagic = (piece: string): boolean => /^(?:\*|\?|\[[^]*\]$)/.test(piece);
/** In brackets, only what is no range, negation or bracket needs quotes. */
const globbed = (piece: string): string => piece.replace(/[^\w*?[\]!-]/g, quote);

/** A glob that matches exactly `text`. */
export const escapeGlob = (text: string): string => text.replace(/[*?[]/g, '[$&]');
