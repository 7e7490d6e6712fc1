/**
 * Something that must stay up as a whole: an act that takes a healthy part of it down needs a permit, and only one host holds it at a
 * time. What a guard asks, it asks when the act is due; nothing of it is ever looked at ahead.
 */
export interface Guard {
  readonly name: string;
  /** The group it watches where nothing says otherwise. */
  readonly group: string;
  /** May this host be taken down now? `group` holds its peers. */
  assess(host: string, group: string, ask: Ask): Promise<Verdict>;
  /** Is the host, and what it is a part of, up again? Asked until it is, or time is up. */
  health(host: string, group: string, ask: Ask): Promise<Health>;
}

export type Verdict =
  /** The host is down already, or nothing is registered yet: there is nothing to lose. */
  | { readonly permit: 'not needed' }
  | { readonly permit: 'granted' }
  | { readonly permit: 'refused'; readonly why: string; readonly hint: string };
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
  /** The answer's body as JSON; undefined when nobody answers or the answer is no JSON. A POST when there is a body. */
  json(host: string, url: string, body?: object): Promise<unknown>;
}
