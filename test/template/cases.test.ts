import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { equals } from '../../src/value/compare.ts';
import { typeName } from '../../src/value/kinds.ts';
import { repr } from '../../src/value/repr.ts';
import type { Value } from '../../src/value/value.ts';
import { named, RECORDED, RECORDED_FILES, RECORDED_VARS } from './_recorded.ts';
import { failure, scopeOf, scratch, templar } from './_templar.ts';

const folder = scratch();
for (const [name, text] of Object.entries(RECORDED_FILES)) writeFileSync(join(folder, name), text);

const evaluate = (mode: string, source: string, vars: ReadonlyMap<string, Value>): Value => {
  const engine = templar();
  const scope = scopeOf(vars, engine);
  if (mode === 's') return engine.resolve(source, scope);
  if (mode === 'w') return engine.condition(source, scope);
  const path = join(folder, 'case.j2');
  writeFileSync(path, source);
  return engine.renderFile(path, scope, [folder]);
};
const CODES: Readonly<Record<string, readonly string[]>> = {
  AnsibleUndefinedVariable: ['E_UNDEFINED'],
  AnsibleError: ['E_TEMPLATE', 'E_SYNTAX', 'E_UNDEFINED'],
  ZeroDivisionError: ['E_TEMPLATE'],
};
const withoutAddresses = (value: Value): Value => (typeof value === 'string' ? value.replace(/0x7f[\da-f]+/g, '0x7f') : value);

describe('ansible-core agrees', () => {
  test.each(RECORDED.map(item => [String(item.get('id')), String(item.get('src')), item] as const))('%s %s', (_, source, item) => {
    const vars = new Map([...named(RECORDED_VARS), ...named(item.get('vars'))]);
    const mode = String(item.get('mode'));
    const error = item.get('err');
    if (typeof error === 'string') {
      const { code, message } = failure(() => evaluate(mode, source, vars));
      expect(CODES[error]).toContain(code);
      expect(String(item.get('msg'))).toContain(message);
      return;
    }
    const [got, want] = [withoutAddresses(evaluate(mode, source, vars)), withoutAddresses(item.get('want') ?? null)];
    expect(repr(got)).toBe(repr(want));
    expect(typeName(got)).toBe(item.get('wtype'));
    expect(equals(got, want)).toBe(true);
  });
});
