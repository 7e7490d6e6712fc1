import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { KplayError } from '../model/errors.ts';
import type { AskPassphrase } from '../transport/credentials.ts';
import type { Commands } from '../transport/keeper.ts';
import { FRAMES, frameHead, hearLines } from '../transport/keeper-wire.ts';
import type { Keeps } from '../transport/keeping.ts';
import { type End, type Handed, type Happened, type Screen, standing, TOLD } from './handed.ts';
import { INTERRUPTED, type Signals } from './signals.ts';
import type { System } from './system.ts';
import { usedSince } from './used.ts';

/** Beyond it a keeper runs no more commands: what runs leave behind is not worth more. */
const WORN_BYTES = 1 << 29;

/** Of a frame, which is put together before it is shown. */
const MOST_BYTES = 1 << 16;

/** Not a failure: whoever handed the command over runs it. */
class Declined extends Error {}

/** Runs commands that are handed over, one at a time, each with the environment, folder and terminal of the process that was asked for it. */
export class Resident implements Commands {
  readonly #program: Pick<System, 'home' | 'version'>;
  #busy = false;
  constructor(program: Pick<System, 'home' | 'version'>) {
    this.#program = program;
  }

  async prepare(): Promise<void> {
    await Promise.all([import('./commands/run.ts'), import('./compose.ts'), import('../report/plain.ts')]);
  }

  async run(socket: Socket, command: unknown, keeping: (ask: AskPassphrase | undefined) => Keeps): Promise<void> {
    const handed = command as Handed;
    const asker = new Asker(socket);
    if (this.#busy || process.memoryUsage.rss() > WORN_BYTES || handed.standing !== standing() || !entered(handed.cwd))
      return asker.end({});
    this.#busy = true;
    const before = { ...process.env };
    const umask = process.umask(handed.umask);
    become(handed.env);
    try {
      asker.end(await this.#execute(handed, asker, keeping));
    } finally {
      process.umask(umask);
      become(before);
      process.chdir('/');
      this.#busy = false;
    }
  }

  async #execute({ argv, ...handed }: Handed, asker: Asker, keeping: (ask: AskPassphrase | undefined) => Keeps): Promise<End> {
    const [stdout, stderr] = [asker.screen(FRAMES.stdout, handed.stdout), asker.screen(FRAMES.stderr, handed.stderr)];
    asker.resized = size => void Object.assign(stdout, size).emit('resize');
    const decline = (): never => {
      throw new Declined();
    };
    const system: System = {
      ...this.#program,
      env: handed.env,
      cwd: handed.cwd,
      stdout,
      stderr,
      signals: asker,
      terminal: { stdin: handed.stdin, stderr: handed.stderr.isTTY === true, ask: (question, hidden) => asker.ask(question, hidden) },
      used: usedSince(performance.now(), process.cpuUsage()),
      keeper: { keeping, decline },
    };
    asker.say(TOLD.begun);
    try {
      const { runCli } = await import('./program.ts');
      return { code: await runCli(argv, system) };
    } catch (error) {
      if (error instanceof Declined) return {};
      // A defect of ours: told as Node.js would.
      stderr.write(`${(error as Error).stack ?? String(error)}\n`);
      return { code: 1 };
    } finally {
      await Promise.all([stdout, stderr].map(stream => finished(stream.end())));
    }
  }
}

const entered = (folder: string): boolean => {
  try {
    process.chdir(folder);
    return true;
  } catch {
    return false;
  }
};

const become = (env: Handed['env']): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
};

/** The process that was asked for the command. Its signals are the command's; if it is gone, that is one as well. */
class Asker extends EventEmitter implements Signals {
  readonly #socket: Socket;
  #answer: PromiseWithResolvers<string> | undefined;
  resized: (size: Screen) => void = () => undefined;
  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    hearLines<Happened>(socket, happened => this.#hear(happened));
    socket
      .on('end', () => socket.destroy())
      .on('close', () => {
        this.emit('SIGHUP', 'SIGHUP');
        this.#answer?.reject(new KplayError('E_INTERRUPTED', 'nobody is there to be asked any more'));
      });
  }

  #hear(happened: Happened): void {
    if ('signal' in happened) this.emit(happened.signal, happened.signal);
    else if ('resized' in happened) this.resized(happened.resized);
    else if ('answer' in happened) this.#answer?.resolve(happened.answer);
    else this.#answer?.reject(new KplayError('E_USAGE', happened.failed));
  }

  say(kind: number, bytes: Buffer = Buffer.alloc(0), done?: () => void): void {
    if (!this.#socket.writable) return done?.();
    this.#socket.write(Buffer.concat([frameHead(kind, bytes.length), bytes]), () => done?.());
  }

  ask(question: string, hidden: boolean): Promise<string> {
    this.#answer = Promise.withResolvers();
    this.say(TOLD.question, Buffer.from(JSON.stringify({ question, hidden })));
    return this.#answer.promise;
  }

  screen(kind: number, size: Screen): NodeJS.WriteStream {
    const print = (bytes: Buffer, done: () => void): void => {
      let at = 0;
      for (; at + MOST_BYTES < bytes.length; at += MOST_BYTES) this.say(kind, bytes.subarray(at, at + MOST_BYTES));
      this.say(kind, bytes.subarray(at), done);
    };
    const stream = new Writable({
      decodeStrings: true,
      write: (bytes: Buffer, _encoding, done) => print(bytes, done),
      // What was printed meanwhile goes together: each frame costs both processes a turn.
      writev: (chunks, done) => print(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    });
    return Object.assign(stream, size) as unknown as NodeJS.WriteStream;
  }

  /** The second signal: whoever sent it waits no more. */
  exit(): void {
    this.end({ code: INTERRUPTED });
  }

  end(how: End): void {
    this.say(TOLD.end, Buffer.from(JSON.stringify(how)));
    this.#socket.end();
  }
}
