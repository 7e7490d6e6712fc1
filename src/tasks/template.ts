import { stat as statFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Controller } from '../model/module.ts';
import { under } from '../probes/path.ts';
import { bool, mode, optional, path, str } from './args.ts';
import { attributeArgs } from './attributes.ts';
import { actCopies, analyzeCopies, type Copies, type CopySeen, observeCopies, resultOfCopies } from './copies.ts';
import { definePrepared } from './define.ts';
import { encoded } from './encoding.ts';
import { octal } from './mode.ts';
import { sourceOf } from './source.ts';

const args = z.strictObject({
  src: str.describe('Template on the controller, UTF-8.'),
  dest: path.describe('Where the text goes on the host. With a trailing slash, or where there is a directory, below it.'),
  backup: bool.default(false).describe('Keep the old file beside the new one, with a time in its name.'),
  force: bool.default(true).describe('Replace what is there. If false, only what is absent is put there.'),
  follow: bool.default(false).describe('Write to what a symlink at dest leads to, instead of replacing it.'),
  directory_mode: optional(mode).describe('Permissions of directories that are made.'),
  validate: optional(str).describe('Command with %s for the new file; the old one stays unless it succeeds.'),
  newline_sequence: str.default('\n').describe('What ends lines: \\n, \\r or \\r\\n.'),
  trim_blocks: bool.default(true).describe('Drop the newline after a block.'),
  lstrip_blocks: bool.default(false).describe('Drop blanks before a block.'),
  variable_start_string: optional(str).describe('Instead of {{.'),
  variable_end_string: optional(str).describe('Instead of }}.'),
  block_start_string: optional(str).describe('Instead of {%.'),
  block_end_string: optional(str).describe('Instead of %}.'),
  comment_start_string: optional(str).describe('Instead of {#.'),
  comment_end_string: optional(str).describe('Instead of #}.'),
  output_encoding: str
    .default('utf-8')
    .describe(
      'Encoding of the file: utf-8, utf-16 (with a mark) or -le, ascii, latin-1 and others of one byte a character (windows-1252).',
    ),
  ...attributeArgs,
});
type Args = z.output<typeof args>;

const NEWLINES: Readonly<Record<string, string>> = { '\n': '\n', '\r': '\r', '\r\n': '\r\n', '\\n': '\n', '\\r': '\r', '\\r\\n': '\r\n' };

/** Set values only: an absent option is the renderer's own. */
const delimiters = (given: Args) => ({
  ...(given.variable_start_string !== undefined && { variableStart: given.variable_start_string }),
  ...(given.variable_end_string !== undefined && { variableEnd: given.variable_end_string }),
  ...(given.block_start_string !== undefined && { blockStart: given.block_start_string }),
  ...(given.block_end_string !== undefined && { blockEnd: given.block_end_string }),
  ...(given.comment_start_string !== undefined && { commentStart: given.comment_start_string }),
  ...(given.comment_end_string !== undefined && { commentEnd: given.comment_end_string }),
});

const prepare = async (given: Args, controller: Controller): Promise<Copies> => {
  const newlineSequence = NEWLINES[given.newline_sequence];
  if (newlineSequence === undefined) throw new KplayError('E_ARGS', 'newline_sequence needs to be one of: \\n, \\r or \\r\\n');
  const from = controller.find(given.src, 'templates');
  const text = await controller.render(from, {
    named: given.src,
    destination: given.dest,
    trimBlocks: given.trim_blocks,
    lstripBlocks: given.lstrip_blocks,
    newlineSequence,
    ...delimiters(given),
  });
  const attributes = given.mode === 'preserve' ? { ...given, mode: octal((await statFile(from)).mode & 0o7777) } : given;
  const item = { kind: 'file', source: sourceOf(encoded(text, given.output_encoding)), attributes, name: from } as const;
  const name = basename(from);
  if (!given.dest.endsWith('/')) return { given, items: [{ ...item, path: given.dest, inside: under(given.dest, `/${name}`) }] };
  return { given, items: [{ ...item, path: under(given.dest, name), directories: { ...given, mode: given.directory_mode } }] };
};

/** ansible.builtin.template: a template of the controller, rendered with the task's variables and placed as copy does. */
export const template = definePrepared<CopySeen, Copies>()({
  name: 'template',
  summary: 'Render a template into a file on the host.',
  reach: 'host',
  args,
  prepare,
  observe: observeCopies,
  analyze: analyzeCopies,
  act: (copies, seen, _changes, isRead) => actCopies(copies, seen, isRead),
  result: (copies, seen, _changes, outputs) => resultOfCopies(copies, seen, outputs),
});
