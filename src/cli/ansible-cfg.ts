import { KplayError } from '../model/errors.ts';

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Sections and their keys, as Python's configparser reads ansible.cfg: `;` ends a value after a blank, `#` only starts a line.
 * Fails with E_USAGE at the line that is neither.
 */
export const readIni = (text: string, file = 'ansible.cfg'): Sections => {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let last: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const body = line.replace(/(^|\s);.*$/, '').trimEnd();
    if (body.trim() === '' || body.trimStart().startsWith('#')) continue;
    const header = /^\[([^\]]+)\]/.exec(body)?.[1];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map<string, string>();
      sections.set(header, section);
      last = undefined;
      continue;
    }
    const at = { file, line: index + 1, col: 1 };
    if (!section) throw new KplayError('E_USAGE', 'a section must come first', { at, hint: 'start with [defaults]' });
    const [, key, value] = /^([^\s=:#;][^=:]*?)\s*[=:]\s*(.*)$/.exec(body) ?? [];
    if (key !== undefined && value !== undefined) section.set((last = key.toLowerCase()), value);
    else if (last !== undefined && /^\s/.test(body)) section.set(last, `${section.get(last) ?? ''}\n${body.trim()}`);
    else throw new KplayError('E_USAGE', 'this is neither a [section] nor a key = value', { at });
  }
  return sections;
};
