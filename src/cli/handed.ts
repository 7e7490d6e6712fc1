import { readlinkSync, statSync } from 'node:fs';

/**
 * A command on its way to the keeper: the first line on its socket. Then the process that was asked for it tells, one JSON object a line, what happens
 * there (`Happened`), and the keeper answers in frames: what to print, what to ask, and how it ended.
 */
export interface Handed {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly umask: number;
  readonly standing: string;
  /** Whether stdin is a terminal. */
  readonly stdin: boolean;
  readonly stdout: Screen;
  readonly stderr: Screen;
}
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}
export type Happened =
  | { readonly signal: NodeJS.Signals }
  | { readonly resized: Screen }
  | { readonly answer: string }
  | { readonly failed: string };

/** Frames beside those of stdout and stderr: the command begins here; a `Question`; an `End`, which is the last. */
export const TOLD = { begun: 4, question: 5, end: 6 } as const;
export interface Question {
  readonly question: string;
  readonly hidden: boolean;
}
/** Without a code the command was declined, and has done nothing. */
export interface End {
  readonly code?: number;
}

export const screenOf = ({ isTTY, columns, rows }: NodeJS.WriteStream): Screen => (isTTY ? { isTTY, columns, rows } : {});

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

/** What no process can take over from another. Commands go only to a keeper that has the same: groups, namespaces(7), the root folder. */
export const standing = (): string => {
  const { dev, ino } = statSync('/');
  const spaces = process.platform === 'linux' ? NAMESPACES.map(name => readlinkSync(`/proc/self/ns/${name}`)) : [];
  return [process.getuid?.(), process.getgid?.(), ...(process.getgroups?.() ?? []), ...spaces, dev, ino].join(' ');
};
