import * as z from 'zod';
import { KplayError } from '../model/errors.ts';

/** grpc-gateway's error; `code` is gRPC's: https://grpc.io/docs/guides/status-codes/ */
const told = z.object({ error: z.string().default(''), message: z.string().default(''), code: z.number().default(0) });

/** A member refused a request, or did not answer (status 0: what was asked for may have been done). */
export class EtcdError extends KplayError {
  readonly status: number;
  /** The learner is not in sync yet, or members have not known each other for five seconds: the same request may succeed later. */
  readonly isEarly: boolean;

  private constructor(message: string, status: number, facts: { detail?: string; cause?: unknown }) {
    super('E_ACT', message, facts);
    this.status = status;
    this.isEarly = /in sync with leader|unhealthy cluster/.test(message);
  }

  static refused(what: string, status: number, body: string): EtcdError {
    const said = told.safeParse(jsonOf(body)).data;
    return new EtcdError(`${what}: ${said?.message || said?.error || `HTTP status ${status}`}`, status, { detail: body });
  }
  static silent(what: string, url: string, cause: unknown): EtcdError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new EtcdError(`${what}: etcd at ${url} does not answer: ${why}`, 0, { cause });
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
