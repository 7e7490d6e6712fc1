import { numberArgument } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isMapping, isText, textOf, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { splitLines } from '../../value/text-methods.ts';
import type { Value } from '../../value/value.ts';
import { pairsOf } from '../filters/dict.ts';
import type { Redirects, WebRequest } from '../host.ts';
import type { Lookup } from './define.ts';

const TIMEOUT_S = 10;
const REDIRECTS: Readonly<Record<string, Redirects>> = { all: 'all', yes: 'all', urllib2: 'all', safe: 'all', none: 'none', no: 'none' };
const flag = (value: Value | undefined, otherwise: boolean): boolean => {
  if (value === undefined || value === null) return otherwise;
  return isText(value) ? /^(?:y|yes|on|1|true|t)$/i.test(textOf(value)) : truth(value);
};

const requestOf = (url: string, named: ReadonlyMap<string, Value>): WebRequest => {
  const option = (name: string): Value | undefined => named.get(name) ?? undefined;
  const headers = new Map([['user-agent', str(option('http_agent') ?? 'ansible-httpget')]]);
  const given = option('headers');
  if (given !== undefined && !isMapping(given)) throw evaluationError('the url lookup wants a dictionary of headers');
  for (const [name, value] of (given && pairsOf(given)) ?? []) headers.set(str(name).toLowerCase(), str(value));
  if (flag(option('force'), false)) headers.set('cache-control', 'no-cache');
  const user = option('username');
  if (user !== undefined) {
    const secret = Buffer.from(`${str(user)}:${str(option('password') ?? '')}`).toString('base64');
    headers.set('authorization', `Basic ${secret}`);
  }
  const redirects = REDIRECTS[str(option('follow_redirects') ?? 'urllib2')];
  if (!redirects) throw evaluationError(`the url lookup knows no redirects "${str(option('follow_redirects') ?? null)}"`);
  const authority = option('ca_path');
  return {
    url,
    headers: Object.fromEntries(headers),
    redirects,
    timeoutMs: numberArgument(option('timeout'), TIMEOUT_S) * 1000,
    verify: flag(option('validate_certs'), true),
    proxy: flag(option('use_proxy'), true),
    ...(authority !== undefined && { authority: str(authority) }),
  };
};

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/url_lookup.html: lines, or with `split_lines=false` the whole text. */
export const url: Lookup = (terms, named, run) => {
  run.impure('the url lookup');
  const splits = flag(named.get('split_lines'), true);
  return terms.flatMap(term => {
    const { status, body } = run.host.fetch(requestOf(str(term), named));
    if (status < 200 || status > 299) throw evaluationError(`Received HTTP error for ${str(term)} : HTTP Error ${status}`);
    return splits ? splitLines(body) : [body];
  });
};
