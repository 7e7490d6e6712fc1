import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePlaybook } from '../../src/playbook/playbook.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { BAD, GOOD } from './_cases.ts';
import { readByAnsible, readCompiled } from './_oracle.ts';
import type { Reading } from './_oracle.ts';
import { project, testOptions, told } from './_project.ts';

const asProject = (files: string | Readonly<Record<string, string>>): string =>
  join(project(typeof files === 'string' ? { 'site.yml': files } : files), 'site.yml');

test.each(BAD)('%j is refused at %s: %s', (files, place, message) => {
  const { diagnostics } = compilePlaybook(asProject(files), testOptions);
  const errors = told(diagnostics).filter(line => !line.startsWith('warning'));
  expect(errors[0]).toMatch(new RegExp(`^${place} `));
  expect(errors[0]).toContain(message);
});

describe.runIf(oracleBin)('ansible-core', () => {
  test('refuses what kplay refuses', () => {
    const readings = readByAnsible(BAD.map(([files]) => asProject(files)));
    expect(BAD.filter((_case, at) => !('error' in (readings[at] ?? {})))).toEqual([]);
  });

  const good = Object.entries(GOOD).map(([name, files]) => ({ name, path: asProject(files) }));
  let readings: readonly Reading[] | undefined;
  test.each(good)('reads alike: $name', ({ path }) => {
    readings ??= readByAnsible(good.map(each => each.path));
    const { playbook, diagnostics } = compilePlaybook(path, testOptions);
    expect(told(diagnostics).filter(line => !line.startsWith('warning'))).toEqual([]);
    expect({ plays: playbook.plays.map(readCompiled) }).toEqual(readings[good.findIndex(each => each.path === path)]);
  });
});
