import { evaluationError } from '../value/errors.ts';
import { PyObject, type Value } from '../value/value.ts';
import type { Template } from './execute.ts';
import { Frame, type Instance } from './run.ts';

/** Runs the block's definition number `at`; `super()` runs the next one. */
export const runBlock = (frame: Frame, out: Value[], name: string, at: number): void => {
  const block = frame.instance.blocks.get(name)?.[at];
  if (!block) throw evaluationError(`there is no parent block called '${name}'.`);
  const inner = frame.inner();
  inner.names.set('super', new BlockReference(frame, name, at + 1));
  block(inner, out);
};
class BlockReference extends PyObject {
  override readonly typeName = 'BlockReference';
  readonly #frame: Frame;
  readonly #name: string;
  readonly #at: number;
  constructor(frame: Frame, name: string, at: number) {
    super();
    this.#frame = frame;
    this.#name = name;
    this.#at = at;
  }
  override call(): Value {
    const pieces: Value[] = [];
    runBlock(this.#frame, pieces, this.#name, this.#at);
    return this.#frame.instance.run.concat(pieces);
  }
}
/** `self`: the template's blocks as functions. */
class SelfReference extends PyObject {
  override readonly typeName = 'TemplateReference';
  readonly #frame: Frame;
  constructor(frame: Frame) {
    super();
    this.#frame = frame;
  }
  override attribute(name: string): Value | undefined {
    return this.#frame.instance.blocks.has(name) ? new BlockReference(this.#frame, name, 0) : undefined;
  }
}
const register = (instance: Instance, { blocks }: Template): void => {
  for (const [name, block] of blocks) instance.blocks.set(name, [...(instance.blocks.get(name) ?? []), block]);
};

/** Renders an instance and the layouts it extends; gives the frame with the names its top set. */
export const renderInto = (instance: Instance, out: Value[]): Frame => {
  const frame = new Frame(instance);
  instance.top = frame;
  frame.names.set('self', new SelfReference(frame));
  for (let template: Template | undefined = instance.template; template; template = instance.parent) {
    instance.parent = undefined;
    register(instance, template);
    for (const execute of template.body) execute(frame, out);
  }
  return frame;
};
