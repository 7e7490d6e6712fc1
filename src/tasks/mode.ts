/** Permission bits as Ansible prints them: at least four octal digits, `0644`. */
export const octal = (bits: number): string => `0${bits.toString(8).padStart(3, '0')}`;

/** Clauses of users (`a`, or any of `ugo`, or none) and operations, as chmod(1) reads them; an empty text changes nothing. */
export const SYMBOLIC_MODE = /^(?:(?:a|[ugo]*)(?:[+=-][rwxXstugo]*)*(?:,|$))*$/;

const PERMISSIONS = { r: 4, w: 2, x: 1 } as const;
const SHIFT = { u: 6, g: 3, o: 0 } as const;
const SPECIAL = { u: 0o4000, g: 0o2000, o: 0o1000 } as const;
type User = keyof typeof SHIFT;

/** What a mode argument is applied to. */
export interface ModeBase {
  /** Present permission bits; for a new file what it would be created with. */
  readonly bits: number;
  readonly directory: boolean;
  readonly umask: number;
}

/** The permission bits an octal or symbolic `mode` argument asks for (ansible-core's `_symbolic_mode_to_octal`). */
export const permissions = (mode: string, { bits, directory, umask }: ModeBase): number => {
  if (/^[0-7]+$/.test(mode)) return Number.parseInt(mode, 8);
  let now = bits;
  for (const clause of mode.split(',')) {
    const [, who = ''] = /^([augo]*)/.exec(clause) ?? [];
    const users: readonly User[] = who === '' || who === 'a' ? ['u', 'g', 'o'] : ([...who] as User[]);
    for (const [, operator, letters = ''] of clause.matchAll(/([+=-])([rwxXstugo]*)/g))
      for (const user of users) {
        const asked = [...letters].reduce((sum, letter) => sum | bit(letter, user, now, directory, who === '' ? umask : 0), 0);
        if (operator === '+') now |= asked;
        else if (operator === '-') now &= ~asked;
        else now = (now & ~((7 << SHIFT[user]) | SPECIAL[user])) | asked;
      }
  }
  return now;
};

const bit = (letter: string, user: User, now: number, directory: boolean, umask: number): number => {
  const shift = SHIFT[user];
  if (letter === 'r' || letter === 'w' || letter === 'x') return (PERMISSIONS[letter] << shift) & ~umask;
  if (letter === 'X') return directory || (now & 0o111) > 0 ? 1 << shift : 0;
  if (letter === 's') return user === 'o' ? 0 : SPECIAL[user];
  if (letter === 't') return user === 'o' ? SPECIAL.o : 0;
  return ((now >> SHIFT[letter as User]) & 7) << shift;
};
