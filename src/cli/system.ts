import type { WriteStream } from 'node:tty';

export type Env = Readonly<Record<string, string | undefined>>;

/** A standard stream, perhaps a terminal. */
export type Stream = Pick<WriteStream, 'write'> &
  NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** The process around a command, given to it so that tests can give another. */
export interface System {
  readonly env: Env;
  readonly cwd: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** The package's own folder. */
  readonly home: string;
  readonly version: string;
}
