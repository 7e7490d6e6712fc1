/** A task failed on this host: the block's rescue may catch it. `fatal`: if none does, no later batch or play may start. */
export class HostFailed extends Error {
  readonly fatal: boolean;
  constructor(message: string | undefined, fatal = false) {
    super(message);
    this.fatal = fatal;
  }
}
/** The host is out of the play: unreachable, `meta: end_host`. Nothing catches it. */
export class HostEnded extends Error {}
/** The play ends for everybody: `meta: end_play`, max_fail_percentage. */
export class PlayEnded extends Error {}
