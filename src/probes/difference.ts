import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';
import { pathWord } from './path.ts';

/** Something below one directory that another lacks or has otherwise. */
export interface Difference {
  /** `owner`: it is in the second directory, with another owner or group than asked for. */
  readonly type: 'file' | 'directory' | 'link' | 'owner';
  /** Relative to the directories. */
  readonly path: string;
  /** Permission bits of the first directory's. */
  readonly bits: number;
}

/**
 * The subject of `difference`: what is in `from` and not, or otherwise, in `to`; with `follow`, symlinks are what they lead to. What is in `to`
 * is to have the owner and the group.
 */
export const between = (from: string, to: string, follow: boolean, owner = '', group = ''): string =>
  JSON.stringify([follow ? 'L' : 'P', from, to, owner, group]);

const COMPARE = `walk=$1 s=$2 d=$3
shift 3
say() { printf '%s %s %s\\0' "$1" "$(stat -Lc %a -- "$p" 2>/dev/null || echo 0)" "$r"; }
for p do
r=\${p#"$s"}; q=$d$r
[ -n "$r" ] || continue
if [ "$walk" = P ] && [ -L "$p" ]; then { [ -L "$q" ] && [ "$(readlink -- "$p")" = "$(readlink -- "$q")" ]; } || say l
elif [ -d "$p" ]; then [ -d "$q" ] || say d
elif [ -f "$p" ]; then { [ -f "$q" ] && cmp -s -- "$p" "$q"; } || say f
fi
done`;

/** What is below "$d" and belongs to others. */
const strangers = (owner: string, group: string): string => {
  const wanted = [...(owner === '' ? [] : ['-user', owner]), ...(group === '' ? [] : ['-group', group])];
  const tell = `for p do printf 'o 0 %s\\0' "\${p#"$d"}"; done`;
  return wanted.length === 0
    ? ''
    : sh`find "$d" ! ${raw('\\(')} ${wanted} ${raw('\\)')} -exec sh -c ${`d=$0; ${tell}`} "$d" {} + 2>/dev/null`;
};

const TYPES: Readonly<Record<string, Difference['type']>> = { f: 'file', d: 'directory', l: 'link', o: 'owner' };

/** Parents before what is in them. Undefined where the first is no directory. */
export const difference: ProbeKind<readonly Difference[] | undefined> = {
  name: 'difference',
  sight: 'local',
  script: subjects =>
    subjects
      .map(subject => {
        const [walk = 'P', from = '', to = '', owner = '', group = ''] = JSON.parse(subject) as string[];
        return `s=${pathWord(from).text} d=${pathWord(to).text}
s=\${s%/}/ d=\${d%/}/
if [ -d "$s" ]; then
printf '/\\0'
${sh`find ${`-${walk}`} "$s" -exec sh -c ${COMPARE} sh ${walk} "$s" "$d" {} + 2>/dev/null`}
${strangers(owner, group)}
fi
printf '\\0'`;
      })
      .join('\n'),
  parse: (stdout, subjects) => {
    const records = stdout.toString().split('\0');
    return subjects.map((subject): readonly Difference[] | undefined | Error => {
      const end = records.indexOf('');
      if (end < 0 || end === records.length - 1) return new KplayError('E_PROBE', `cannot compare ${subject}`);
      const [first, ...rest] = records.splice(0, end + 1).slice(0, -1);
      if (first === undefined) return undefined;
      return rest.map(record => {
        const [, type = '', mode = '', path = ''] = /^(\w) (\d+) ([^]*)$/.exec(record) ?? [];
        return { type: TYPES[type] ?? 'file', bits: Number.parseInt(mode, 8), path };
      });
    });
  },
};
