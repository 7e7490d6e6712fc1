import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { test } from 'vitest';
import { expectAgreement, type Played } from './_agree.ts';
import { answered } from './_answers.ts';
import { ansible, kplay, type Player } from './_play.ts';
import { type Theme, themes } from './_themes.ts';
import { replaced } from './_told.ts';
import { treeOf } from './_tree.ts';

const INVENTORY = `
[trio]
one number=1
two number=2
three number=3
[pair]
one
three
[all:vars]
ansible_connection=local
ansible_python_interpreter="{{ ansible_playbook_python }}"
from_inventory=[1, 2]
`;
const two = pLimit(2);

/** All runs of a theme, with what is then in its scratch folder. */
const played = async (player: Player, theme: Theme, home: string): Promise<readonly Played[]> => {
  const inventory = join(home, 'hosts');
  const scratch = join(home, 'scratch');
  mkdirSync(scratch, { recursive: true });
  writeFileSync(inventory, INVENTORY);
  const ends: Played[] = [];
  for (const args of theme.runs) {
    const told = await player(theme, args, { inventory, scratch, home, vars: {} });
    ends.push([replaced(told as never, home, '{home}') as never, await treeOf([], scratch)]);
  }
  return ends;
};

test.runIf(process.env['KPLAY_ORACLE']).concurrent.for(themes('local'))('$name', { timeout: 1_800_000 }, async (theme, { expect }) => {
  const root = mkdtempSync(join(tmpdir(), 'kplay-oracle-'));
  const [theirs, ours] = await two(() =>
    Promise.all([answered(theme, () => played(ansible, theme, join(root, 'them'))), played(kplay, theme, join(root, 'self'))]),
  );
  expectAgreement(theme, ours, theirs, expect);
});
