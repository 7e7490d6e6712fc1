import { KplayError } from '../model/errors.ts';
import { raw, sh } from '../shell/sh.ts';

/** One request, said the same way to every program that can make it. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body is on stdin; undefined: there is none. `file`: it is in a file of the target instead. */
  readonly body?: 'stdin' | { readonly file: string };
  readonly user?: string;
  readonly password?: string;
  readonly follow: boolean;
  readonly validateCerts: boolean;
  readonly timeoutSeconds: number;
  readonly caPath?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly unixSocket?: string;
  readonly useProxy: boolean;
  readonly useNetrc: boolean;
  readonly agent: string;
  /** Only where the server has something newer than this file of the target. */
  readonly newerThan?: string;
}

/** A value in curl's configuration file. */
const quoted = (value: string): string =>
  `"${value.replace(/[\\"\n\r\t\v]/g, character => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' })[character] ?? `\\${character}`)}"`;

const curlConfig = (request: HttpRequest): string => {
  const { method, body } = request;
  const natural = method === 'GET' ? body === undefined : method === 'POST' && body !== undefined;
  const lines: (string | undefined)[] = [
    `url = ${quoted(request.url)}`,
    method === 'HEAD' ? 'head' : natural ? undefined : `request = ${quoted(method)}`,
    ...request.headers.map(([name, value]) => `header = ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
    body === undefined ? undefined : `data-binary = ${quoted(body === 'stdin' ? '@-' : `@${body.file}`)}`,
    // curl adds one that nobody asked for.
    body !== undefined && !request.headers.some(([name]) => name.toLowerCase() === 'content-type') ? 'header = "Content-Type:"' : undefined,
    request.user === undefined ? undefined : `user = ${quoted(`${request.user}:${request.password ?? ''}`)}`,
    request.follow ? 'location\nmax-redirs = 10' : undefined,
    request.validateCerts ? undefined : 'insecure',
    request.caPath === undefined ? undefined : `cacert = ${quoted(request.caPath)}`,
    request.clientCert === undefined ? undefined : `cert = ${quoted(request.clientCert)}`,
    request.clientKey === undefined ? undefined : `key = ${quoted(request.clientKey)}`,
    request.unixSocket === undefined ? undefined : `unix-socket = ${quoted(request.unixSocket)}`,
    request.useProxy ? undefined : 'noproxy = "*"',
    `user-agent = ${quoted(request.agent)}`,
    `connect-timeout = ${request.timeoutSeconds}\nspeed-limit = 1\nspeed-time = ${request.timeoutSeconds}`,
    request.useNetrc ? 'netrc-optional' : undefined,
    'silent\nshow-error\ngloboff',
  ];
  return lines.filter(line => line !== undefined).join('\n');
};

const wgetConfig = (request: HttpRequest): readonly string[] | undefined => {
  if (request.unixSocket !== undefined || typeof request.body === 'object') return undefined;
  return [
    `header = User-Agent: ${request.agent}`,
    ...request.headers.map(([name, value]) => `header = ${name}: ${value}`),
    ...(request.user === undefined
      ? []
      : [`header = Authorization: Basic ${Buffer.from(`${request.user}:${request.password ?? ''}`).toString('base64')}`]),
    `max_redirect = ${request.follow ? 10 : 0}`,
    `timeout = ${request.timeoutSeconds}`,
    'tries = 1',
    'content_on_error = on',
    ...(request.validateCerts ? [] : ['check_certificate = off']),
    ...(request.caPath === undefined ? [] : [`ca_certificate = ${request.caPath}`]),
    ...(request.clientCert === undefined ? [] : [`certificate = ${request.clientCert}`]),
    ...(request.clientKey === undefined ? [] : [`private_key = ${request.clientKey}`]),
    ...(request.useProxy ? [] : ['use_proxy = off']),
    ...(request.useNetrc ? [] : ['netrc = off']),
  ];
};

/** busybox' wget knows GET and POST, no client certificates and no bodies of errors; it can be told headers only as words. */
const busyboxWords = (request: HttpRequest): readonly string[] | undefined => {
  const { method, body, user } = request;
  if (!(method === 'GET' && body === undefined) && !(method === 'POST' && body === 'stdin')) return undefined;
  if (user !== undefined || request.unixSocket !== undefined || request.clientCert !== undefined || request.caPath !== undefined)
    return undefined;
  if (request.headers.some(([name]) => /^(authorization|cookie|x-.*token.*|proxy-authorization)$/i.test(name))) return undefined;
  return [
    '-U',
    request.agent,
    ...request.headers.flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(request.validateCerts ? [] : ['--no-check-certificate']),
    ...(request.useProxy ? [] : ['-Y', 'off']),
  ];
};

/** Files in a private folder: headers in `h`, body in `b`; the outcome is on stdout, first tool and status, then where it ended. */
const START = `umask 077; d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM
: >"$d/h"; : >"$d/b"; : >"$d/e"; start=$(date +%s)`;

/**
 * A program that makes one request with curl, GNU wget or busybox' wget. Everything about it goes through files and stdin: no password or token is
 * in a list of processes. Prints `tool status seconds url`, the messages, the headers, and what `keep` prints (where the body in $d/b was
 * saved, and the body), with `\0` between.
 */
export const httpScript = (request: HttpRequest, keep: string): string => {
  const { url, method, body, newerThan } = request;
  const [wget, busybox] = [wgetConfig(request), busyboxWords(request)];
  const stdin = body === 'stdin';
  return sh`${raw(START)}
newer=; ${raw(newerThan === undefined ? ':' : sh`newer=${newerThan}; [ -f "$newer" ] || newer=`)}
tool=; status=-1; url=${url}
if command -v curl >/dev/null 2>&1; then
  tool=curl
  printf '%s\n' ${curlConfig(request)} >"$d/c"
  out=$(curl -K "$d/c" ${raw('${newer:+-z "$newer"}')} -D "$d/h" -o "$d/b" -w '%{http_code} %{url_effective}' ${raw(stdin ? '' : '</dev/null')} 2>"$d/e")
  status=${raw('${out%% *}')}; url=${raw('${out#* }')}
  [ "$status" != 000 ] || status=-1
elif ${raw(wget === undefined ? 'false' : 'wget --version >/dev/null 2>&1')}; then
  tool=wget
  ${raw(stdin ? 'cat >"$d/body"' : ':')}
  printf '%s\n' ${(wget ?? []).join('\n')} >"$d/c"
  wget --config="$d/c" -S -O "$d/b" --method=${method} ${raw(stdin ? '--body-file="$d/body"' : '')} ${url} 2>"$d/e" </dev/null
  sed -n 's/^  //p' "$d/e" >"$d/h"
elif ${raw(busybox === undefined ? 'false' : 'command -v wget >/dev/null 2>&1 && ! wget --version >/dev/null 2>&1')}; then
  tool=busybox
  ${raw(stdin ? 'cat >"$d/body"' : ':')}
  # Some builds crash on -T.
  slow=; ! command -v timeout >/dev/null 2>&1 || slow='timeout '${request.timeoutSeconds}
  $slow wget -S -O "$d/b" ${busybox ?? []} ${raw(stdin ? '--post-file "$d/body"' : '')} ${url} 2>"$d/e" </dev/null
  sed -n 's/^  //p' "$d/e" >"$d/h"
fi
printf '%s %s %s %s\0' "$tool" "$status" "$(($(date +%s) - start))" "$url"
cat "$d/e"; printf '\0'; cat "$d/h"; printf '\0'
${raw(keep)}`;
};

export interface HttpAnswer {
  /** -1: no answer came; `message` says why. */
  readonly status: number;
  readonly url: string;
  readonly elapsedSeconds: number;
  readonly message: string;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What `keep` printed. */
  readonly kept: Buffer;
}

/** Texts that each end in NUL, and the bytes after them. */
export const textFields = (bytes: Buffer, count: number): { readonly fields: readonly string[]; readonly rest: Buffer } => {
  const fields: string[] = [];
  let from = 0;
  while (fields.length < count) {
    const end = bytes.indexOf(0, from);
    if (end < 0) break;
    fields.push(bytes.toString('utf8', from, end));
    from = end + 1;
  }
  return { fields, rest: bytes.subarray(from) };
};

/** E_PROBE where the host has nothing that could make the request. */
export const readAnswer = (stdout: Buffer): HttpAnswer => {
  const { fields, rest } = textFields(stdout, 3);
  const [how = '', said = '', headers = ''] = fields;
  const [, tool = '', code = '-1', seconds = '0', url = ''] = /^(\S*) (\S+) (\d+) (.*)$/s.exec(how) ?? [];
  if (tool === '')
    throw new KplayError('E_PROBE', 'nothing on the host can make this request', {
      hint: 'install curl or wget there, or delegate the task',
    });
  const blocks = headerBlocks(headers);
  const last = blocks.at(-1);
  // busybox prints no headers with an error.
  const [, failedStatus = '-1', failedReason = ''] = /server returned error: HTTP\/[\d.]+ (\d+) ?(.*)/.exec(said) ?? [];
  const status = tool === 'curl' ? Number(code) : Number(last?.status ?? failedStatus);
  const redirects =
    tool === 'curl'
      ? []
      : blocks.flatMap(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'location').map(([, to]) => to));
  return {
    status,
    url: redirects.reduce((from, to) => new URL(to.split(' ')[0] ?? '', from).href, url),
    elapsedSeconds: Number(seconds),
    message: said.trim(),
    reason: last?.reason ?? failedReason,
    headers: last?.headers ?? [],
    kept: rest,
  };
};

interface Block {
  readonly status: string;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}
/** One block for each answer on the way: redirects, interim answers, the last one. */
const headerBlocks = (text: string): readonly Block[] => {
  const blocks: { status: string; reason: string; headers: (readonly [string, string])[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const start = /^HTTP\/[\d.]+ (\d+) ?(.*)$/.exec(line);
    const header = /^([^\s:]+):\s*(.*?)\s*$/.exec(line);
    if (start !== null) blocks.push({ status: start[1] ?? '', reason: start[2] ?? '', headers: [] });
    else if (header !== null) blocks.at(-1)?.headers.push([header[1] ?? '', header[2] ?? '']);
  }
  return blocks;
};
