import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromJson } from '../../src/value/json.ts';
import type { Dict, Value } from '../../src/value/value.ts';

/** Templates with ansible-core 2.18's own answers. `mode`: t a template file, s a playbook string, w a condition. */
const file = fromJson(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8'));

export const field = (dict: Value | undefined, name: string): Value | undefined => (dict instanceof Map ? dict.get(name) : undefined);
export const named = (value: Value | undefined): Map<string, Value> =>
  new Map(value instanceof Map ? [...value].map(([key, item]): [string, Value] => [String(key), item]) : []);

export const RECORDED_VARS = field(file, 'vars') ?? null;
export const RECORDED_FILES = Object.fromEntries([...named(field(file, 'files'))].map(([name, text]) => [name, String(text)]));
export const RECORDED = field(file, 'cases') as readonly Dict[];
