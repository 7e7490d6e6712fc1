export type Env = Readonly<Record<string, string | undefined>>;

/** The process around a command, given to it so that tests can give another. */
export interface System {
  readonly env: Env;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** The package's own folder. */
  readonly home: string;
  readonly version: string;
}
