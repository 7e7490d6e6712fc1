/**
 * Something that must stay up as a whole: an act that takes a healthy part of it down needs a permit. What a guard asks, it asks when the act is due; nothing of it is ever looked at ahead.
 */
export interface Guard {
  readonly name: string;
  /** The group it watches where nothing says otherwise. */
  readonly group: string;
  /** Only one host holds its permit at a time, and runs on alone with it. */
  readonly exclusive: boolean;
  /** May this host be taken down now? `group` holds its peers. */
  assess(host: string, group: string, ask: Ask): Promise<Verdict>;
  /**
   * The permit is granted: what only this host does is given to another one before it goes down. A courtesy: it may fail. E_GUARD where the host must
   * stay up after all, and everything is as it was; tried again for a while.
   */
  handOver?(host: string, group: string, ask: Ask): Promise<void>;
  /** Is the host, and what it is a part of, up again? Asked until it is, or time is up. */
  health(host: string, group: string, ask: Ask): Promise<Health>;
  /** It is: what was handed over may come back. A courtesy, too. */
  takeBack?(host: string, group: string, ask: Ask): Promise<void>;
}

export type Settled =
  /** The host is down already, or nothing is registered yet: there is nothing to lose. */
  | { readonly permit: 'not needed' }
  | { readonly permit: 'granted' }
  | { readonly permit: 'refused'; readonly why: string; readonly hint: string };
export type Verdict =
  | Settled
  /** It may be passing (an election): asked again for a while, then `otherwise` holds. */
  | { readonly permit: 'unsettled'; readonly why: string; readonly otherwise: Settled };
export interface Health {
  readonly healthy: boolean;
  /** What is still missing. */
  readonly why: string;
}

/** How a guard looks: HTTP from a host itself, over its SSH connection, so that the host needs no tool and the controller no route. */
export interface Ask {
  hostsOf(group: string): readonly string[];
  /** A variable of a host, templated; undefined when it is not defined. */
  variable(host: string, name: string): string | undefined;
  /** A POST when there is a body, else a GET. An https server proves itself by the login's CA. */
  json(host: string, url: string, login: Login | undefined, body?: object): Promise<Answer>;
  /** The status of what answers a POST of these fields, in this order. */
  form(host: string, url: string, login: Login, fields: [string, string][]): Promise<number | NoAnswer>;
  /** The status of a GET that anybody may ask; who the server is does not matter. */
  status(host: string, url: string): Promise<number | NoAnswer>;
}
/** PEM files on the host that asks. */
export interface Login {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
/** `nobody`: the connection was refused, so nothing listens. `unclear`: no answer in time, or none that makes sense: it may be well. */
export type NoAnswer = 'nobody' | 'unclear';
export type Answer = { readonly body: unknown } | NoAnswer;
