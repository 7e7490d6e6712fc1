import type { Statement, StatementOf } from './ast.ts';
import * as flow from './compile-flow.ts';
import * as layout from './compile-layout.ts';
import { compileCallBlock, compileMacro } from './compile-macro.ts';
import { type Execute, isSilent, type Template, type TemplateUnit } from './execute.ts';
import { surveyNames } from './names.ts';
import type { Block, Services } from './run.ts';

type Compilers = { readonly [Kind in Statement['kind']]: (node: StatementOf<Kind>, unit: TemplateUnit) => Execute };
const compilers: Compilers = {
  text:
    ({ text }) =>
    (frame, out) => {
      if (!isSilent(frame)) out.push(text);
    },
  output: flow.compileOutput,
  if: flow.compileIf,
  for: flow.compileFor,
  with: flow.compileWith,
  set: flow.compileSet,
  'set-block': flow.compileSetBlock,
  'filter-block': flow.compileFilterBlock,
  macro: compileMacro,
  'call-block': compileCallBlock,
  block: layout.compileBlock,
  extends: layout.compileExtends,
  include: layout.compileInclude,
  import: layout.compileImport,
  from: layout.compileFrom,
};

const compileStatement = (node: Statement, unit: TemplateUnit): Execute => {
  // The table's type says that each kind has the compiler of its own node.
  const execute = (compilers[node.kind] as (node: Statement, unit: TemplateUnit) => Execute)(node, unit);
  if (node.kind === 'text') return execute;
  const place = { file: unit.file, line: node.line };
  return (frame, out) => {
    frame.instance.run.place = place;
    execute(frame, out);
  };
};

/** Turns a template's statements into closures; done once for each source text. */
export const compileTemplate = (
  statements: readonly Statement[],
  services: Pick<Services, 'filter' | 'test' | 'semantics'>,
  file: string | undefined,
  { embedded = false } = {},
): Template => {
  const { assigned, mutates } = surveyNames(statements);
  const blocks = new Map<string, Block>();
  const unit: TemplateUnit = {
    services,
    semantics: services.semantics,
    embedded,
    file,
    assigned,
    blocks,
    body: inner => inner.map(node => compileStatement(node, unit)),
  };
  return { file, body: unit.body(statements), blocks, mutates };
};
