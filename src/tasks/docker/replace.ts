import { raw, sh } from '../../shell/sh.ts';

/** What is to be done with a container; everything about it was decided before. */
export interface Plan {
  readonly name: string;
  /** Words after `docker run` or `docker create`. */
  readonly words: readonly string[];
  /** The new one runs; else it is only created. */
  readonly start: boolean;
  readonly stopTimeoutSeconds?: number;
  /** How long a new container must run before the one it replaces is given up. */
  readonly settleSeconds: number;
}

/** Where the container that is being replaced waits, stopped, until the new one runs. */
export const backupName = (name: string): string => `${name}.kplay-old`;

const stopOf = (seconds: number | undefined): string => (seconds === undefined ? 'docker stop' : `docker stop -t ${seconds}`);

const START = `die() { printf '%s\\n' "$1" >&2; exit 1; }
there() { docker container inspect -- "$1" >/dev/null 2>&1; }
is() { [ "$(docker container inspect --format "$2" -- "$1" 2>/dev/null)" = true ]; }`;

/**
 * A container that keeps failing says so within its first seconds: it restarts, or is gone with a status that is not 0. One that a restart
 * policy keeps up must be running.
 */
const SETTLED = `settled() {
  left=$((settle * 5))
  while :; do
    state=$(docker container inspect --format '{{.State.Running}} {{.State.Restarting}} {{.RestartCount}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}}' -- "$name" 2>/dev/null) ||
      { [ -n "$auto" ]; return; }
    case $state in
      "true false 0 "*) ;;
      "false false 0 0 no" | "false false 0 0 on-failure" | "false false 0 0 ") return 0 ;;
      *) return 1 ;;
    esac
    [ "$left" -gt 0 ] || return 0
    left=$((left - 1)); sleep 0.2 2>/dev/null || { sleep 1; left=$((left - 4)); }
  done
}`;

/**
 * Runs a container in the place of the one of its name, if there is one: that is stopped and set aside under another name, and comes back
 * when the new one cannot run. One that a killed run left aside counts as the one of before. Prints the new container's inspect.
 */
export const replaceScript = ({
  name,
  words,
  start,
  stopTimeoutSeconds,
  settleSeconds,
}: Plan): string => sh`name=${name} old=${backupName(name)} settle=${settleSeconds} was= auto= aside=
${raw(START)}
${raw(SETTLED)}
back() {
  case $1 in *'is already in use by container'*) die "$1; somebody else made one of this name meanwhile, which is left alone" ;; esac
  said=$(docker logs --tail 20 -- "$name" 2>&1)
  docker rm -f -- "$name" >/dev/null 2>&1
  there "$old" || die "$1; there was no container of this name before. $said"
  docker rename "$old" "$name" >&2 || die "$1; the container of before waits as $old, renaming it failed"
  [ -z "$was" ] || docker start "$name" >/dev/null || die "$1; the container of before is back and does not start"
  die "$1; the container of before is back. $said"
}
names=$(docker container inspect --format '{{.Name}}' -- "$name" "$old" 2>/dev/null)
was_there() { printf '%s\n' "$names" | grep -qxF "/$1"; }
if was_there "$name"; then
  ! is "$name" '{{.State.Running}}' || was=yes
  ! is "$name" '{{.HostConfig.AutoRemove}}' || auto=yes
  if was_there "$old"; then docker rm -f -- "$old" >/dev/null || die "the container $old of an earlier run cannot be removed"; fi
  ${raw(stopOf(stopTimeoutSeconds))} "$name" >/dev/null || die "the container $name cannot be stopped"
  if [ -n "$auto" ]; then
    left=50
    while there "$name" && [ "$left" -gt 0 ]; do left=$((left - 1)); sleep 1; done
  else
    docker rename "$name" "$old" || { docker start "$name" >/dev/null; die "the container $name cannot be renamed"; }
    aside=yes
  fi
elif was_there "$old"; then
  was=yes aside=yes
  ${raw(stopOf(stopTimeoutSeconds))} "$old" >/dev/null || die "the container $old of an earlier run cannot be stopped"
fi
auto=${words.includes('--rm=true') ? 'yes' : ''}
out=$(docker ${start ? ['run', '--detach=true', ...words] : ['create', ...words]} 2>&1) || back "docker cannot run the container: $out"
${raw(start ? '[ -z "$aside" ] || settled || back "the container does not keep running"' : ':')}
if [ -n "$aside" ]; then docker rm -f -- "$old" >/dev/null || die "the container $old, now replaced, cannot be removed"; fi
docker container inspect -- "$name"`;

/** Removes what an earlier run left aside. */
export const forgetScript = (name: string): string =>
  sh`docker rm -f -- ${backupName(name)} >/dev/null && docker container inspect -- ${name}`;

export const startScript = (name: string, paused: boolean): string =>
  paused
    ? sh`docker unpause ${name} >/dev/null && docker container inspect -- ${name}`
    : sh`docker start ${name} >/dev/null && docker container inspect -- ${name}`;

export const stopScript = (name: string, seconds: number | undefined): string =>
  sh`${raw(stopOf(seconds))} ${name} >/dev/null && docker container inspect -- ${name}`;

export const restartScript = (name: string, seconds: number | undefined): string =>
  sh`docker restart ${raw(seconds === undefined ? '' : `-t ${seconds}`)} ${name} >/dev/null && docker container inspect -- ${name}`;

/** New limits and another restart policy, while it runs. */
export const updateScript = (name: string, options: readonly string[]): string =>
  sh`docker update ${options} ${name} >/dev/null && docker container inspect -- ${name}`;

/** Stopped first, with its time to end well; its volumes stay. */
export const removeScript = (name: string, seconds: number | undefined): string => sh`${raw(START)}
for name in ${[name, backupName(name)]}; do
  there "$name" || continue
  ! is "$name" '{{.State.Running}}' || ${raw(stopOf(seconds))} "$name" >/dev/null || die "the container $name cannot be stopped"
  there "$name" || continue
  docker rm -f -- "$name" >/dev/null || ! there "$name" || die "the container $name cannot be removed"
done`;

/** Pulls, and says what went wrong. An image that is being used stays until its containers are replaced. */
export const pullScript = (reference: string, platform: string | undefined): string =>
  sh`docker pull ${platform === undefined ? [] : [`--platform=${platform}`]} ${reference} >&2`;

/** After a pull: replaces where the reference now means another image, else does the rest. */
export const unlessSameImage = (
  name: string,
  reference: string,
  replace: string,
  rest: readonly string[],
): string => sh`if [ "$(docker image inspect --format '{{.Id}}' -- ${reference})" != "$(docker container inspect --format '{{.Image}}' -- ${name})" ]; then
${raw(replace)}
else
${raw(rest.length > 0 ? rest.join('\n') : sh`docker container inspect -- ${name}`)}
fi`;
