/** Lines of fstab(5), edited as ansible.posix.mount does. */

export interface Entry {
  readonly src?: string | undefined;
  readonly name: string;
  readonly fstype?: string | undefined;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

const escaped = (field: string): string => field.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('&', '\\046');
const split = (line: string): readonly string[] => (/^\s*(?:#|$)/.test(line) ? [] : line.trim().split(/\s+/));

/** Is the line about the mount point? All swaps have the same, `none`: there the device tells. */
const isOf = ({ name, src }: Entry, [device, at, fstype]: readonly string[]): boolean =>
  at === escaped(name) && !(src !== undefined && at === 'none' && fstype === 'swap' && device !== src);

/** Text with the entry in it, the same text where it was. */
export const withEntry = (text: string, entry: Entry): string => {
  const { src = '', name, fstype = '', opts, dump, passno } = entry;
  const wanted = [src, name, fstype, opts, dump, passno].map(escaped).join(' ');
  let found = false;
  let isChanged = false;
  const lines = text.split(/(?<=\n)/).map(line => {
    const fields = split(line);
    if (fields.length < 4 || fields.length > 6 || !isOf(entry, fields)) return line;
    found = true;
    isChanged ||= fields.join(' ') !== wanted;
    return isChanged ? `${wanted}\n` : line;
  });
  if (found && !isChanged) return text;
  const ended = lines.map(line => (line === '' || line.endsWith('\n') ? line : `${line}\n`));
  return [...ended, ...(found ? [] : [`${wanted}\n`])].join('');
};

/** Text without the entry. Lines that leave dump and passno out stay, as they do with Ansible. */
export const withoutEntry = (text: string, entry: Entry): string =>
  text
    .split(/(?<=\n)/)
    .filter(line => {
      const fields = split(line);
      return fields.length !== 6 || !isOf(entry, fields);
    })
    .join('');
