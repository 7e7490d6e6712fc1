import type { Readable, Writable } from 'node:stream';

/** A running program with its three streams: an ssh channel, a child process, or an `ssh` process. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once the program is gone or the link to it broke, with what is known of why: `exit status 1`. Never rejects. */
  readonly closed: Promise<string>;
  /** Lets go of the program: its stdin ends, its output is no longer read. */
  close(): void;
}
