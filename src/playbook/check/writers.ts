import type { Value } from '../../value/value.ts';
import type { Build } from '../build.ts';
import { asText } from '../fields.ts';
import { isStatement } from '../modules.ts';
import type { Play, RawVars, Task } from '../types.ts';

/** Modules that leave the controller's files alone wherever they run. */
const HARMLESS = new Set(
  'add_host assert debug fail gather_facts group_by include_vars meta package_facts pause ping service_facts set_fact set_stats setup stat wait_for'.split(
    ' ',
  ),
);
/** Modules that bring files to the controller from anywhere. */
const BRINGS = new Set(['fetch', 'synchronize']);

/** Every text in a value, keys included. */
function* texts(value: Value): Generator<string> {
  const text = asText(value);
  if (text !== undefined) yield text;
  else if (Array.isArray(value)) for (const item of value) yield* texts(item);
  else if (value instanceof Map) for (const [key, item] of value) yield* texts([key, item]);
}
const callsProgram = (value: Value): boolean => [...texts(value)].some(text => /['"_](?:password|pipe)\b/.test(text));

/** Tells which tasks may write a file on the controller, as far as can be told; errs towards yes. Looks at each layer of variables once. */
export class Writers {
  readonly #build: Build;
  readonly #harmless = new Set<RawVars>();
  constructor(build: Build) {
    this.#build = build;
  }

  mayWrite(task: Task, play: Play): boolean {
    const { role } = task;
    const layers = [play.vars, task.vars, ...task.outerVars, ...(role ? [role.vars, role.defaults, role.params] : [])];
    if (layers.some(layer => this.#callsProgram(layer))) return true;
    if (callsProgram([...task.args.values(), ...(task.loop ? [task.loop.items] : [])].map(({ value }) => value))) return true;
    if (HARMLESS.has(task.action) || isStatement(task.written)) return false;
    return BRINGS.has(task.action) || isHere(task) || (this.#build.options.onController?.(play.hosts.value) ?? true);
  }
  #callsProgram(layer: RawVars): boolean {
    if (this.#harmless.has(layer)) return false;
    if (callsProgram(new Map(layer))) return true;
    this.#harmless.add(layer);
    return false;
  }
}
/** Delegated, or over a connection that may be local. */
const isHere = ({ delegateTo, connection }: Task): boolean => {
  const name = asText(connection?.value);
  return delegateTo !== undefined || (connection !== undefined && (name === undefined || /local|\{/.test(name)));
};
