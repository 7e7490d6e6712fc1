import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { bool, choice, float, int, optional, str } from './args.ts';
import { definePrepared } from './define.ts';
import { parseLine, type RunLine } from './docker/line.ts';
import { analyze, observe, PULLS, result, type Seen, STATES, steps, type Wanted } from './docker/manage.ts';
import { checkValues } from './docker/compare.ts';

const args = z.strictObject({
  command: str.describe('The `docker run …` line as you would run it on the host; a backslash continues it on the next line.'),
  name: optional(str).describe('The container; else the line says it with --name.'),
  pull: choice(...PULLS)
    .default('missing')
    .describe('`always` asks the registry each time whether the tag means another image now.'),
  state: choice(...STATES)
    .default('started')
    .describe('`present` leaves it running or not; `stopped` and `present` create a missing one without starting it.'),
  recreate: bool.default(false).describe('Replace the container though nothing differs.'),
  stop_timeout: optional(int).describe('Seconds a container gets to end before it is killed. Unset: its own, or 10.'),
  settle: float.default(2).describe('Seconds a new container must keep running before the one it replaces is given up.'),
});

/** Options that cannot stand together, as docker itself refuses them. */
const refuseConflicts = ({ options }: RunLine): void => {
  const restarts = !/^(|no)$/.test(options.get('--restart')?.at(-1) ?? '');
  if (options.get('--rm')?.at(-1) === 'true' && restarts) throw new KplayError('E_ARGS', 'conflicting options: --restart and --rm');
  if (options.get('--detach')?.at(-1) === 'false')
    throw new KplayError('E_ARGS', '--detach=false cannot be used here: the container runs detached');
};

export const dockerRun = definePrepared<Seen, Wanted>()({
  name: 'docker_run',
  summary: 'Keep a container as its docker run line says; replace it only when it differs.',
  args,
  freeForm: 'command',
  reach: 'world',
  prepare(given): Wanted {
    const parsed = parseLine(given.command);
    refuseConflicts(parsed);
    const said = parsed.options.get('--name')?.at(-1);
    const name = given.name ?? said;
    if (name === undefined) throw new KplayError('E_ARGS', 'the docker run line names no container', { hint: 'add --name' });
    if (said !== undefined && said !== name)
      throw new KplayError('E_ARGS', `the container is called ${said} by --name and ${name} by name`);
    const line = { ...parsed, options: new Map([...parsed.options, ['--name', [name]]]) };
    checkValues(line, name);
    const { stop_timeout, settle, ...rest } = given;
    const pulls = parsed.options.get('--pull')?.at(-1);
    return {
      ...rest,
      name,
      line: { ...line, options: new Map([...line.options].filter(([option]) => option !== '--pull' && option !== '--detach')) },
      pull: pulls === 'always' || pulls === 'never' ? pulls : given.pull,
      restart: false,
      settleSeconds: Math.max(0, Math.round(settle)),
      ...(stop_timeout === undefined ? {} : { stopTimeoutSeconds: stop_timeout }),
    };
  },
  observe,
  analyze,
  act: steps,
  result,
});
