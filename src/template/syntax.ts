import { KplayError } from '../model/errors.ts';
import type { TemplateOptions } from '../model/module.ts';

/** Could the text hold a template? Everything else is taken as it is. */
export const isTemplate = (text: string): boolean => text.includes('{{') || text.includes('{%') || text.includes('{#');

/** Where in a template's text; 1-based. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** E_SYNTAX at a place in a template; `file` when the text came from one. */
export const syntaxError = (message: string, { line, col }: Position, file?: string): KplayError =>
  file === undefined
    ? new KplayError('E_SYNTAX', message, { detail: `line ${line}, column ${col} of the template` })
    : new KplayError('E_SYNTAX', message, { at: { file, line, col } });

/** How a text is cut into tokens: Jinja's environment settings as Ansible has them. */
export interface Syntax {
  readonly variable: readonly [start: string, end: string];
  readonly block: readonly [start: string, end: string];
  readonly comment: readonly [start: string, end: string];
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly newline: string;
  /** What makes a statement of the rest of a line that begins with it. */
  readonly linePrefix?: string;
  /** Strings inside `{{ }}` are taken literally: Ansible doubles their backslashes in playbooks, not in files. */
  readonly rawStrings: boolean;
  /** Such a string may hold its own quote behind a backslash; both stay. */
  readonly escapedQuotes: boolean;
}

export const FILE_SYNTAX: Syntax = {
  variable: ['{{', '}}'],
  block: ['{%', '%}'],
  comment: ['{#', '#}'],
  trimBlocks: true,
  lstripBlocks: false,
  newline: '\n',
  rawStrings: false,
  escapedQuotes: false,
};
export const PLAYBOOK_SYNTAX: Syntax = { ...FILE_SYNTAX, rawStrings: true };
export const NATIVE_PLAYBOOK_SYNTAX: Syntax = { ...PLAYBOOK_SYNTAX, escapedQuotes: true };

/** The syntax with a template task's own settings. */
export const withOptions = (syntax: Syntax, options: Overrides): Syntax =>
  Object.values(options).every(value => value === undefined) ? syntax : overridden(syntax, options);
const overridden = (syntax: Syntax, options: Overrides): Syntax => ({
  ...syntax,
  variable: [options.variableStart ?? syntax.variable[0], options.variableEnd ?? syntax.variable[1]],
  block: [options.blockStart ?? syntax.block[0], options.blockEnd ?? syntax.block[1]],
  comment: [options.commentStart ?? syntax.comment[0], options.commentEnd ?? syntax.comment[1]],
  trimBlocks: options.trimBlocks ?? syntax.trimBlocks,
  lstripBlocks: options.lstripBlocks ?? syntax.lstripBlocks,
  newline: options.newlineSequence ?? syntax.newline,
  ...(options.linePrefix !== undefined && { linePrefix: options.linePrefix }),
});

const HEADER = '#jinja2:';
type Overrides = TemplateOptions & Pick<Syntax, 'linePrefix'>;
const settings: Readonly<Record<string, (value: string) => Overrides>> = {
  trim_blocks: value => ({ trimBlocks: value === 'True' }),
  lstrip_blocks: value => ({ lstripBlocks: value === 'True' }),
  newline_sequence: value => ({ newlineSequence: unquoted(value) }),
  variable_start_string: value => ({ variableStart: unquoted(value) }),
  variable_end_string: value => ({ variableEnd: unquoted(value) }),
  block_start_string: value => ({ blockStart: unquoted(value) }),
  block_end_string: value => ({ blockEnd: unquoted(value) }),
  comment_start_string: value => ({ commentStart: unquoted(value) }),
  comment_end_string: value => ({ commentEnd: unquoted(value) }),
  line_statement_prefix: value => ({ linePrefix: unquoted(value) }),
};
const unquoted = (value: string): string => /^(['"])(.*)\1$/s.exec(value)?.[2]?.replaceAll('\\n', '\n').replaceAll('\\r', '\r') ?? value;

/** Takes a `#jinja2: name: value, …` line off the top of a text; settings it names override. Unknown names are ignored, as Ansible does. */
export const readHeader = (text: string, syntax: Syntax): { body: string; syntax: Syntax } => {
  if (!text.startsWith(HEADER)) return { body: text, syntax };
  const end = text.indexOf('\n');
  const line = text.slice(HEADER.length, end < 0 ? text.length : end);
  let options: Overrides = {};
  for (const pair of line.split(',')) {
    const colon = pair.indexOf(':');
    if (colon < 0) throw new KplayError('E_SYNTAX', `failed to parse jinja2 override '${pair.trim()}'`);
    const setting = settings[pair.slice(0, colon).trim()];
    if (setting) options = { ...options, ...setting(pair.slice(colon + 1).trim()) };
  }
  return { body: end < 0 ? '' : text.slice(end + 1), syntax: withOptions(syntax, options) };
};
