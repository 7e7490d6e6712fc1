import type { Build } from '../build.ts';
import type { Play } from '../types.ts';
import { checkArguments, countMissing } from './arguments.ts';
import { checkRolling, lookAtExpressions } from './expressions.ts';
import { checkFiles } from './files.ts';
import { checkLoop, checkPlayKeywords, checkTaskKeywords } from './keywords.ts';
import { checkHosts, checkNames, definitions } from './names.ts';
import { checkNotify } from './notify.ts';
import { isSure } from './report.ts';
import { survey } from './survey.ts';
import type { Visit } from './survey.ts';

/**
 * What loading does not notice but every run would stumble over: arguments, templates, files, names. An error only where Ansible would
 * surely fail too; what fails only if a host gets there is a warning.
 */
export const checkPlays = (plays: readonly Play[], build: Build): void => {
  for (const play of plays) {
    checkPlayKeywords(play, build);
    checkRolling(play, build);
  }
  const seen = survey(plays, build);
  const known = definitions(plays, seen, build);
  for (const play of plays) checkHosts(play, build);
  if (seen.complete) checkNotify(seen.visits, build);
  const visits = distinct(seen.visits);
  if (build.options.allowMissingModules === true) countMissing(visits, build);
  for (const visit of visits) {
    checkTaskKeywords(visit, build);
    checkLoop(visit, build);
    checkArguments(visit, build);
    const looked = lookAtExpressions(visit, build);
    const template = checkFiles(visit, build);
    if (known) checkNames(visit, looked, template, known, build);
  }
};

/** A role that is used ten times is looked at once, where it is surest. */
const distinct = (visits: readonly Visit[]): readonly Visit[] => {
  const byPlace = new Map<string, Visit>();
  for (const visit of visits) {
    const { file, line, col } = visit.task.at;
    const key = `${line}:${col} ${file}`;
    const before = byPlace.get(key);
    if (!before || weight(visit) > weight(before)) byPlace.set(key, visit);
  }
  return [...byPlace.values()];
};
const weight = (visit: Visit): number => Number(isSure(visit)) * 2 + Number(visit.reached) + Number(isSure(visit) && !visit.afterWriter);
