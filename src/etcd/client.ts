import * as z from 'zod';
import { HttpClient, type HttpResponse, type Origin } from '../http/client.ts';
import { KplayError } from '../model/errors.ts';
import type { Line } from '../model/line.ts';
import { EtcdError } from './error.ts';
import { type LoginFiles, readLogin } from './login.ts';

/** A member as the cluster has registered it. One that never started has no name yet, and no client URLs. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Copies the log, and has no vote. */
  readonly isLearner: boolean;
}
export interface Cluster {
  readonly id: string;
  readonly members: readonly Member[];
}

/** One that never started is called by where it will be reached. */
export const titleOf = ({ name, id, peerUrls }: Member): string => name || peerUrls[0] || id;

const urls = z.array(z.string()).default([]);
const registered = z
  .object({ ID: z.string(), name: z.string().default(''), peerURLs: urls, clientURLs: urls, isLearner: z.boolean().default(false) })
  .transform(({ ID: id, peerURLs: peerUrls, clientURLs: clientUrls, ...rest }): Member => ({
    id,
    peerUrls: peerUrls.toSorted(),
    clientUrls,
    ...rest,
  }));
const list = z.object({ header: z.object({ cluster_id: z.string() }), members: z.array(registered) });
const status = z.object({ leader: z.string().default('0') });
const version = z.object({ etcdserver: z.string() });
const health = z.object({ health: z.union([z.literal('true'), z.literal(true)]) });

const HEALTH_MS = 3_000;
const ANSWER_MS = 15_000;

/**
 * etcd's gRPC gateway behind one task's host, as members from 3.4 on have it: https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/. Numbers of
 * 64 bits are texts there, and fields that are empty are left out. Fails with EtcdError.
 */
export class Etcd implements Disposable {
  readonly line: Line;
  readonly #endpoint: string;
  readonly #tls: Origin['tls'];
  readonly #clients = new Map<string, HttpClient>();

  private constructor(line: Line, endpoint: string, tls: Origin['tls']) {
    this.line = line;
    this.#endpoint = endpoint;
    this.#tls = tls;
  }

  /** Reads the login's files on the line's host; no member is asked yet. */
  static async through(line: Line, endpoint: string, login: LoginFiles): Promise<Etcd> {
    return new Etcd(line, endpoint, await readLogin(line, login));
  }

  async cluster(): Promise<Cluster> {
    const { header, members } = list.parse(await this.#call('cluster/member/list', {}, 'list the members'));
    return { id: header.cluster_id, members };
  }
  /** The leader's id; undefined while there is none. */
  async leader(): Promise<string | undefined> {
    const { leader } = status.parse(await this.#call('maintenance/status', {}, 'ask who leads'));
    return leader === '0' ? undefined : leader;
  }

  /** Whether a member takes requests: a voter when it reads what a quorum agreed on, which a learner may not. */
  async isHealthy({ isLearner, clientUrls }: Member): Promise<boolean> {
    const answers = await Promise.all(clientUrls.map(url => (isLearner ? this.#answers(url) : this.#reads(url))));
    return answers.includes(true);
  }

  /** What a member runs; undefined when it does not say. */
  async versionOf({ clientUrls }: Member): Promise<string | undefined> {
    const [url] = clientUrls;
    const answer = url === undefined ? undefined : await this.#ask(url, '/version', undefined, HEALTH_MS).catch(noAnswer);
    return answer && version.safeParse(jsonOf(answer.body)).data?.etcdserver;
  }

  async add(peerUrls: readonly string[]): Promise<void> {
    await this.#call('cluster/member/add', { peerURLs: peerUrls, isLearner: true }, 'add a learner');
  }
  async remove(member: Member): Promise<void> {
    await this.#call('cluster/member/remove', { ID: member.id }, `remove ${titleOf(member)}`);
  }
  /** EtcdError `isEarly` while the learner is not in sync. */
  async promote(member: Member): Promise<void> {
    await this.#call('cluster/member/promote', { ID: member.id }, `promote ${titleOf(member)}`);
  }
  /** Only the leader itself can hand over. */
  async handOver(from: Member, to: Member): Promise<void> {
    const body = { targetID: to.id };
    await this.#call('maintenance/transfer-leadership', body, `make ${titleOf(to)} the leader`, from.clientUrls[0]);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }

  async #reads(url: string): Promise<boolean> {
    const answer = await this.#ask(url, '/health', undefined, HEALTH_MS).catch(noAnswer);
    return answer !== undefined && health.safeParse(jsonOf(answer.body)).success;
  }
  async #answers(url: string): Promise<boolean> {
    return (await this.#ask(url, '/v3/maintenance/status', {}, HEALTH_MS).catch(noAnswer))?.status === 200;
  }

  async #call(path: string, body: object, what: string, url = this.#endpoint): Promise<unknown> {
    const answer = await this.#ask(url, `/v3/${path}`, body, ANSWER_MS).catch((error: unknown) => {
      // A port that the host cannot reach is no host that cannot be reached.
      if (error instanceof KplayError && error.code !== 'E_CONNECT') throw error;
      throw EtcdError.silent(what, url, error);
    });
    if (answer.status !== 200) throw EtcdError.refused(what, answer.status, answer.body);
    return JSON.parse(answer.body) as unknown;
  }

  #ask(url: string, path: string, body: object | undefined, answerMs: number): Promise<HttpResponse> {
    return this.#clientOf(new URL(url)).ask({
      method: body === undefined ? 'GET' : 'POST',
      path,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.any([this.line.signal, AbortSignal.timeout(answerMs)]),
    });
  }
  #clientOf({ origin, protocol, hostname, port }: URL): HttpClient {
    const known = this.#clients.get(origin);
    if (known !== undefined) return known;
    const isSecure = protocol === 'https:';
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const place = { host, port: Number(port || (isSecure ? 443 : 80)), ...(isSecure && this.#tls && { tls: this.#tls }) };
    const client = new HttpClient(place, () => this.line.connect(place.host, place.port));
    this.#clients.set(origin, client);
    return client;
  }
}

/** Whoever gives no answer is not healthy; but a run that was interrupted, or a host that is lost, tells nothing of a member. */
const noAnswer = (error: unknown): undefined => {
  if (error instanceof KplayError && error.code !== 'E_CONNECT') throw error;
};
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
