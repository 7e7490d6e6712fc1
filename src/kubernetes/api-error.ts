import * as z from 'zod';
import { KplayError } from '../model/errors.ts';

const status = z.object({ message: z.string(), reason: z.string().default('') });

interface Refused {
  readonly what: string;
  readonly reads: boolean;
  readonly secret: boolean;
}
/** Who may not, what is not there, who else has set a field, not now. */
const QUOTES_NOTHING: ReadonlySet<number> = new Set([401, 403, 404, 409, 429]);

/** The API refused a request, or did not answer (status 0: what was asked for may have been done). */
export class ApiError extends KplayError {
  readonly status: number;
  /** One word, such as NotFound or Conflict. */
  readonly reason: string;

  private constructor(message: string, reads: boolean, status: number, reason: string, facts: { detail?: string; cause?: unknown }) {
    super(reads ? 'E_PROBE' : 'E_ACT', message, facts);
    this.status = status;
    this.reason = reason;
  }

  /** `what` was asked for. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
  static refused({ what, reads, secret }: Refused, httpStatus: number, body: string): ApiError {
    // What is wrong with a Secret may be told by quoting it.
    if (secret && !QUOTES_NOTHING.has(httpStatus))
      return new ApiError(`${what}: the Secret is refused with HTTP status ${httpStatus}`, reads, httpStatus, '', {});
    const said = status.safeParse(jsonOf(body)).data ?? { message: `HTTP status ${httpStatus}`, reason: '' };
    return new ApiError(`${what}: ${said.message}`, reads, httpStatus, said.reason, { detail: body });
  }
  static silent(what: string, server: string, reads: boolean, cause: unknown): ApiError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new ApiError(`${what}: the API server ${server} does not answer: ${why}`, reads, 0, '', { cause });
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
