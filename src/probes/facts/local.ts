import type { Fields, Plain } from '../../model/module.ts';
import type { ProbeKind } from '../../model/probe.ts';
import { pathWord } from '../path.ts';

/**
 * Facts that a host tells of itself: the `*.fact` files of a folder (the subject), as JSON or INI; an executable one is run, and its output
 * read. Outward: such a program may look anywhere, and is never run ahead of its turn.
 */
export const localFacts: ProbeKind<Fields> = {
  name: 'local-facts',
  sight: 'outward',
  script: subjects =>
    [
      `facts() {
printf '\\0folder'
for f in "$1"/*.fact; do
  [ -f "$f" ] || continue
  name=\${f##*/}
  if [ -x "$f" ]; then out=$("$f" </dev/null 2>/dev/null); rc=$?; else out=$(cat "$f" 2>/dev/null); rc=0; fi
  printf '\\0%s\\0%s\\0%s\\0%s' "\${name%.fact}" "$f" "$rc" "$out"
done
}`,
      ...subjects.map(subject => `facts ${pathWord(subject).text}`),
      ':',
    ].join('\n'),
  parse: (stdout, subjects) => {
    const folders = stdout.toString().split('\0folder').slice(1);
    return subjects.map((_, i) => {
      const pieces = (folders[i] ?? '').split('\0').slice(1);
      const local: Record<string, Plain> = {};
      for (let at = 0; at + 3 < pieces.length; at += 4) {
        const [name = '', path = '', rc = '', text = ''] = pieces.slice(at, at + 4);
        local[name] = rc === '0' ? read(text, path) : `Failure executing fact script (${path}), rc: ${rc}, err: `;
      }
      return { local };
    });
  },
};

const read = (text: string, path: string): Plain => {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return ini(text) ?? `error loading facts as JSON or ini - please check content: ${path}`;
  }
};

/** Python's configparser: keys in lower case, `=` or `:`, indented lines continue a value, [DEFAULT] holds for every section. */
const ini = (text: string): Fields | undefined => {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> | undefined;
  let key: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[(.+)\]/.exec(line)?.[1];
    const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (header !== undefined) [section, key] = [(sections[header] ??= {}), undefined];
    else if (/^\s/.test(line) && section !== undefined && key !== undefined) section[key] += `\n${line.trim()}`;
    else if (pair !== null && section !== undefined) section[(key = (pair[1] ?? '').toLowerCase())] = pair[2] ?? '';
    else return undefined;
  }
  const { DEFAULT = {}, ...rest } = sections;
  return Object.fromEntries(Object.entries(rest).map(([name, options]) => [name, { ...DEFAULT, ...options }]));
};
