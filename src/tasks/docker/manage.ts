import { KplayError } from '../../model/errors.ts';
import type { Change, Changes, Fields, Mode, Output, Plain, Step } from '../../model/module.ts';
import { type Container, containerOf, dig, type Inspected, registryDigest } from '../../probes/docker.ts';
import { type Comparison, differences } from './compare.ts';
import { printLine, type RunLine } from './line.ts';
import * as act from './replace.ts';

export const PULLS = ['missing', 'always', 'never'] as const;
export const STATES = ['started', 'stopped', 'present', 'absent'] as const;

/** A container as it is wanted: what docker_run and docker_container have in common. */
export interface Wanted {
  readonly name: string;
  readonly line: RunLine;
  readonly pull: (typeof PULLS)[number];
  readonly state: (typeof STATES)[number];
  /** Replace it whatever it is like; restart it though nothing differs. */
  readonly recreate: boolean;
  readonly restart: boolean;
  readonly stopTimeoutSeconds?: number;
  readonly settleSeconds: number;
  readonly how?: (option: string, stated: boolean) => Comparison;
}
export type Seen = [now: Container, aside: Container, registry: string | undefined];

/** What the registry has is looked at only where it may matter. */
export const observe = ({ name, line, pull, state }: Wanted) =>
  [
    containerOf(name, state === 'absent' ? undefined : line.image),
    containerOf(act.backupName(name)),
    state !== 'absent' && pull === 'always' && !line.image.includes('@') ? { kind: registryDigest, subject: line.image } : undefined,
  ] as const;

/** Images by short id, as docker prints them. */
const short = (id: Plain): string =>
  String(id ?? '')
    .replace(/^sha256:/, '')
    .slice(0, 12);

/** Is what the registry has already here? Undefined: only a pull can tell. */
const isFresh = ({ pull, line }: Wanted, local: Inspected | undefined, digest: string | undefined): boolean | undefined => {
  if (pull !== 'always' || line.image.includes('@')) return local !== undefined;
  if (local === undefined) return false;
  const digests = dig(local, 'RepoDigests');
  return digest === undefined ? undefined : Array.isArray(digests) && digests.some(known => String(known).endsWith(`@${digest}`));
};

const imageChange = (wanted: Wanted, now: Inspected | undefined, local: Inspected | undefined, digest: string | undefined): Changes => {
  const { image: reference } = wanted.line;
  const fresh = isFresh(wanted, local, digest);
  if (fresh !== true && wanted.pull === 'never')
    throw new KplayError('E_STATE', `the image ${reference} is not on the host, and pull is never`);
  if (fresh === undefined) return [{ key: 'pull', before: short(dig(local, 'Id')), after: reference }];
  const before = now === undefined ? null : `${String(dig(now, 'Config', 'Image'))} (${short(dig(now, 'Image'))})`;
  if (!fresh) return [{ key: 'image', before, after: reference }];
  return now === undefined || dig(now, 'Image') === dig(local, 'Id')
    ? []
    : [{ key: 'image', before, after: `${reference} (${short(dig(local, 'Id'))})` }];
};

const isRunning = (now: Inspected): boolean => dig(now, 'State', 'Running') === true && dig(now, 'State', 'Paused') !== true;
const status = (now: Inspected): Plain => dig(now, 'State', 'Status');

/** A missing container is one change: the line that makes it. */
const creation = (wanted: Wanted, now: Container, aside: Container): Changes =>
  now.container === undefined
    ? [{ key: 'container', before: aside.container === undefined ? null : act.backupName(wanted.name), after: wanted.name }]
    : differences(wanted.line, wanted.name, now, wanted.how);

export const analyze = (wanted: Wanted, [now, aside, digest]: Seen, _mode: Mode): Changes => {
  const { name, state, recreate, restart } = wanted;
  if (state === 'absent') {
    const there = [now.container, aside.container].filter(found => found !== undefined);
    return there.length === 0 ? [] : [{ key: 'state', before: status(there[0] ?? {}), after: 'absent' }];
  }
  const changes: Change[] = [...imageChange(wanted, now.container, now.wanted, digest), ...creation(wanted, now, aside)];
  const { container: found } = now;
  if (found === undefined) return changes;
  if (recreate) changes.push({ key: 'recreate', before: false, after: true });
  if (state === 'started' && !isRunning(found)) changes.push({ key: 'state', before: status(found), after: 'running' });
  else if (state === 'stopped' && dig(found, 'State', 'Running') === true)
    changes.push({ key: 'state', before: status(found), after: 'stopped' });
  else if (restart && state === 'started') changes.push({ key: 'restart', before: false, after: true });
  if (aside.container !== undefined) changes.push({ key: 'leftover', before: act.backupName(name), after: null });
  return changes;
};

/** These leave the container itself as it is. */
const GENTLE: ReadonlySet<string> = new Set(['state', 'restart', 'leftover', 'pull']);
/** Docker changes these in a container that runs (docker-update(1)), as community.docker does. */
const LIVE = ['--restart', '--memory', '--memory-reservation', '--memory-swap', '--cpus', '--cpu-shares', '--cpuset-cpus', '--cpuset-mems'];
const liveOptions = ({ line }: Wanted, keys: ReadonlySet<string>): readonly string[] =>
  LIVE.filter(option => keys.has(option)).flatMap(option => (line.options.get(option) ?? []).slice(-1).map(value => `${option}=${value}`));
/** Can all of this be done to the container that is there? What is taken away cannot. */
const keepsContainer = ({ line }: Wanted, keys: ReadonlySet<string>): boolean =>
  [...keys].every(key => GENTLE.has(key) || (LIVE.includes(key) && line.options.has(key)));

const isToRun = ({ state }: Wanted, found: Inspected | undefined): boolean =>
  state === 'started' || (state === 'present' && found !== undefined && isRunning(found));

/** Pulls first, so that the gap is a restart and no pull, and a pull that fails changes nothing. */
export const steps = (wanted: Wanted, [now]: Seen, changes: Changes): readonly Step[] => {
  const { name, line, state, stopTimeoutSeconds } = wanted;
  const keys = new Set(changes.map(({ key }) => key));
  if (state === 'absent') return [{ script: act.removeScript(name, stopTimeoutSeconds) }];
  const { container: found } = now;
  const replace = act.replaceScript({
    name,
    words: printLine(line),
    start: isToRun(wanted, found),
    settleSeconds: wanted.settleSeconds,
    ...(stopTimeoutSeconds === undefined ? {} : { stopTimeoutSeconds }),
  });
  const unpulled = keys.has('pull') || (keys.has('image') && (now.wanted === undefined || wanted.pull === 'always'));
  const pulls = unpulled ? [{ script: act.pullScript(line.image, line.options.get('--platform')?.at(-1)) }] : [];
  if (found === undefined || !keepsContainer(wanted, keys)) return [...pulls, { script: replace }];
  const gentle = gentleScripts(wanted, found, keys);
  if (!keys.has('pull')) return gentle.map(script => ({ script }));
  // Only the pull tells whether there is another image.
  const unlessSame = act.unlessSameImage(name, line.image, replace, gentle);
  return [...pulls, { script: unlessSame }];
};

const gentleScripts = (wanted: Wanted, found: Inspected, keys: ReadonlySet<string>): readonly string[] => {
  const { name, state, stopTimeoutSeconds } = wanted;
  const scripts: string[] = [];
  const live = liveOptions(wanted, keys);
  if (live.length > 0) scripts.push(act.updateScript(name, live));
  if (keys.has('leftover')) scripts.push(act.forgetScript(name));
  if (keys.has('restart')) scripts.push(act.restartScript(name, stopTimeoutSeconds));
  if (keys.has('state'))
    scripts.push(
      state === 'stopped' ? act.stopScript(name, stopTimeoutSeconds) : act.startScript(name, dig(found, 'State', 'Paused') === true),
    );
  return scripts;
};

/** `container` is the container's inspect: after acting the new one's. A pull that brought nothing new is no change. */
export const result = ({ state }: Wanted, [now]: Seen, changes: Changes, outputs: readonly Output[] | undefined): Fields => {
  const after = state === 'absent' ? undefined : inspected(outputs?.at(-1));
  const shown = after ?? (state === 'absent' && outputs !== undefined ? undefined : now.container);
  const onlyPull = changes.length > 0 && changes.every(({ key }) => key === 'pull');
  const same = onlyPull && after !== undefined && dig(after, 'Id') === dig(now.container, 'Id');
  return { changed: changes.length > 0 && !same, container: shown ?? {} };
};
const inspected = (output: Output | undefined): Inspected | undefined => {
  const text = output?.stdout.toString() ?? '';
  const from = text.lastIndexOf('\n[') + 1;
  return text.slice(from).startsWith('[') ? (JSON.parse(text.slice(from)) as Inspected[])[0] : undefined;
};
