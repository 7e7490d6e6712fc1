import type { ExpectStatic } from 'vitest';
import { disagreements, unlike } from './_compare.ts';
import type { Theme } from './_themes.ts';
import { type Heard, toldBy } from './_told.ts';

/** What a run was heard to say, and what is then in its scratch folder. */
export type Played = readonly [Heard, Readonly<Record<string, string>>];

/** Expects all runs of a theme to agree, but for what is meant to differ, and that to show. */
export const expectAgreement = (
  { name, runs, differs }: Theme,
  ours: readonly Played[],
  theirs: readonly Played[],
  expect: ExpectStatic,
): void => {
  const stale = new Set(differs);
  for (const [i, args] of runs.entries()) {
    const [[us, ourTree], [them, theirTree]] = [ours[i]!, theirs[i]!];
    const all = [...disagreements(toldBy(us), toldBy(them)), ...unlike('files', ourTree, theirTree)];
    for (const pattern of stale) if (all.some(line => pattern.test(line))) stale.delete(pattern);
    const found = all.filter(line => !differs.some(meant => meant.test(line)));
    expect.soft(found, [name, ...args, '\nansible:', them.said, '\nkplay:', us.said].join(' ')).toEqual([]);
  }
  expect.soft([...stale], `${name}: meant to differ, and does not`).toEqual([]);
};
