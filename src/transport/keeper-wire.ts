import type { Socket } from 'node:net';
import { type ErrorCode, KplayError } from '../model/errors.ts';
import type { Route } from './route.ts';

/**
 * How a run and the keeper talk, over a Unix socket. The first line on a socket says what it is for, a `Greeting`. On a run's own one
 * follow `Ask` and `Tell`, one JSON object a line. On one for a program, the keeper answers `Opened`; then stdin travels as it is, and
 * stdout and stderr in frames. On one for a TCP stream the answer is followed by the stream's bytes, both ways. A whole command of the
 * command line is handed over on a socket of its own; what is said there is not the transport's business.
 */
export type Greeting =
  | { readonly run: string }
  | { readonly handed: unknown }
  | (Opening & { readonly of: string; readonly login: number });

/** What is to be opened over a login: a program, or a TCP stream from there. */
export type Opening =
  | { readonly command: string; readonly env: Readonly<Record<string, string>> }
  | { readonly host: string; readonly port: number };

export type Ask =
  | { readonly ask: 'login'; readonly id: number; readonly route: Route; readonly keepMs: number }
  | { readonly ask: 'end'; readonly id: number; readonly keep: boolean }
  | { readonly ask: 'passphrase'; readonly file: string; readonly passphrase?: string };

export type Tell =
  | { readonly tell: 'login'; readonly id: number; readonly isKept: boolean }
  | { readonly tell: 'failed'; readonly id: number; readonly error: Told }
  | { readonly tell: 'lost'; readonly id: number; readonly why: string }
  | { readonly tell: 'passphrase'; readonly file: string };

/** `lost`: why nothing can be opened over this login any more. */
export interface Opened {
  readonly error?: Told;
  readonly lost?: string;
}

/** The end of a program, in the last frame. */
export interface Closed {
  readonly why: string;
  readonly lost?: string;
}

/** An error of ours on its way to another process. Where it is in the user's files and what it says stay; its cause does not. */
export type Told = Pick<KplayError, 'code' | 'message' | 'at' | 'detail' | 'hint'> | { readonly bug: string };

export const told = (error: unknown): Told => {
  if (!(error instanceof KplayError)) return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  const { code, message, at, detail, hint } = error;
  return { code, message, at, detail, hint };
};
export const untold = (error: Told): Error => {
  if ('bug' in error) return new Error(`in the keeper of connections: ${error.bug}`);
  const { code, message, ...facts } = error;
  return new KplayError(code satisfies ErrorCode, message, facts as ConstructorParameters<typeof KplayError>[2]);
};

export const line = (message: object): string => `${JSON.stringify(message)}\n`;

/** Calls back with each line's object. */
export const hearLines = <T>(socket: Socket, hear: (message: T) => void): void => {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) hear(JSON.parse(each) as T);
  });
};

/** The first line's object; what follows it stays in the stream. Undefined when the stream ends before. */
export const firstLine = <T>(socket: Socket): Promise<T | undefined> =>
  new Promise(resolve => {
    let read = Buffer.alloc(0);
    const stop = (message: T | undefined): void => {
      socket.off('readable', onReadable).off('close', onClose).off('end', onClose);
      resolve(message);
    };
    const onClose = (): void => stop(undefined);
    const onReadable = (): void => {
      for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null) !== null;) {
        read = Buffer.concat([read, chunk]);
        const end = read.indexOf('\n');
        if (end < 0) continue;
        stop(JSON.parse(read.toString('utf8', 0, end)) as T);
        if (end + 1 < read.length) socket.unshift(read.subarray(end + 1));
        return;
      }
    };
    socket.on('readable', onReadable).on('close', onClose).on('end', onClose);
  });

/** What a frame holds: bytes of stdout or stderr, or `Closed`. */
export const FRAMES = { stdout: 1, stderr: 2, closed: 3 } as const;
const HEAD_BYTES = 5;

/** A frame: its kind, four bytes of length, and so many bytes. */
export const frameHead = (kind: number, sizeBytes: number): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(kind);
  head.writeUInt32BE(sizeBytes, 1);
  return head;
};

/** Takes a stream of frames apart. */
export const unframe = (hear: (kind: number, bytes: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) return;
      hear(rest.readUInt8(), rest.subarray(HEAD_BYTES, end));
      rest = rest.subarray(end);
    }
  };
};
