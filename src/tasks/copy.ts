import { statSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Controller, Plain } from '../model/module.ts';
import { under } from '../probes/path.ts';
import { any, bool, mode, optional, path, str } from './args.ts';
import { attributeArgs, type Attributes } from './attributes.ts';
import { definePrepared } from './define.ts';
import { octal } from './mode.ts';
import { actCopies, analyzeCopies, type Copies, type CopySeen, type Item, observeCopies, resultOfCopies } from './copies.ts';
import { actRemote, analyzeRemote, observeRemote, type RemoteCopy, type RemoteSeen, resultOfRemote } from './remote.ts';
import { readSource, sourceOf, walk } from './source.ts';

const args = z.strictObject({
  dest: path.describe('Where to put it on the host. With a trailing slash, or where there is a directory, below it.'),
  src: optional(path).describe('File or directory of the controller. With a trailing slash, only what is in the directory.'),
  content: any.optional().describe('What the file is to hold, instead of src. Lists and mappings are written as JSON.'),
  backup: bool.default(false).describe('Keep the old file beside the new one, with a time in its name.'),
  force: bool.default(true).describe('Replace what is there. If false, only what is absent is put there.'),
  directory_mode: optional(mode).describe('Permissions of directories that are made.'),
  remote_src: bool.default(false).describe('src is on the host.'),
  follow: bool.default(false).describe('Write to what a symlink at dest leads to, instead of replacing it.'),
  local_follow: optional(bool).describe('Copy what symlinks of the source lead to. Unset: yes, but with remote_src no.'),
  checksum: optional(str).describe('SHA-1 that the source must have.'),
  validate: optional(str).describe('Command with %s for the new file; the old one stays unless it succeeds.'),
  decrypt: bool.default(true).describe('Decrypt a source that Ansible Vault encrypted.'),
  ...attributeArgs,
});
type Args = z.output<typeof args>;

/** Python's json.dumps() with its defaults. */
const json = (value: Plain): string => {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${json(key)}: ${json(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

const contentCopy = (given: Args, content: Plain): readonly Item[] => {
  if (given.dest.endsWith('/')) throw new KplayError('E_ARGS', 'can not use content with a dir as dest');
  if (given.mode === 'preserve') throw new KplayError('E_ARGS', 'mode: preserve needs a src');
  const text = content !== null && typeof content === 'object' ? json(content) : str.parse(content);
  return [{ kind: 'file', path: given.dest, source: sourceOf(Buffer.from(text)), attributes: given }];
};

/** `preserve` is the source's own permissions. */
const preserved = <Given extends Attributes>(given: Given, from: string): Attributes =>
  given.mode === 'preserve' ? { ...given, mode: octal(statSync(from).mode & 0o7777) } : given;

const fileCopy = async (given: Args, from: string, name: string, controller: Controller): Promise<Item> => {
  const source = await readSource(from, controller, given.decrypt);
  if (given.checksum !== undefined && given.checksum !== source.sha1)
    throw new KplayError('E_FILE', 'Copied file does not match the expected checksum. Transfer failed.', {
      detail: `${from}: ${source.sha1}`,
    });
  const attributes = preserved(given, from);
  const item = { kind: 'file', source, attributes, name: from } as const;
  if (!given.dest.endsWith('/')) return { ...item, path: given.dest, inside: under(given.dest, `/${name}`) };
  return { ...item, path: under(given.dest, name), directories: { ...given, mode: given.directory_mode } };
};

const treeCopy = async (given: Args, from: string, whole: boolean, controller: Controller): Promise<readonly Item[]> => {
  const dest = given.dest.endsWith('/') ? given.dest : `${given.dest}/`;
  const top = whole ? `${basename(from)}/` : '';
  const { files, directories, links } = await walk(from, given.local_follow ?? true);
  const within: Args = { ...given, dest };
  const copied: Item[] = [];
  // One after another: the sources of a big tree would not all fit in the table of open files.
  for (const file of files) copied.push(await fileCopy(within, file.from, top + file.to, controller));
  const { mode: fileMode, ...owned } = given;
  const linkMode = fileMode === 'preserve' ? {} : { mode: fileMode };
  return [
    ...copied,
    ...directories.map((to): Item => ({
      kind: 'directory',
      path: under(dest, top + to),
      attributes: { ...owned, mode: given.directory_mode },
    })),
    ...links.map(({ target, to }): Item => ({
      kind: 'link',
      path: under(dest, top + to),
      target,
      attributes: { ...owned, ...linkMode },
      follow: directories.length === 0,
    })),
  ];
};

const isDirectory = (from: string): boolean => {
  try {
    return statSync(from).isDirectory();
  } catch (cause) {
    throw new KplayError('E_FILE', `could not find src=${from}`, { cause });
  }
};

const prepare = async (given: Args, controller: Controller): Promise<Copies | RemoteCopy> => {
  const { src, content, dest } = given;
  if (content !== undefined && content !== null) {
    if (src !== undefined) throw new KplayError('E_ARGS', 'src and content are mutually exclusive');
    return { given, items: contentCopy(given, content) };
  }
  if (src === undefined || src === '') throw new KplayError('E_ARGS', 'src (or content) is required');
  if (given.remote_src) return { given: { ...given, src } };
  const from = controller.find(src.replace(/(?<=[^/])\/+$/, ''), 'files');
  if (!isDirectory(from)) return { given, items: [await fileCopy(given, from, basename(from), controller)] };
  const items = await treeCopy(given, from, !src.endsWith('/'), controller);
  return { given, items, tree: { src: from, dest: dest.endsWith('/') ? dest : `${dest}/` } };
};

const remotely = (seen: CopySeen): RemoteSeen => seen as unknown as RemoteSeen;

/** ansible.builtin.copy. */
export const copy = definePrepared<CopySeen, Copies | RemoteCopy>()({
  name: 'copy',
  contents: ['content'],
  summary: 'Copy files and directories to the host, or write text into a file.',
  reach: 'host',
  args,
  prepare,
  observe: (copies, mode) => ('items' in copies ? observeCopies(copies, mode) : observeRemote(copies, mode)),
  analyze: (copies, seen, mode) => ('items' in copies ? analyzeCopies(copies, seen, mode) : analyzeRemote(copies, remotely(seen), mode)),
  act: (copies, seen, _changes, isRead) =>
    'items' in copies ? actCopies(copies, seen, isRead) : actRemote(copies, remotely(seen), isRead),
  result: (copies, seen, _changes, outputs) =>
    'items' in copies ? resultOfCopies(copies, seen, outputs) : resultOfRemote(copies, remotely(seen), outputs),
});
