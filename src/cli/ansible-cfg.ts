/** Sections and their keys, as Python's configparser reads ansible.cfg: `;` ends a value after a blank, `#` only starts a line. */
export const readIni = (text: string): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const body = line.replace(/(^|\s);.*$/, '').trimEnd();
    const header = /^\[([^\]]+)\]/.exec(body)?.[1];
    const [, key, value] = /^([^\s=:#;][^=:]*?)\s*[=:]\s*(.*)$/.exec(body) ?? [];
    if (body.trim() === '' || body.trimStart().startsWith('#')) continue;
    if (header !== undefined) {
      section = sections.get(header) ?? new Map<string, string>();
      sections.set(header, section);
      last = undefined;
    } else if (key !== undefined && value !== undefined) {
      last = key.toLowerCase();
      section.set(last, value);
    } else if (last !== undefined && /^\s/.test(body)) {
      section.set(last, `${section.get(last) ?? ''}\n${body.trim()}`);
    }
  }
  return sections;
};
