import type { Named } from './call.ts';
import { defined, evaluationError } from './errors.ts';
import { format } from './format.ts';
import { repr, str } from './repr.ts';
import type { Value } from './value.ts';

const FIELD = /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g;

/** How a field's `.name` and `[key]` are reached. */
export interface Access {
  readonly attribute: (value: Value, name: string) => Value;
  readonly item: (value: Value, key: Value) => Value;
}

/** Python's text.format(*args, **named). */
export const strFormat = (text: string, args: readonly Value[], named: Named, access: Access): string => {
  let next = 0;
  const first = (name: string): Value => {
    const value = name === '' ? args[next++] : /^\d+$/.test(name) ? args[Number(name)] : named.get(name);
    if (value !== undefined) return value;
    if (name !== '' && !/^\d+$/.test(name)) throw evaluationError(`'${name}'`);
    throw evaluationError(`Replacement index ${name === '' ? next - 1 : name} out of range for positional args tuple`);
  };
  const field = (path: string): Value => {
    const [, name = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(path) ?? [];
    let value = first(name);
    for (const [, attribute, key = ''] of rest.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g))
      value = attribute === undefined ? access.item(value, /^\d+$/.test(key) ? Number(key) : key) : access.attribute(value, attribute);
    return defined(value);
  };
  return text.replace(FIELD, (whole, path: string | undefined, conversion?: string, spec = '') => {
    if (whole === '{{' || whole === '}}') return whole.slice(1);
    if (path === undefined) throw evaluationError(`Single '${whole}' encountered in format string`);
    const value = field(path);
    const shown = conversion === undefined ? value : conversion === 's' ? str(value) : repr(value);
    return format(
      shown,
      spec.replace(/\{([^{}]*)\}/g, (_: string, inner: string) => str(field(inner))),
    );
  });
};
