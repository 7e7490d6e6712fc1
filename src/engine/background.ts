import { randomInt } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import type { Fields, JobState, Output, Step } from '../model/module.ts';
import type { Task } from '../playbook/types.ts';
import { raw, sh } from '../shell/sh.ts';
import { ENDED_WITH_JOB } from '../shell/session.ts';
import { converge, type Converged, type Hands, type Work } from './converge.ts';
import type { Keywords } from './keywords.ts';
import type { Act, Observations } from './observations.ts';
import { judged, send, type Sender } from './send.ts';
import type { Seat } from './targets.ts';

/** What goes on by itself on a host, as `async` with `poll: 0` asks for; or what was done at once all the same. */
export type Job =
  | { readonly done: Converged }
  | { readonly steps: readonly Step[]; readonly act: Act; readonly conclude: (outputs: readonly Output[]) => Converged };

/** What `async` and `poll` ask for: a time limit, and whether the task waits for the end. */
export interface Later {
  readonly id: string;
  readonly limitSeconds: number;
  readonly polls: boolean;
}
/** Undefined without `async`. Ansible polls each 15 seconds where `poll` does not say. */
export const jobOf = (task: Task, keywords: Keywords): Later | undefined => {
  const limitSeconds = task.async ? keywords.number(task.async) : 0;
  if (limitSeconds <= 0) return undefined;
  return { id: `j${randomInt(10 ** 12)}`, limitSeconds, polls: !task.poll || keywords.number(task.poll) > 0 };
};
/** What a result says of its job. Its files are where Ansible's own are, too. */
export const told = ({ id }: { readonly id: string }, finished: 0 | 1): Fields => ({
  ansible_job_id: id,
  started: 1,
  finished,
  results_file: `~/.ansible_async/${id}`,
});
/** A limit was exceeded, that of `async` or of `timeout`, in Ansible's words and fields. */
export const overdue = (error: unknown, { action }: Task, limitSeconds: number, later: Later | undefined): unknown => {
  if (!(error instanceof KplayError) || error.code !== 'E_TIMEOUT' || limitSeconds <= 0) return error;
  const { detail } = error;
  const more = { cause: error, ...(detail !== undefined && { detail }) };
  if (later) return new KplayError('E_TIMEOUT', `async task did not complete within the requested time - ${limitSeconds}s`, more);
  const message = `The ${action} action failed to execute in the expected time frame (${limitSeconds}) and was terminated`;
  return new KplayError('E_TIMEOUT', message, { ...more, fields: { timedout: { period: limitSeconds } } });
};

/**
 * Looks now, and lets what is to be done go on by itself: it outlives the task, the connection and the run. In check mode, where a permit is
 * needed, and where it cannot be handed over (it reads input, or takes the host away) it is done at once.
 */
export const begin = async (work: Work, hands: Hands, later: Later): Promise<Job> => {
  const { module, mode } = work;
  const isOwn = !mode.check && module.comeback === undefined && !hands.guarded(module);
  return (isOwn ? await launch(work, hands, later) : undefined) ?? { done: await converge(work, hands) };
};

/** Undefined where a step reads input, or holds it. */
const launch = async ({ module, args, seat, controller, mode }: Work, hands: Hands, later: Later): Promise<Job | undefined> => {
  const ready = await module.prepare(args, controller);
  return seat.target.machine.exclusive(async () => {
    const seen = await hands.looker.see(seat, module.observe(ready, mode));
    const changes = module.analyze(ready, seen, mode);
    const conclude = (outputs: readonly Output[] | undefined): Converged => ({
      changes,
      result: module.result(ready, seen, changes, outputs),
    });
    const steps = changes.length === 0 ? [] : module.act(ready, seen, changes, true);
    if (steps.length === 0) return { done: conclude(undefined) };
    if (steps.some(({ stdin, holdsContent }) => stdin !== undefined || holdsContent)) return undefined;
    // Until its end is known, what is seen of the host proves nothing.
    const act = hands.observations.begin(seat.target.machine.id, module.reach, later.limitSeconds * 1000);
    await tell(launching(seat, steps, later), seat, hands);
    return { steps, act, conclude };
  });
};

/** How a job is that was begun in this run. Throws what its act failed with. */
export const stateOf = async (
  job: Job | undefined,
  jid: string,
  seat: Seat,
  hands: Sender & { readonly observations: Observations },
): Promise<JobState> => {
  if (job === undefined) return { is: 'unknown' };
  if ('done' in job) return { is: 'done', ...job.done };
  const { stdout } = await tell(collecting(jid), seat, hands);
  const [word = ''] = stdout.toString().split('\n', 1);
  if (word !== 'done') return { is: word === 'running' ? 'running' : 'unknown' };
  hands.observations.end(job.act);
  const outputs = outputsIn(stdout.subarray(word.length + 1));
  for (const [index, output] of outputs.entries()) judged(job.steps[index]!, output);
  return { is: 'done', ...job.conclude(outputs) };
};

export const forget = (jid: string, seat: Seat, hands: Sender): Promise<Output> => tell(sh`rm -rf ${raw(folderOf(jid))}`, seat, hands);

const tell = (script: string, seat: Seat, hands: Sender): Promise<Output> => send({ script }, seat, hands, undefined, () => undefined);

/** Shell text, for the tilde. */
const folderOf = (jid: string): string => sh`~/.ansible_async/${jid}`;

const launching = (seat: Seat, steps: readonly Step[], { id, limitSeconds }: Later): string => sh`d=${raw(folderOf(id))}
(
  umask 077
  mkdir -p "$d" && printf '%s' ${RUN} >"$d/run" || exit
  ${raw(steps.map(({ script }, index) => sh`printf '%s' ${seat.prelude + script} >"$d/${index}" || exit`).join('\n'))}
) || exit
own=
if command -v setsid >/dev/null 2>&1; then own=setsid; fi
$own nohup /bin/sh "$d/run" "$d" "$own" ${limitSeconds} ${steps.map(({ exit = 'zero' }) => exit)} </dev/null >/dev/null 2>&1 &`;

/** Step after step, each with what it printed beside it. Only a process group of its own can be ended when the time is up. */
const RUN = `d=$1 own=$2 limit=$3 watch= n=0
shift 3
if [ -n "$own" ]; then
  (trap 'kill "$nap"; exit' TERM; sleep "$limit" & nap=$!; wait "$nap"; kill -KILL 0) &
  watch=$!
fi
for exit; do
  date +%s >"$d/$n.start"
  (${ENDED_WITH_JOB}; set --; . "$d/$n") >"$d/$n.out" 2>"$d/$n.err"
  rc=$?
  date +%s >"$d/$n.end"
  echo "$rc" >"$d/$n.rc"
  [ "$rc" = 0 ] || [ "$exit" = any ] || break
  n=$((n + 1))
done
: >"$d/done"
[ -z "$watch" ] || kill "$watch"`;

const collecting = (jid: string): string => sh`d=${raw(folderOf(jid))}
[ -d "$d" ] || { echo unknown; exit; }
[ -e "$d/done" ] || { echo running; exit; }
echo done
n=0
while [ -e "$d/$n.rc" ]; do
  echo $(cat "$d/$n.rc" "$d/$n.start" "$d/$n.end") $(wc -c <"$d/$n.out") $(wc -c <"$d/$n.err")
  cat "$d/$n.out" "$d/$n.err"
  n=$((n + 1))
done`;

/** A line of status, start and end (seconds since the epoch), and the lengths of what follows: what was printed, to each stream. */
const outputsIn = (text: Buffer): readonly Output[] => {
  const outputs: Output[] = [];
  for (let rest = text; rest.length > 0;) {
    const line = rest.indexOf('\n');
    const [rc = 0, start = 0, end = 0, out = 0, err = 0] = rest.subarray(0, line).toString().split(' ').map(Number);
    const at = line + 1;
    outputs.push({
      rc,
      stdout: rest.subarray(at, at + out),
      stderr: rest.subarray(at + out, at + out + err),
      startedAt: new Date(start * 1000),
      endedAt: new Date(end * 1000),
    });
    rest = rest.subarray(at + out + err);
  }
  return outputs;
};
