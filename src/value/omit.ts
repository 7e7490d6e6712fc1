import { PyObject } from './value.ts';

/** `omit` of ansible-core 2.19 and later: texts, lists and dicts leave it out. In 2.18 it is a text that nobody would write. */
class Omit extends PyObject {
  override readonly typeName = '_OmitType';
}
export const OMIT = new Omit();
