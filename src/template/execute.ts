import type { Value } from '../value/value.ts';
import type { Statement } from './ast.ts';
import type { Unit } from './compile-expression.ts';
import type { Block, Frame } from './run.ts';

/** A compiled template: what it does, and the blocks a parent may place. */
export interface Template {
  readonly file: string | undefined;
  readonly body: Body;
  readonly blocks: ReadonlyMap<string, Block>;
  /** It calls a method that changes lists or dicts. */
  readonly mutates: boolean;
}
/** A compiled statement: appends its pieces to `out`. */
export type Execute = (frame: Frame, out: Value[]) => void;
/** A compiled body. */
export type Body = readonly Execute[];
export type Assign = (frame: Frame, value: Value) => void;

/** What the compilers of statements share while one template is compiled. */
export interface TemplateUnit extends Unit {
  readonly file: string | undefined;
  /** Collected on the way. */
  readonly blocks: Map<string, Block>;
  /** Compiles the statements inside another one. */
  body(statements: readonly Statement[]): Body;
}

/** Once a page has named the layout it extends, its top prints nothing more: it only sets names. */
export const isSilent = (frame: Frame): boolean => frame.instance.parent !== undefined && frame.instance.top === frame;
export const runAll = (body: readonly Execute[], frame: Frame, out: Value[]): void => {
  for (const execute of body) execute(frame, out);
};
/** A body's own result, as the run puts pieces together. */
export const captured = (body: readonly Execute[], frame: Frame): Value => {
  const pieces: Value[] = [];
  runAll(body, frame, pieces);
  return frame.instance.run.concat(pieces);
};
