import type { Agent, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import pLimit from 'p-limit';

/** Where a server is, and what proves who it is and who asks. */
export interface Origin {
  readonly host: string;
  readonly port: number;
  /** Set for https. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}
export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** As many requests as a browser has on their way to one server. */
const MOST_STREAMS = 6;

/**
 * HTTP/1.1 over streams that somebody else opens: SSH channels. Over TLS a stream serves one request after another until the client is disposed
 * of. Fails with what the stream, TLS or the parser said, or with the signal's reason.
 */
export class HttpClient implements Disposable {
  readonly #origin: Origin;
  readonly #agent: Agent;
  readonly #streams = new Set<Duplex>();
  // The agent counts no stream that is still being opened.
  readonly #inTurn = pLimit(MOST_STREAMS);
  #isOver = false;

  constructor(origin: Origin, open: () => Promise<Duplex>) {
    this.#origin = origin;
    // Importing node:http evaluates everything it exports, a fetch among them: a fourteenth of a start.
    const { Agent: HttpAgent } = process.getBuiltinModule('node:http');
    // What is kept alive must be a socket: TLS makes one of any stream.
    this.#agent = new HttpAgent({ keepAlive: origin.tls !== undefined });
    this.#agent.createConnection = (_options, made) => {
      this.#connect(open).then(
        stream => made?.(null, stream),
        (error: Error) => made?.(error, undefined as never),
      );
      return undefined;
    };
  }

  ask(request: HttpRequest): Promise<HttpResponse> {
    return this.#inTurn(() => this.#ask(request));
  }

  async #ask({ method, path, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const { host, port, headers: always } = this.#origin;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { request } = process.getBuiltinModule('node:http');
    signal?.throwIfAborted();
    // Node itself tells no length of a DELETE's body, and the server takes it for the next request.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const all = { ...always, ...headers, ...length };
    const asked = request({ host, port, path, method, headers: all, agent: this.#agent, ...(signal && { signal }) }, resolve);
    asked.on('error', reject).end(body);
    try {
      const answer = await promise;
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
    } catch (error) {
      // An aborted request fails with an AbortError that hides why.
      signal?.throwIfAborted();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#agent.destroy();
    for (const stream of this.#streams) stream.destroy();
  }

  async #connect(open: () => Promise<Duplex>): Promise<Duplex> {
    const { host, tls } = this.#origin;
    const stream = await open();
    if (this.#isOver) {
      stream.destroy();
      throw new Error('nobody waits for an answer any more');
    }
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    if (tls === undefined) return stream;
    const { connect } = process.getBuiltinModule('node:tls');
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const secure = connect({ ...tls, host, socket: stream }, () => resolve(secure));
    secure.once('error', reject);
    // What breaks in the middle of the handshake may say no more than that it is closed.
    stream.on('error', reject).once('close', () => reject(new Error('the connection was closed')));
    return promise;
  }
}
