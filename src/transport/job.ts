import { KplayError } from '../model/errors.ts';
import type { Input } from '../model/module.ts';
import type { Request, Response } from '../model/session.ts';

/** Without a reason of ours, an error with a stack would be made for each request. */
const SETTLED = 'settled';
const NOTHING = Buffer.alloc(0);

/** One request on its way through a shell: queued, sent, begun (it has a pid), settled. */
export class Job {
  readonly id: number;
  readonly script: string;
  readonly stdin: Input;
  readonly quiet: boolean;
  readonly timeoutMs: number | undefined;
  readonly done: Promise<Response>;
  /** The process on the host, once it has begun. */
  readonly begun = Promise.withResolvers<number>();
  /** Whether all of its bytes are on the wire. */
  sent = false;
  /** Why it is being ended, once someone asked for that. */
  stopping: KplayError | undefined;
  /** Whether it is being killed on the host; `killed` resolves when all was done for that. */
  killing = false;
  readonly killed = Promise.withResolvers<void>();
  /** Aborted when the job settles, for whatever waits on its behalf. */
  readonly settled = new AbortController();
  readonly #settle: PromiseWithResolvers<Response>;
  readonly #streams: { out?: Buffer; err?: Buffer } = {};

  constructor(id: number, { script, stdin = NOTHING, quiet = false, timeoutMs }: Request) {
    this.id = id;
    this.script = script;
    this.stdin = stdin;
    this.quiet = quiet;
    if (quiet) this.#streams.err = NOTHING;
    this.timeoutMs = timeoutMs;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
  }

  /** One of the two streams ended; with both the answer is whole. Says whether it is. */
  end(stream: 'out' | 'err', rc: number, bytes: Buffer): boolean {
    this.#streams[stream] = bytes;
    const { out, err } = this.#streams;
    if (out === undefined || err === undefined) return false;
    if (this.stopping) this.failStopped(Buffer.concat([out, err]).toString());
    else {
      this.#settle.resolve({ rc, stdout: out, stderr: err });
      this.settled.abort(SETTLED);
    }
    return true;
  }

  /** Fails with the reason it was stopped for, once the host is rid of it. */
  failStopped(detail: string): void {
    const { code, message, hint, cause } = this.stopping as KplayError;
    const error = new KplayError(code, message, { detail, cause, ...(hint !== undefined && { hint }) });
    if (this.killing) void this.killed.promise.then(() => this.fail(error));
    else this.fail(error);
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
    this.settled.abort(SETTLED);
  }
}

export const sizeOf = (input: Input): number => (input instanceof Uint8Array ? input.byteLength : input.sizeBytes);

/** The input's chunks, exactly as many bytes as announced; throws when the source has fewer or more. */
export async function* chunksOf(input: Input): AsyncGenerator<Uint8Array> {
  if (input instanceof Uint8Array) {
    if (input.byteLength > 0) yield input;
    return;
  }
  let left = input.sizeBytes;
  for await (const chunk of input.open()) {
    left -= chunk.byteLength;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new Error(`the source ${left < 0 ? 'grew' : 'shrank'} while it was being sent`);
}
