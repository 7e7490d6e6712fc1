import { KplayError } from '../model/errors.ts';
import type { Located, Rolling } from '../playbook/types.ts';
import { toPlain } from '../value/plain.ts';
import { str } from '../value/repr.ts';
import type { Setback } from './batch.ts';
import { nextOf, sizeOf } from './batches.ts';
import type { HostState } from './host.ts';
import { afterRollback, budgetSpent, budgetUnknown, type Rollback, type Whole } from './rolling-told.ts';
import { runStage, type Stage, type Staged, type Staging } from './stage.ts';

type Setbacks = ReadonlyMap<string, Setback>;

/**
 * A rolling play: batch by batch, each through the play, its gate, its soak and its gate again; docs/rolling.md. Throws E_ROLLING where it
 * must not go on, after the batch in which a host failed was rolled back.
 */
export const rollOver = async (staging: Staging, rolling: Rolling, hosts: readonly HostState[]): Promise<void> => {
  const sizes = sizesOf(staging, rolling, hosts.length);
  for (let done = 0; done < hosts.length;) {
    const [before, left] = [hosts.slice(0, done), hosts.slice(done)];
    const size = done === 0 && sizes.canary > 0 ? sizes.canary : sizes.batch;
    const batch = nextBatch(staging, rolling, { before, left, size, mayBeDown: sizes.mayBeDown });
    done += batch.length;
    const end = await rollBatch(staging, rolling, { before, batch, after: hosts.slice(done), soakMs: sizes.soakMs });
    if (end === 'play') return;
  }
};

interface Sizes {
  readonly canary: number;
  readonly batch: number;
  readonly mayBeDown: number;
  readonly soakMs: number;
}
const sizesOf = ({ context, scope }: Staging, rolling: Rolling, total: number): Sizes => {
  const size = (keyword: string, given: Located | undefined): number | undefined => {
    const value = given && context.templating.resolve(given.value, scope);
    if (value === undefined || value === null || (keyword === 'canary' && str(value) === '0')) return undefined;
    if (Number(str(value)) <= 0) throw new KplayError('E_ARGS', `${keyword}: must be at least 1`, { at: given!.at });
    return sizeOf(keyword, value, total);
  };
  const [canary = 0, batch = 1] = [size('canary', rolling.canary), size('batch', rolling.batch)];
  const soakMs = rolling.soak ? Number(str(context.templating.resolve(rolling.soak.value, scope))) * 1000 : 0;
  if (!(soakMs >= 0)) throw new KplayError('E_ARGS', 'soak: a number of seconds is wanted', { at: rolling.soak!.at });
  return { canary, batch, mayBeDown: size('max_unavailable', rolling.maxUnavailable) ?? Math.max(canary, batch), soakMs };
};

interface Coming {
  readonly before: readonly HostState[];
  readonly left: readonly HostState[];
  readonly size: number;
  readonly mayBeDown: number;
}
/** Throws E_ROLLING when the hosts that are down already leave nothing of what may be down, or when nobody can tell. */
const nextBatch = (staging: Staging, rolling: Rolling, { before, left, size, mayBeDown }: Coming): readonly HostState[] => {
  const whole = { done: namesOf(before), untouched: namesOf(left) };
  const down = unavailable(staging, rolling.unavailable, whole);
  const batch = nextOf(whole.untouched, size, mayBeDown, down);
  if (batch.length === 0) throw budgetSpent(rolling.at, { ...whole, mayBeDown, down });
  return left.slice(0, batch.length);
};

const unavailable = ({ context, variables }: Staging, given: Located | undefined, whole: Whole): readonly string[] => {
  if (!given) return [];
  try {
    const names = toPlain(context.templating.resolve(given.value, variables.playScope()));
    if (Array.isArray(names) && names.every(name => typeof name === 'string')) return [...new Set(names)];
    throw new KplayError('E_ARGS', `a list of host names is wanted, and this gives ${JSON.stringify(names)}`);
  } catch (error) {
    throw error instanceof KplayError ? budgetUnknown(given.at, whole, error) : error;
  }
};

interface Place {
  readonly before: readonly HostState[];
  readonly batch: readonly HostState[];
  readonly after: readonly HostState[];
  readonly soakMs: number;
}

const rollBatch = async (staging: Staging, rolling: Rolling, place: Place): Promise<Staged['end']> => {
  const { batch } = place;
  const { check } = staging.context.options;
  const { end, begun, setbacks: atWork } = await runStage(staging, batch, { of: 'play', together: true });
  const isGated = !check && begun.size > 0 && atWork.size === 0;
  const setbacks = isGated ? await passGate(staging, rolling, place) : atWork;
  if (setbacks.size === 0) return end;
  const started = batch.filter(({ name }) => begun.has(name));
  const rollback = check ? undefined : await rollBack(staging, rolling, started, setbacks);
  const whole = { done: namesOf(place.before), untouched: namesOf(place.after) };
  throw afterRollback(rolling, { ...whole, setbacks, rollback, batch: namesOf(batch) });
};

/** What hosts failed at in the gate, or in the gate after the soak. */
const passGate = async (staging: Staging, rolling: Rolling, { batch, soakMs }: Place): Promise<Setbacks> => {
  if (rolling.gate.length === 0) return new Map();
  const gate: Stage = { of: 'gate', together: true };
  const { setbacks } = await again(staging, batch, gate);
  if (setbacks.size > 0 || soakMs === 0) return setbacks;
  await soak(staging, rolling, batch, soakMs);
  return (await again(staging, batch, gate)).setbacks;
};

/** Hosts go through another stage of the same play, those that failed as well. */
const again = (staging: Staging, hosts: readonly HostState[], stage: Stage): Promise<Staged> => {
  for (const host of hosts) {
    host.failed = false;
    host.beginPlay();
  }
  return runStage(staging, hosts, stage);
};

const soak = async ({ context, number }: Staging, { at }: Rolling, batch: readonly HostState[], soakMs: number): Promise<void> => {
  const { emit, clock, signal } = context.options;
  const task = { id: context.nextTaskId(), play: number, name: 'soak', action: 'soak', handler: false, at };
  emit({ type: 'task-start', task, hosts: namesOf(batch) });
  for (const host of batch) emit({ type: 'host-wait', task, host: host.name, reason: `${soakMs / 1000} s of soaking` });
  await clock.wait(soakMs, signal);
};

/** Every host that had begun and can be reached, whatever becomes of the others; then the gate tells in what state that left them. */
const rollBack = async (staging: Staging, rolling: Rolling, begun: readonly HostState[], setbacks: Setbacks): Promise<Rollback> => {
  const lost = begun.filter(({ unreachable }) => unreachable);
  const hosts = rolling.rollback.length === 0 ? [] : begun.filter(({ unreachable }) => !unreachable);
  const [first] = setbacks.values();
  for (const host of hosts) {
    const { task, result } = setbacks.get(host.name) ?? first!;
    host.failedAt(task ?? { name: '', action: '' }, result.fields);
  }
  const { setbacks: failed } = await again(staging, hosts, { of: 'rollback', together: false });
  const back = hosts.filter(({ name }) => !failed.has(name));
  const isGated = rolling.gate.length > 0;
  const { setbacks: unhealthy } = isGated ? await again(staging, back, { of: 'gate', together: false }) : { setbacks: new Map() };
  return { isGated, back: namesOf(back.filter(({ name }) => !unhealthy.has(name))), unhealthy, failed, lost: namesOf(lost) };
};

const namesOf = (hosts: readonly HostState[]): readonly string[] => hosts.map(({ name }) => name);
