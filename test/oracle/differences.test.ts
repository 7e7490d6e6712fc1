import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { themes } from './_themes.ts';

const textOf = (path: string): string => {
  const file = join(import.meta.dirname, '../..', path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};
/** All rows that tell Ansible from kplay: what it does, what kplay does, why, and what holds it. */
const rows = [...textOf('docs/ansible-differences.md').matchAll(/^\| Ansible \|.*\n\| -.*\n((?:\|.*\n)*)/gm)]
  .flatMap(([, table = '']) => table.trimEnd().split('\n'))
  .map(row => row.slice(2, -2).split(' | '));

interface Holder {
  /** `tasks/apt` is a file of tests, `async.yml` a playbook. */
  readonly file: string;
  /** A test's title, or a part of what the playbook finds to differ. */
  readonly name: string;
}
const holdersIn = (cell = ''): readonly Holder[] =>
  [...cell.matchAll(/`([\w./-]+): (.*?)`/g)].map(([, file = '', name = '']) => ({ file, name }));

/** What each playbook finds to differ. */
const found = new Map(
  (['local', 'lab', 'docker'] as const).flatMap(themes).map(({ name, differs }) => [`${name}.yml`, differs.map(({ source }) => source)]),
);
/** Titles of tests, and of their cases. */
const titlesIn = (path: string): readonly string[] =>
  [...textOf(path).matchAll(/[([]\s*(['"`])((?:(?!\1).)+)\1,/g)].map(([, , title = '']) => title);
const holds = ({ file, name }: Holder): boolean =>
  found.get(file)?.some(pattern => pattern.includes(name)) ?? titlesIn(`test/${file}.test.ts`).includes(name);

test.each(rows)('%s', (...cells) => {
  expect(cells).toHaveLength(4);
  const holders = holdersIn(cells[3]);
  expect(holders).not.toEqual([]);
  expect(holders.filter(holder => !holds(holder))).toEqual([]);
});

test('what a playbook finds to differ is on the list', () => {
  const holders = rows.flatMap(cells => holdersIn(cells[3]));
  const missing = [...found].flatMap(([playbook, patterns]) =>
    patterns
      // Counts, exit codes and files follow from what was done.
      .filter(pattern => !/^\^(?:recap|exit code|files)/.test(pattern))
      .filter(pattern => !holders.some(({ file, name }) => file === playbook && pattern.includes(name)))
      .map(pattern => `${playbook}: ${pattern}`),
  );
  expect(missing).toEqual([]);
});
