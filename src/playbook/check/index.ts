import type { Build } from '../build.ts';
import type { Play } from '../types.ts';
import { checkArguments } from './arguments.ts';
import { lookAtExpressions } from './expressions.ts';
import { checkFiles } from './files.ts';
import { checkPlayKeywords, checkTaskKeywords } from './keywords.ts';
import { checkNames, definitions } from './names.ts';
import { survey } from './survey.ts';

/**
 * What loading does not notice but every run would stumble over: arguments, templates, files, names. An error only where Ansible would
 * surely fail too; what fails only if a host gets there is a warning.
 */
export const checkPlays = (plays: readonly Play[], build: Build): void => {
  for (const play of plays) checkPlayKeywords(play, build);
  const seen = survey(plays, build);
  const known = definitions(plays, seen, build);
  for (const visit of seen.visits) {
    checkTaskKeywords(visit, build);
    checkArguments(visit, build);
    const looked = lookAtExpressions(visit, build);
    const template = checkFiles(visit, build);
    if (known) checkNames(visit, looked, template, known, build);
  }
};
