import { KplayError } from '../model/errors.ts';
import { Undefined, type Value } from './value.ts';

/** What Python would have raised while a template was evaluated; the message is Python's. */
export const evaluationError = (message: string): KplayError => new KplayError('E_TEMPLATE', message);

export const undefinedError = ({ message }: Undefined): KplayError => new KplayError('E_UNDEFINED', message);

/** Using an undefined value is an error; anything else passes. */
export const defined = <V extends Value>(value: V): Exclude<V, Undefined> => {
  if (value instanceof Undefined) throw undefinedError(value);
  return value as Exclude<V, Undefined>;
};
