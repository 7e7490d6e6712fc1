import type { AskPassphrase } from '../transport/credentials.ts';
import type { Keeps } from '../transport/keeping.ts';
import type { Signals } from './signals.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** The process around a command, given to it so that tests, and the keeper, can give another. */
export interface System {
  readonly env: Env;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** The package's own folder. */
  readonly home: string;
  readonly version: string;
  readonly signals: Signals;
  readonly terminal: Terminal;
  used(): Used;
  /** Set where the keeper runs the command. */
  readonly keeper?: KeeperHere;
}

/** Whoever typed the command. */
export interface Terminal {
  /** Which of them are a terminal. */
  readonly stdin: boolean;
  readonly stderr: boolean;
  /** Fails with E_USAGE where there is no terminal. */
  ask(question: string, hidden: boolean): Promise<string>;
}

/** Since the command began. */
export interface Used {
  readonly wallMs: number;
  readonly processorMs: number;
}

export interface KeeperHere {
  /** For the command's connections. */
  readonly keeping: (askPassphrase: AskPassphrase | undefined) => Keeps;
  /** Ends the command, which has done nothing yet: the process that was asked for it runs it itself. */
  decline(): never;
}
