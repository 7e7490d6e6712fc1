/**
 * What kplay makes of other people's work, beside what Ansible makes of it: `node test/oracle/corpora.ts [--only KIND] DIR...`, each
 * a checkout. KPLAY_ORACLE is the bin folder of an Ansible (test/setup/prepare.sh makes one). One line a disagreement, then the sums.
 * Templates are evaluated, lookups too, and some write files: give copies.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { oracleBin } from '../yaml/_oracle.ts';
import { compareInventories } from './corpora/inventories.ts';
import { comparePlaybooks } from './corpora/playbooks.ts';
import { type Project, projectsIn } from './corpora/projects.ts';
import { Tally } from './corpora/tally.ts';
import { compareTemplates } from './corpora/templates.ts';

type Compare = (bin: string, project: Project, tally: Tally) => void | Promise<void>;
const KINDS: Readonly<Record<string, Compare>> = {
  inventories: compareInventories,
  playbooks: comparePlaybooks,
  templates: compareTemplates,
};

const write = (line: string): void => void process.stdout.write(line);

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
if (oracleBin === undefined) throw new Error('KPLAY_ORACLE is not set');
for (const corpus of positionals.map(name => resolve(name))) {
  const tallies = Object.keys(KINDS).filter(kind => (values.only ?? kind) === kind).map(kind => new Tally(kind, write)); // prettier-ignore
  for (const project of projectsIn(corpus)) for (const tally of tallies) await KINDS[tally.kind]!(oracleBin, project, tally);
  write(`\n${corpus}\n${tallies.join('\n')}\n\n`);
  if (!tallies.every(({ clean }) => clean)) process.exitCode = 1;
}
