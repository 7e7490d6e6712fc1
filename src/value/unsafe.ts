import { PyObject } from './value.ts';
import type { Value } from './value.ts';

/** Text that is never templated (`!unsafe`): templating gives `text` as it stands, and nothing evaluates that again. */
export class Unsafe extends PyObject {
  readonly typeName = 'AnsibleUnsafeText';
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
}

/** Marks every text in a value that a template would look into; any other text is safe as it is. */
export const unsafe = (value: Value): Value => {
  if (typeof value === 'string') return /\{[{%#]/.test(value) ? new Unsafe(value) : value;
  if (Array.isArray(value)) return value.map(unsafe);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, unsafe(item)]));
  return value;
};
