import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Fields, Plain } from '../model/module.ts';
import { glob } from '../probes/glob.ts';
import { escapeGlob } from '../shell/expand.ts';
import { nodeFields } from './attributes.ts';
import { any, bool, choice, dict, int, listOf, optional, path, str } from './args.ts';
import { definePrepared } from './define.ts';
import { type HttpAnswer, httpScript, readAnswer } from './http.ts';
import { lines } from './program.ts';
import { type Kept, keepScript, readKept } from './uri_kept.ts';

const args = z
  .strictObject({
    url: str.describe('Where to ask: http or https.'),
    method: str.default('GET').describe('HTTP method, in upper case.'),
    body: optional(any).describe('What to send: text, or with body_format a structure.'),
    body_format: choice('raw', 'json', 'form-urlencoded').default('raw').describe('How a structure is written, and its Content-Type.'),
    src: optional(path).describe('A file to send: of the controller, or with remote_src of the target.'),
    remote_src: bool.default(false).describe('`src` is on the target.'),
    headers: dict.default({}).describe('Further headers.'),
    status_code: listOf(int).default([200]).describe('Statuses that are a success.'),
    return_content: bool.default(false).describe('Give the body as `content`.'),
    dest: optional(path).describe('File or folder on the target to save the body in.'),
    mode: optional(any).describe('Permissions of `dest`.'),
    owner: optional(str).describe('Owner of `dest`.'),
    group: optional(str).describe('Group of `dest`.'),
    creates: optional(path).describe('When this exists on the target, nothing is asked.'),
    removes: optional(path).describe('When this does not exist on the target, nothing is asked.'),
    timeout: int.default(30).describe('Seconds to wait for a connection, and for data.'),
    follow_redirects: choice('all', 'yes', 'safe', 'urllib2', 'none', 'no')
      .default('safe')
      .describe('`safe` follows for GET and HEAD only.'),
    validate_certs: bool.default(true).describe('Check the certificate.'),
    url_username: optional(str).describe('User for basic authentication.'),
    url_password: optional(str).describe('Password for basic authentication.'),
    force_basic_auth: bool.default(false).describe('Taken: authentication is always sent with the first request.'),
    force: bool.default(false).describe('No cached answer.'),
    use_proxy: bool.default(true).describe("Use the target's proxy settings."),
    use_netrc: bool.default(true).describe("Use the target user's .netrc."),
    http_agent: str.default('ansible-httpget').describe('User-Agent.'),
    ca_path: optional(path).describe('Certificates to trust.'),
    client_cert: optional(path).describe('Certificate of the client.'),
    client_key: optional(path).describe('Its key.'),
    unix_socket: optional(path).describe('Ask through this socket.'),
    decompress: bool.default(true).describe('Taken: no compressed answer is asked for.'),
  })
  .superRefine(({ method, body, src }, context) => {
    if (!/^[A-Z]+$/.test(method.toUpperCase()))
      context.addIssue("Parameter 'method' needs to be a single word in uppercase, like GET or POST.");
    if (body !== undefined && src !== undefined) context.addIssue('parameters are mutually exclusive: body|src');
  });
export type UriArgs = z.output<typeof args>;
interface Ready {
  readonly args: UriArgs;
  readonly check: boolean;
  readonly body?: Uint8Array;
  readonly contentType?: string;
}
type Seen = [creates: boolean | undefined, removes: boolean | undefined];

/** JSON as Python's json.dumps() writes it. */
const pythonJson = (value: Plain): string => {
  if (Array.isArray(value)) return `[${value.map(item => pythonJson(item as Plain)).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item as Plain)}`)
      .join(', ')}}`;
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
};
const formText = (value: Plain): string =>
  value === true ? 'True' : value === false ? 'False' : typeof value === 'string' ? value : pythonJson(value);
const formWord = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
/** A mapping, or a list of pairs; a list as value gives its name several times. */
const urlEncoded = (body: Plain): string => {
  const entries = Array.isArray(body)
    ? (body as readonly (readonly Plain[])[])
    : Object.entries((body ?? {}) as Readonly<Record<string, Plain>>);
  return entries
    .flatMap(([key = '', values = null]) =>
      (Array.isArray(values) ? (values as readonly Plain[]) : [values as Plain])
        .filter(value => value !== null)
        .map(value => `${formWord(formText(key as Plain))}=${formWord(formText(value))}`),
    )
    .join('&');
};

const written = ({ body, body_format }: UriArgs): { readonly text?: string; readonly contentType?: string } => {
  if (body_format === 'json') return { text: typeof body === 'string' ? body : pythonJson(body ?? null), contentType: 'application/json' };
  if (body_format === 'form-urlencoded')
    return { text: typeof body === 'string' ? body : urlEncoded(body ?? null), contentType: 'application/x-www-form-urlencoded' };
  if (body === undefined) return {};
  return { text: typeof body === 'string' ? body : pythonJson(body) };
};

const needless = ({ args: { creates, removes } }: Ready, [isThere, isLeft]: Seen): string | undefined => {
  if (isThere === true) return `skipped, since '${creates}' exists`;
  return isLeft === false ? `skipped, since '${removes}' does not exist` : undefined;
};

const follows = ({ follow_redirects, method }: UriArgs): boolean => {
  if (follow_redirects === 'all' || follow_redirects === 'yes') return true;
  return follow_redirects !== 'none' && follow_redirects !== 'no' && ['GET', 'HEAD'].includes(method.toUpperCase());
};

const headersOf = ({ args: { headers, force }, contentType }: Ready): readonly (readonly [string, string])[] => {
  const said = Object.entries(headers).map(([name, value]) => [name, formText(value)] as const);
  const isTyped = said.some(([name]) => name.toLowerCase() === 'content-type');
  return [
    ...said,
    ...(contentType === undefined || isTyped ? [] : ([['Content-Type', contentType]] as const)),
    ...(force ? ([['Cache-Control', 'no-cache']] as const) : []),
  ];
};

/** Header names as variables; those that come several times are joined. */
const variables = (headers: HttpAnswer['headers']): Fields => {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase().replaceAll('-', '_');
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(joined);
};
const cookieFields = (headers: HttpAnswer['headers']): Fields => {
  const pairs = headers
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .map(([, value]) => /^([^=;]+)=([^;]*)/.exec(value) ?? [])
    .map(([, name = '', value = '']) => [name, value] as const);
  return { cookies: Object.fromEntries(pairs), cookies_string: pairs.map(pair => pair.join('=')).join('; ') };
};

const JSON_TYPE = /^[^/;]+\/(?:[^;+]*\+)?(?:json|javascript)\s*(?:;|$)/i;
const jsonOf = (text: string): Plain | undefined => {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return undefined;
  }
};

const told = (given: UriArgs, answer: HttpAnswer, kept: Kept): Fields => {
  const { status, url, headers, elapsedSeconds } = answer;
  const fields = variables(headers);
  const type = String(fields['content_type'] ?? '');
  const content = kept.body.toString(/charset="?(iso-8859-1|latin-?1)/i.test(type) ? 'latin1' : 'utf8');
  const isOk = given.status_code.includes(status);
  const isGood = status >= 200 && status < 300;
  const isJson = JSON_TYPE.test(type);
  const json = isJson ? jsonOf(content) : undefined;
  const said =
    status === -1
      ? `Request failed: <urlopen error ${answer.message.replace(/^curl: \(\d+\) /, '')}>`
      : isGood
        ? `OK (${String(fields['content_length'] ?? 'unknown')} bytes)`
        : `HTTP Error ${status}: ${answer.reason}`;
  return {
    ...fields,
    ...(typeof fields['location'] === 'string' ? { location: new URL(fields['location'], given.url).href } : {}),
    changed: isOk && kept.isWritten,
    ...(isGood ? cookieFields(headers) : {}),
    elapsed: elapsedSeconds,
    redirected: sameUrl(url) !== sameUrl(given.url),
    status,
    url,
    ...(kept.path === undefined || status === -1 ? {} : { path: kept.path, ...nodeFields(kept.node) }),
    ...(json === undefined ? {} : { json }),
    ...(given.return_content ? { content } : {}),
    // Ansible leaves in what it read of an error, where nothing else takes it.
    ...(isOk && !isGood && !isJson && !given.return_content ? { body: content } : {}),
    msg: isOk ? said : `Status code was ${status} and not [${given.status_code.join(', ')}]: ${said}`,
    ...(isOk ? {} : { failed: true }),
  };
};
/** curl and URL add the slash that an address without a path stands for. */
const sameUrl = (url: string): string => url.replace(/^(\w+:\/\/[^/?#]+)\/$/, '$1');

export const uri = definePrepared<Seen, Ready>()({
  name: 'uri',
  summary: 'Ask a web server, from the target.',
  args,
  aliases: { user: 'url_username', password: 'url_password' },
  reach: 'world',
  checkMode: 'skip',

  async prepare(given, controller): Promise<Ready> {
    if (given.src !== undefined && !given.remote_src)
      return { args: given, check: controller.check, body: await readFile(controller.find(given.src, 'files')) };
    const { text, contentType } = written(given);
    return {
      args: given,
      check: controller.check,
      ...(text === undefined ? {} : { body: Buffer.from(text) }),
      ...(contentType === undefined ? {} : { contentType }),
    };
  },

  observe: ({ args: { creates, removes } }) => [
    creates === undefined ? undefined : { kind: glob, subject: escapeGlob(creates) },
    removes === undefined ? undefined : { kind: glob, subject: escapeGlob(removes) },
  ],

  analyze: (ready, seen) =>
    needless(ready, seen) === undefined
      ? [{ key: 'request', before: null, after: `${ready.args.method.toUpperCase()} ${ready.args.url}` }]
      : [],

  act(ready) {
    const { args: given, body } = ready;
    const { url_username, url_password, ca_path, client_cert, client_key, unix_socket, src, dest } = given;
    if (!/^https?:\/\//i.test(given.url)) throw new KplayError('E_ARGS', `unknown url type: ${given.url}`);
    const request = {
      url: given.url,
      method: given.method.toUpperCase(),
      headers: headersOf(ready),
      follow: follows(given),
      validateCerts: given.validate_certs,
      timeoutSeconds: given.timeout,
      useProxy: given.use_proxy,
      useNetrc: given.use_netrc,
      agent: given.http_agent,
      ...(body === undefined ? {} : { body: 'stdin' as const }),
      ...(src !== undefined && given.remote_src ? { body: { file: src } } : {}),
      ...(url_username === undefined ? {} : { user: url_username }),
      ...(url_password === undefined ? {} : { password: url_password }),
      ...(ca_path === undefined ? {} : { caPath: ca_path }),
      ...(client_cert === undefined ? {} : { clientCert: client_cert }),
      ...(client_key === undefined ? {} : { clientKey: client_key }),
      ...(unix_socket === undefined ? {} : { unixSocket: unix_socket }),
      ...(dest === undefined || given.force ? {} : { newerThan: dest }),
    };
    return [{ script: httpScript(request, keepScript(given)), ...(body === undefined ? {} : { stdin: body }) }];
  },

  result(ready, seen, _changes, outputs) {
    if (ready.check) return { changed: false, skipped: true, msg: 'This action (uri) does not support check mode.' };
    const [output] = outputs ?? [];
    if (output === undefined)
      return { changed: false, stdout: needless(ready, seen) ?? '', stdout_lines: lines(needless(ready, seen) ?? '') };
    const answer = readAnswer(output.stdout);
    return told(ready.args, answer, readKept(answer.kept));
  },
});
