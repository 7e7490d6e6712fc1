/** Weight of a character in deb-version(7)'s order: `~` before the end, letters before all else. */
const weight = (character: string | undefined): number => {
  if (character === undefined || /\d/.test(character)) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
};

const compareParts = (a: string, b: string): number => {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a.charAt(i))) || (j < b.length && !/\d/.test(b.charAt(j)))) {
      const difference = weight(a[i]) - weight(b[j]);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const [one = '', other = ''] = [/^\d*/.exec(a.slice(i))?.[0], /^\d*/.exec(b.slice(j))?.[0]];
    const difference = Number(one) - Number(other);
    if (difference !== 0) return difference;
    i += one.length;
    j += other.length;
  }
  return 0;
};
const parts = (version: string): readonly [epoch: number, upstream: string, revision: string] => {
  const [, epoch = '0', upstream = '', revision = ''] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version) ?? [];
  return [Number(epoch), upstream, revision];
};

/** Negative where `a` is the older version: deb-version(7). */
export const compareVersions = (a: string, b: string): number => {
  const [one, other] = [parts(a), parts(b)];
  return one[0] - other[0] || compareParts(one[1], other[1]) || compareParts(one[2], other[2]);
};

/** Python's fnmatch(): `*`, `?` and `[…]`. */
export const matchesVersion = (version: string, pattern: string): boolean => {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[*?]|[^]/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`;
    if (token === '*') return '.*';
    return token === '?' ? '.' : token.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  });
  return new RegExp(`^${source}$`, 's').test(version);
};
