import type { Value } from '../../value/value.ts';
import type { Build } from '../build.ts';
import { asText } from '../fields.ts';
import { isStatement } from '../modules.ts';
import type { Play, Task } from '../types.ts';

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

/** May this task write a file on the controller, as far as can be told? The answer errs towards yes. */
export const maybeWrites = (task: Task, play: Play, { options }: Build): boolean => {
  const layers = [play.vars, task.vars, ...task.outerVars, ...(task.role ? [task.role.vars, task.role.defaults, task.role.params] : [])];
  if (layers.some(layer => callsProgram(new Map(layer)))) return true;
  if (callsProgram([...task.args.values(), ...(task.loop ? [task.loop.items] : [])].map(({ value }) => value))) return true;
  if (HARMLESS.has(task.action) || isStatement(task.written)) return false;
  if (BRINGS.has(task.action)) return true;
  const connection = asText(task.connection?.value);
  const here =
    task.delegateTo !== undefined || (task.connection !== undefined && (connection === undefined || /local|\{/.test(connection)));
  return here || (options.onController?.(play.hosts.value) ?? true);
};
