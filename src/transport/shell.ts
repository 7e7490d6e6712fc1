import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Request, Response } from '../model/session.ts';
import type { Channel } from '../shell/channel.ts';
import { Keeping } from '../shell/kept.ts';
import { frame, killScript, type Ready } from '../shell/loop.ts';
import { Splitter } from '../shell/splitter.ts';
import { chunksOf, Job, sizeOf } from './job.ts';
import { LinkLost } from './link-lost.ts';

/** The one being run and the one that follows it: enough to hide the round trip, and everything behind has surely not started. */
const ON_THE_WIRE = 2;
/** How long a request that is being ended may take to go before its shell is given up. The host itself gets about 4 s of that. */
const GRACE_MS = 20_000;

export interface ShellParts {
  /** What messages call the host. */
  readonly host: string;
  readonly channel: Channel;
  readonly ready: Ready;
  readonly nonce: string;
  readonly clock: Clock;
  /** Runs a script in another shell of the same identity, made when it is there; resolves with what it prints. */
  readonly beside: (script: () => string) => Promise<string>;
}

/** The loop of one identity, as seen from here: a queue of jobs, written ahead, answered in order. */
export class Shell {
  readonly #parts: ShellParts;
  readonly #queued: Job[] = [];
  readonly #wire: Job[] = [];
  readonly #keeping = new Keeping();
  readonly #gone = new AbortController();
  #nextId = 1;
  #pumping = false;
  #lost: string | undefined;

  constructor(parts: ShellParts) {
    this.#parts = parts;
    const { channel, nonce } = parts;
    const begin = (id: number, pid: number): void => this.#wire.find(job => job.id === id)?.begun.resolve(pid);
    const out = new Splitter(nonce, { begin, end: (...end) => this.#end('out', ...end) });
    const err = new Splitter(nonce, { begin, end: (...end) => this.#end('err', ...end) });
    channel.stdout.on('data', (chunk: Buffer) => out.push(chunk)).resume();
    channel.stderr.on('data', (chunk: Buffer) => err.push(chunk)).resume();
    channel.stdin.on('error', error => this.#lose(error.message));
    void channel.closed.then(why => this.#lose(why));
  }

  /** Whether it can take no more requests. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  async run(request: Request): Promise<Response> {
    const { host } = this.#parts;
    const { signal } = request;
    if (signal?.aborted) throw interrupted(host);
    if (this.#lost !== undefined) throw new LinkLost(host, this.#lost, false);
    const job = new Job(this.#nextId++, request);
    const onAbort = (): void => this.#stop(job, interrupted(host));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#queued.push(job);
    void this.#pump();
    try {
      return await job.done;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends what runs on the host, fails what waits with E_INTERRUPTED, and lets go of the loop. */
  async close(): Promise<void> {
    const jobs = [...this.#wire, ...this.#queued];
    for (const job of jobs) this.#stop(job, interrupted(this.#parts.host));
    await Promise.allSettled(jobs.map(job => job.done));
    this.#drop('closed');
  }

  /** Writes jobs while there is room on the wire, whole and in order. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#lost === undefined && this.#wire.length < ON_THE_WIRE) {
      const job = this.#queued.shift();
      if (job === undefined) break;
      this.#wire.push(job);
      if (this.#wire.length === 1) this.#onTurn(job);
      await this.#send(job);
    }
    this.#pumping = false;
  }

  async #send(job: Job): Promise<void> {
    try {
      await this.#write(frame(this.#parts.nonce, job.id, this.#keeping.cut(job.script), job.quiet ? 'quiet' : sizeOf(job.stdin)));
      for await (const chunk of chunksOf(job.stdin)) await this.#write(chunk);
      job.sent = true;
    } catch (cause) {
      if (this.#lost !== undefined) return;
      const message = `What was to be sent to ${this.#parts.host} broke off: ${(cause as Error).message}.`;
      this.#stop(job, new KplayError('E_FILE', message, { cause }));
      await job.done.catch(() => undefined);
    }
  }

  /** Resolves when the stream has taken the bytes. ssh2 forgets pending writes when the link goes, hence the second way out. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = this.#gone.signal;
      const onGone = (): void => reject(new Error('the shell is gone'));
      if (gone.aborted) return onGone();
      gone.addEventListener('abort', onGone, { once: true });
      this.#parts.channel.stdin.write(bytes, error => {
        gone.removeEventListener('abort', onGone);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #end(stream: 'out' | 'err', id: number, rc: number, bytes: Buffer): void {
    const at = this.#wire.findIndex(each => each.id === id);
    if (!this.#wire[at]?.end(stream, rc, bytes)) return;
    // A quiet job may be whole before the stderr of the one before it has come.
    this.#wire.splice(at, 1);
    const [next] = this.#wire;
    if (at === 0 && next) this.#onTurn(next);
    void this.#pump();
  }

  /** The time of a request runs from when the one before it was answered. */
  #onTurn(job: Job): void {
    if (job.stopping) void this.#kill(job);
    const { timeoutMs } = job;
    if (timeoutMs !== undefined) this.#after(timeoutMs, job, () => this.#stop(job, timedOut(this.#parts.host, timeoutMs)));
  }

  #after(durationMs: number, job: Job, then: () => void): void {
    this.#parts.clock.wait(durationMs, job.settled.signal).then(then, () => undefined);
  }

  /** Not sent yet: it never starts. First on the wire: it is killed. Second: it is killed as soon as it begins, or goes with its loop. */
  #stop(job: Job, reason: KplayError): void {
    if (job.stopping || job.settled.signal.aborted) return;
    job.stopping = reason;
    const waiting = this.#queued.indexOf(job);
    if (waiting >= 0) {
      this.#queued.splice(waiting, 1);
      job.fail(reason);
    } else if (job === this.#wire[0]) void this.#kill(job);
  }

  async #kill(job: Job): Promise<void> {
    const { ready, beside } = this.#parts;
    const gone = this.#gone.signal;
    job.killing = true;
    this.#after(GRACE_MS, job, () => this.#killed(job, 'it could not be ended'));
    const pid = await Promise.race([job.begun.promise, new Promise<void>(resolve => gone.addEventListener('abort', () => resolve()))]);
    if (pid === undefined) return this.#killed(job, '');
    const allStop = (): boolean => this.#wire.length > 1 && [...this.#wire, ...this.#queued].every(each => each.stopping);
    const alive = await beside(() => killScript(ready.pid, pid, allStop())).catch((error: Error) => error.message);
    // The loop would wait for the rest of the input, however much that is.
    this.#killed(job, alive.trim() || (job.sent ? '' : 'its input broke off'));
  }

  /** All was done to end a job. If it still holds the loop, the loop goes. */
  #killed(job: Job, stuck: string): void {
    job.killed.resolve();
    if (stuck !== '' && this.#wire.includes(job)) this.#drop(stuck);
  }

  /** Gives the loop up from this side. */
  #drop(why: string): void {
    this.#lose(why);
    this.#parts.channel.close();
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#gone.abort();
    const { host } = this.#parts;
    for (const job of this.#wire.splice(0)) {
      if (job.stopping) job.failStopped(why);
      else job.fail(new LinkLost(host, why, true));
    }
    for (const job of this.#queued.splice(0)) job.fail(new LinkLost(host, why, false));
  }
}

export const interrupted = (host: string): KplayError => new KplayError('E_INTERRUPTED', `The run on ${host} was stopped.`);

const timedOut = (host: string, timeoutMs: number): KplayError =>
  new KplayError('E_TIMEOUT', `It ran longer than ${timeoutMs / 1000} s on ${host} and was ended.`);
