import { KplayError } from '../model/errors.ts';
import type { Plain } from '../model/module.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

/** JSON of `docker inspect`. */
export type Inspected = { readonly [key: string]: Plain };

/** `docker info`: what the engine gives a container that does not say, and what the kernel cannot give; empty where there is no container. */
export type Engine = Inspected;
export interface Container {
  /** Unset: there is no such container. */
  readonly container?: Inspected;
  /** The image it was made of; unset when it was removed since. */
  readonly image?: Inspected;
  /** The image that a reference means here, where one was asked about. */
  readonly wanted?: Inspected;
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

/**
 * docker's command line costs a twentieth of a second to start, and `docker info` starts every plug-in besides. The engine itself is asked where it is
 * sure that it is the same, and where curl is at hand; else this fails, and says nothing.
 */
const ENGINE = `engine() { [ -z "$DOCKER_HOST$DOCKER_CONTEXT$DOCKER_CONFIG" ] && [ ! -e ~/.docker/config.json ] &&
  curl -sg -m 20 --unix-socket /var/run/docker.sock "$@" 2>/dev/null; }`;
const INFO = `engine -f http://docker/info || docker info --format '{{json .}}' 2>/dev/null`;
const urlOf = (kind: 'containers' | 'images', name: string): string =>
  `http://docker/${kind}/${name.split('/').map(encodeURIComponent).join('/')}/json`;

/** A container and, where it matters, the image that it is to be made of. */
export const containerOf = (name: string, reference?: string): { readonly kind: typeof container; readonly subject: string } => ({
  kind: container,
  subject: reference === undefined ? name : `${name} ${reference}`,
});
interface Asked {
  /** Containers, and images whose reference no container's name can be. */
  readonly objects: readonly string[];
  readonly untagged: readonly string[];
  /** Where the engine tells of the objects. */
  readonly urls: readonly string[];
}
const askedBy = (subjects: readonly string[]): Asked => {
  const pairs = subjects.map(subject => subject.split(' '));
  const references = [...new Set(pairs.flatMap(([, reference]) => (reference === undefined ? [] : [reference])))];
  const [tagged, untagged] = [true, false].map(isTagged => references.filter(one => /[:@]/.test(one) === isTagged));
  const names = [...new Set(pairs.map(([name = '']) => name))];
  const urls = [...names.map(name => urlOf('containers', name)), ...tagged!.map(one => urlOf('images', one))];
  return { objects: [...names, ...tagged!], untagged: untagged!, urls };
};

/**
 * Containers by name, with images: one question for containers and tagged images, a look at the engine, and one question more for images that
 * are neither tagged nor already seen.
 */
export const container: ProbeKind<Container> = {
  name: 'docker container',
  sight: 'local',
  script(subjects) {
    const { objects, untagged, urls } = askedBy(subjects);
    return sh`${raw(NEED_DOCKER)}
${raw(ENGINE)}
said=$(engine ${urls}) || said=$(docker inspect -- ${objects} 2>&1)
printf '%s\0' "$said"
set -- ${untagged}
for id in $(printf '%s\n' "$said" | sed -n 's/.*"Image": *"\(sha256:[0-9a-f]*\)".*/\1/p' | sort -u); do
  case $said in *"\"Id\": \"$id\""* | *"\"Id\":\"$id\""*) ;; *) set -- "$@" "$id" ;; esac
done
urls=
for one do urls="$urls http://docker/images/$one/json"; done
[ $# -eq 0 ] || engine $urls || docker image inspect -- "$@" 2>&1
printf '\0'
case $said in *'"State": {'* | *'"State":{'*) ${raw(INFO)} ;; esac
exit 0`;
  },
  parse(stdout, subjects) {
    const { objects, untagged } = askedBy(subjects);
    const [first = '', second = '', info = ''] = stdout.toString().split('\0');
    const [found, more] = [inspected(first, objects), inspected(second, untagged)];
    const broken = failure(first, found.said, ABSENT) ?? failure(second, more.said, ABSENT);
    if (broken !== undefined) return subjects.map(() => broken);
    const engine = info.trim() === '' ? {} : (JSON.parse(info) as Engine);
    const images = new Map([...found.all, ...more.all].map(item => [dig(item, 'Id'), item] as const));
    return subjects.map((subject): Container => {
      const [name = '', reference = ''] = subject.split(' ');
      const item = found.by.get(name);
      const [image, wanted] = [images.get(dig(item, 'Image')), found.by.get(reference) ?? more.by.get(reference)];
      return { engine, ...(item && { container: item }), ...(item && image && { image }), ...(wanted && { wanted }) };
    });
  },
};

/** What was found ends with a line of its own; behind it stands what docker says of the rest. */
const FOUND = /^(\[(?:\]|[^]*?\n\]))(?:\n|$)/;
const ABSENT = /no such (?:object|container|image)/i;
interface Answer {
  readonly all: readonly Inspected[];
  /** By what was asked: answers come in the order of the questions, without what is said to be missing. */
  readonly by: ReadonlyMap<string, Inspected>;
  readonly said: string;
}
const inspected = (text: string, asked: readonly string[]): Answer => {
  if (text.startsWith('{')) return answered(text, asked);
  const json = FOUND.exec(text)?.[1] ?? '';
  const said = text.slice(json.length);
  const missing = new Set(said.split('\n').flatMap(line => (ABSENT.test(line) ? [line.replace(/^.*: "?|"?$/g, '')] : [])));
  const there = asked.filter(one => !missing.has(one) && !missing.has(`${one}:latest`));
  const all = list(json);
  return { all, said, by: new Map(there.map((one, index) => [one, all[index] ?? {}] as const)) };
};
/** What the engine answers: a line for each question. */
const answered = (text: string, asked: readonly string[]): Answer => {
  const lines = answersIn(text);
  const found = lines.map((line, index) => [asked[index] ?? '', line] as const).filter(([, line]) => complaint(line) === '');
  return { all: found.map(([, line]) => line), by: new Map(found), said: lines.map(complaint).join('\n') };
};
const answersIn = (text: string): readonly Inspected[] =>
  text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as Inspected]));
const complaint = (answer: Inspected): string => ('Id' in answer ? '' : String(answer['message']));

/** Images of the host by reference or id; undefined where there is none. */
export const image: ProbeKind<Inspected | undefined> = {
  name: 'docker image',
  sight: 'local',
  script: subjects => sh`${raw(NEED_DOCKER)}
${raw(ENGINE)}
${raw(BOTH)}
engine ${subjects.map(one => urlOf('images', one))} && exit
set -- ${subjects}
if out=$(docker image inspect -- "$@" 2>/dev/null); then printf '%s\0' "$out"; exit 0; fi
printf '\0'
for ref; do both docker image inspect -- "$ref"; done
exit 0`,
  parse(stdout, subjects) {
    const text = stdout.toString();
    if (text.startsWith('{'))
      return answersIn(text).map(answer => {
        const said = complaint(answer);
        return said === '' ? answer : failure('', said, NO_IMAGE);
      });
    const [all = '', ...each] = text.split('\0');
    const broken = failure(all, '', /./);
    if (broken !== undefined) return subjects.map(() => broken);
    if (all !== '') return list(all);
    return subjects.map((_, i) => failure(each[2 * i] ?? '', each[2 * i + 1] ?? '', NO_IMAGE) ?? list(each[2 * i] ?? '')[0]);
  },
};
const NO_IMAGE = /no such image|not found/i;

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
