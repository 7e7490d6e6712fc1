import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { moduleDocs } from '../../src/cli/module-docs.ts';
import { settingsDocs } from '../../src/cli/settings-docs.ts';
import type { Task } from '../../src/model/module.ts';
import { catalog } from '../../src/tasks/index.ts';

const all = (): readonly Task[] => {
  const { get, names } = catalog();
  return names().flatMap(name => get(name) ?? []);
};

test('docs/modules.md is what `npm run docs` writes', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/modules.md'), 'utf8')).toBe(moduleDocs(all()));
});
test('so is docs/settings.md', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')).toBe(settingsDocs());
});

test('every argument says what it is for', () => {
  const silent = all().flatMap(({ name, args }) => {
    const { properties = {} } = z.toJSONSchema(args, { io: 'input', unrepresentable: 'any' });
    return Object.entries(properties).flatMap(([key, property]) =>
      key.startsWith('_') || (typeof property === 'object' && property.description) ? [] : [`${name}.${key}`],
    );
  });
  expect(silent).toEqual([]);
});
