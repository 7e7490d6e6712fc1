import { KplayError } from '../model/errors.ts';
import { toPlain } from '../value/plain.ts';
import { parseYamlAll } from '../yaml/parse.ts';
import type { Manifest } from './client.ts';

/** The objects in a text of YAML documents; empty documents are none. E_YAML, with the place in `file`. */
export const manifestsIn = (text: string, file: string): readonly Manifest[] =>
  parseYamlAll(text, file).flatMap(node => {
    const value = toPlain(node.value);
    // A document may be a list of objects.
    return (Array.isArray(value) ? (value as readonly Manifest[]) : [value]).flatMap((one): readonly Manifest[] => {
      if (one === null) return [];
      if (typeof one === 'object' && !Array.isArray(one)) return [one as Manifest];
      throw new KplayError('E_YAML', 'an object of Kubernetes is a mapping', { at: node.at });
    });
  });
