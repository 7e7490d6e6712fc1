import { KplayError } from '../model/errors.ts';
import type { Plain } from '../model/module.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

/** JSON of `docker inspect`. */
export type Inspected = { readonly [key: string]: Plain };

/** `docker info`: what the engine gives a container that does not say, and what the kernel cannot give. */
export type Engine = Inspected;
export interface Container {
  /** Unset: there is no such container. */
  readonly container?: Inspected;
  /** The image it was made of; unset when it was removed since. */
  readonly image?: Inspected;
  readonly engine: Engine;
}

/** A value within JSON; null where the way there ends. */
export const dig = (json: Plain | undefined, ...keys: readonly string[]): Plain =>
  keys.reduce<Plain>(
    (at, key) => (at !== null && typeof at === 'object' && !Array.isArray(at) ? ((at as Inspected)[key] ?? null) : null),
    json ?? null,
  );

/** What a command says, then its messages: `\0` between. The shell waits for neither. */
const BOTH = `both() { { err=$("$@" 2>&1 >&3); } 3>&1; printf '\\0%s\\0' "$err"; }`;
const NEED_DOCKER = `command -v docker >/dev/null 2>&1 || { printf none; exit 0; }`;

/** Containers by name. One `docker container inspect` for all, one `docker image inspect` for the images they were made of. */
export const container: ProbeKind<Container> = {
  name: 'docker container',
  sight: 'local',
  script: subjects => sh`${raw(NEED_DOCKER)}
${raw(BOTH)}
set -- ${subjects}
both docker container inspect -- "$@"
images=$(docker container inspect --format '{{.Image}}' -- "$@" 2>/dev/null)
[ -z "$images" ] || docker image inspect -- $images 2>/dev/null
printf '\0'
docker info --format '{{json .}}' 2>/dev/null
exit 0`,
  parse(stdout, subjects) {
    const [json = '', said = '', imageJson = '', info = ''] = stdout.toString().split('\0');
    const broken = failure(json, said, /no such container/i);
    if (broken !== undefined) return subjects.map(() => broken);
    const engine = info.trim() === '' ? {} : (JSON.parse(info) as Engine);
    const found = new Map(list(json).flatMap(item => [dig(item, 'Name'), dig(item, 'Id')].map(name => [name, item] as const)));
    const images = new Map(list(imageJson).map(item => [dig(item, 'Id'), item] as const));
    return subjects.map((name): Container => {
      const item = found.get(`/${name}`) ?? found.get(name);
      if (item === undefined) return { engine };
      const image = images.get(dig(item, 'Image'));
      return image === undefined ? { container: item, engine } : { container: item, image, engine };
    });
  },
};

/** Images of the host by reference or id; undefined where there is none. */
export const image: ProbeKind<Inspected | undefined> = {
  name: 'docker image',
  sight: 'local',
  script: subjects => sh`${raw(NEED_DOCKER)}
${raw(BOTH)}
set -- ${subjects}
if out=$(docker image inspect -- "$@" 2>/dev/null); then printf '%s\0' "$out"; exit 0; fi
printf '\0'
for ref; do both docker image inspect -- "$ref"; done
exit 0`,
  parse(stdout, subjects) {
    const [all = '', ...each] = stdout.toString().split('\0');
    const broken = failure(all, '', /./);
    if (broken !== undefined) return subjects.map(() => broken);
    if (all !== '') return list(all);
    return subjects.map(
      (_, i) => failure(each[2 * i] ?? '', each[2 * i + 1] ?? '', /no such image|not found/i) ?? list(each[2 * i] ?? '')[0],
    );
  },
};

/**
 * The digest a registry has for a reference now, asked through the engine, which knows the registry's mirrors and certificates; undefined
 * where that cannot be had without pulling. Outward: another host may push at any time.
 */
export const registryDigest: ProbeKind<string | undefined> = {
  name: 'registry digest',
  sight: 'outward',
  script: subjects =>
    [
      `ask() { curl -sf -m 20 --unix-socket "\${DOCKER_HOST:-/var/run/docker.sock}" "http://docker/distribution/$1/json" 2>/dev/null; printf '\\0'; }`,
      ...subjects.map(subject => sh`ask ${subject}`),
      ':',
    ].join('\n'),
  parse: (stdout, subjects) => {
    const answers = stdout.toString().split('\0');
    return subjects.map((_, i) => /"digest":"(sha256:[0-9a-f]{64})"/.exec(answers[i] ?? '')?.[1]);
  },
};

const list = (json: string): readonly Inspected[] => (json.trim() === '' ? [] : (JSON.parse(json) as Inspected[]));

/** Messages other than that something is not there mean that nothing is known. */
const failure = (json: string, said: string, absent: RegExp): KplayError | undefined => {
  if (json === 'none')
    return new KplayError('E_PROBE', 'there is no docker on the host', { hint: 'install Docker, or take the host out of the play' });
  const odd = said.split('\n').filter(line => line.trim() !== '' && !absent.test(line));
  return odd.length === 0 ? undefined : new KplayError('E_PROBE', `docker does not answer: ${odd[0]}`, { detail: said });
};
