/**
 * What kplay makes of other people's work, beside what Ansible makes of it; one line a disagreement, then the sums:
 * `node test/oracle/corpora.ts [--only inventories|playbooks|templates] [--extra-vars FILE] DIR...`, each DIR a checkout, FILE what its
 * users write themselves. KPLAY_ORACLE is the bin folder of an Ansible (test/setup/prepare.sh makes one). Templates are evaluated, and
 * lookups in them may write files: give copies.
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

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, 'extra-vars': { type: 'string', multiple: true } },
  allowPositionals: true,
});
if (oracleBin === undefined) throw new Error('KPLAY_ORACLE is not set');
const extraVars = (values['extra-vars'] ?? []).map(name => resolve(name));
for (const corpus of positionals.map(name => resolve(name))) {
  const tallies = Object.keys(KINDS).filter(kind => (values.only ?? kind) === kind).map(kind => new Tally(kind, write)); // prettier-ignore
  for (const project of projectsIn(corpus, extraVars)) for (const tally of tallies) await KINDS[tally.kind]!(oracleBin, project, tally);
  write(`\n${corpus}\n${tallies.join('\n')}\n\n`);
  if (!tallies.every(({ clean }) => clean)) process.exitCode = 1;
}
