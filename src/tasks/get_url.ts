import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields, Mode } from '../model/module.ts';
import type { ProbeKind } from '../model/probe.ts';
import { type Algorithm, ALGORITHMS, digests } from '../probes/digest.ts';
import { type Node, NODE_FORMAT, parseNode, type Stat, stat } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { bool, dict, int, list, optional, path, str } from './args.ts';
import {
  accounts,
  attributeArgs,
  attributeChanges,
  fresh,
  type Ids,
  nodeFields,
  type Setting,
  setting,
  settle,
  pathFields,
} from './attributes.ts';
import { defineModule } from './define.ts';
import { type HttpAnswer, type HttpRequest, httpScript, readAnswer } from './http.ts';
import { BACKUP } from './write.ts';

const args = z
  .strictObject({
    url: str.describe('Where the file is: http or https.'),
    dest: path.describe('File on the host; in a folder that is there it gets the name the server or the URL gives.'),
    checksum: str
      .default('')
      .describe('`ALGORITHM:DIGEST`, or `ALGORITHM:URL` of a list of digests. A file that has it is not fetched again.'),
    force: bool.default(false).describe('Fetch it though the host has the same or a newer one.'),
    backup: bool.default(false).describe('Keep the old file beside the new one, with a time in its name.'),
    headers: dict.default({}).describe('Further headers.'),
    timeout: int.default(10).describe('Seconds to wait for a connection, and for data.'),
    validate_certs: bool.default(true).describe('Check the certificate.'),
    url_username: optional(str).describe('User for basic authentication.'),
    url_password: optional(str).describe('Password for basic authentication.'),
    force_basic_auth: bool.default(false).describe('Taken: authentication is always sent with the first request.'),
    use_proxy: bool.default(true).describe("Use the host's proxy settings."),
    use_netrc: bool.default(true).describe("Use the user's .netrc."),
    http_agent: str.default('ansible-httpget').describe('User-Agent.'),
    client_cert: optional(path).describe('Certificate of the client.'),
    client_key: optional(path).describe('Its key.'),
    tmp_dest: optional(path).describe('Taken and ignored: the file is put together beside its place.'),
    decompress: bool.default(true).describe('Taken: no compressed answer is asked for.'),
    ciphers: optional(list).describe('Taken and ignored.'),
    unredirected_headers: list.default([]).describe('Taken and ignored.'),
    ...attributeArgs,
  })
  .superRefine(({ url, checksum }, context) => {
    if (!/^https?:\/\//i.test(url)) context.addIssue(`unknown url type: ${url}`);
    if (checksum === '') return;
    const [, algorithm = '', digest = ''] = /^([^:]*):(.*)$/s.exec(checksum) ?? [];
    if (digest === '') context.addIssue('The checksum parameter has to be in format <algorithm>:<checksum>');
    else if (!ALGORITHMS.includes(algorithm as Algorithm)) context.addIssue(`no digest that a host can make: ${algorithm}`);
    else if (!isUrl(digest) && !/^[\da-f]+$/i.test(digest.replace(/\W+/g, ''))) context.addIssue('The checksum format is invalid');
  });
type Args = z.output<typeof args>;
type Seen = [...ids: Ids, at: Stat, digest: string | undefined, sums: HttpAnswer | undefined, head: HttpAnswer | undefined];

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);
const sumOf = ({ checksum }: Args): readonly [algorithm: Algorithm, digest: string] | undefined => {
  const [, algorithm, digest = ''] = /^([^:]*):(.*)$/s.exec(checksum) ?? [];
  return algorithm === undefined ? undefined : [algorithm as Algorithm, digest];
};
/** The last part of the URL's path. */
const nameOf = (url: string): string => new URL(url).pathname.split('/').at(-1) || 'index.html';

/** One request for each subject, which is that request as JSON. */
const answers: ProbeKind<HttpAnswer> = {
  name: 'http',
  sight: 'outward',
  script: subjects => {
    const boundary = randomUUID();
    const asks = subjects.map(subject => `(\n${httpScript(JSON.parse(subject) as HttpRequest, 'cat "$d/b"')}\n)\necho ${boundary}`);
    return `echo ${boundary}\n${asks.join('\n')}`;
  },
  parse(stdout, subjects) {
    const boundary = stdout.subarray(0, stdout.indexOf('\n') + 1);
    let from = boundary.length;
    return subjects.map((): HttpAnswer | Error => {
      const end = stdout.indexOf(boundary, from);
      const answer = stdout.subarray(from, end);
      from = end + boundary.length;
      return end < 0 ? new KplayError('E_PROBE', 'the web server could not be asked') : readAnswer(answer);
    });
  },
};

const requestOf = (given: Args, url: string, method: string, newerThan: string | undefined): HttpRequest => ({
  url,
  method,
  headers: [
    ...Object.entries(given.headers).map(([name, value]) => [name, String(value)] as const),
    ...(given.force ? ([['Cache-Control', 'no-cache']] as const) : []),
  ],
  follow: true,
  validateCerts: given.validate_certs,
  timeoutSeconds: given.timeout,
  useProxy: given.use_proxy,
  useNetrc: given.use_netrc,
  agent: given.http_agent,
  ...(given.url_username === undefined ? {} : { user: given.url_username }),
  ...(given.url_password === undefined ? {} : { password: given.url_password }),
  ...(given.client_cert === undefined ? {} : { clientCert: given.client_cert }),
  ...(given.client_key === undefined ? {} : { clientKey: given.client_key }),
  ...(newerThan === undefined ? {} : { newerThan }),
});

/** The digest that the file is to have; in a list of them it stands before the file's name, or alone. E_STATE where there is none. */
const wantedDigest = (given: Args, sums: HttpAnswer | undefined): string | undefined => {
  const [, digest] = sumOf(given) ?? [];
  if (digest === undefined || sums === undefined) return digest?.replace(/\W+/g, '').toLowerCase();
  if (sums.status !== 200) throw new KplayError('E_STATE', `Request failed: ${digest} (${sums.status})`, { detail: sums.message });
  const name = nameOf(given.url);
  const lines = sums.kept.toString().split('\n').filter(Boolean);
  const rows = lines.map(line => /^(\S+)(?: [ *]?(?:\.?\/)*(.+))?$/.exec(line) ?? []);
  const [, found] = rows.find(([, , file]) => file === name || (file === undefined && rows.length === 1)) ?? [];
  if (found === undefined) throw new KplayError('E_STATE', `Unable to find a checksum for file '${name}' in '${digest}'`);
  return found.replace(/\W+/g, '').toLowerCase();
};

interface Plan {
  readonly fetches: boolean;
  /** Only if the server has something newer than this. */
  readonly newerThan?: string;
  readonly wanted?: string | undefined;
  readonly set: Setting;
  readonly changes: readonly Change[];
}
const plan = (given: Args, [uid, gid, at, digest, sums, head]: Seen, { check }: Mode): Plan => {
  const old = at.target?.type === 'file' ? at.target : undefined;
  const wanted = wantedDigest(given, sums);
  const has = old !== undefined && wanted !== undefined && digest === wanted;
  const isCurrent = head?.status === 304 || (has && !given.force);
  const lenient = check && old === undefined;
  const set = setting(
    lenient ? { mode: given.mode } : given,
    [uid, gid],
    old ?? fresh('file', at.umask),
    at.umask,
    pathFields(at.path, old),
  );
  if (head !== undefined && head.status !== 200 && head.status !== 304) throw failed(given, head);
  const moved = old === undefined ? [] : attributeChanges(given, set, old);
  return {
    fetches: !isCurrent,
    ...(old !== undefined && !given.force && wanted === undefined ? { newerThan: at.path } : {}),
    wanted,
    set,
    changes: isCurrent ? moved : [{ key: 'content', before: digest ?? null, after: wanted ?? given.url }, ...moved],
  };
};

const failed = ({ url, dest }: Args, { status, message, reason }: HttpAnswer): KplayError =>
  new KplayError('E_STATE', status === -1 ? `Request failed: ${message}` : `Request failed: HTTP Error ${status}: ${reason}`, {
    detail: `${url} to ${dest}`,
  });

/** Puts what was fetched in its place, if it is another and the right one. Prints what became of it, digests and the file's facts. */
const keepScript = (given: Args, at: Stat, { wanted, set }: Plan): string => {
  const [algorithm = 'sha256'] = sumOf(given) ?? [];
  const bits = set.bits ?? fresh('file', at.umask).bits;
  return sh`dest=${at.path} backup=
[ "$status" != -1 ] || status=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$d/h" | tail -n 1)
say() { printf '%s\0%s\0%s\0%s\0%s\0%s\0' "$1" "$dest" "$old" "$now" "$md5" "$backup"; stat -c ${NODE_FORMAT} -- "$dest" 2>/dev/null; }
old= now= md5=
case $status in
  304) ${raw(['set -e', ...settle(at.path, set).split('\n').filter(Boolean), 'say same', 'exit'].join('; '))} ;;
  200) ;;
  *) say refused; exit 0 ;;
esac
if [ -d "$dest" ]; then
  name=$(sed -n 's/^[Cc]ontent-[Dd]isposition:.*filename="\{0,1\}\([^";]*\).*/\1/p' "$d/h" | tr -d '\r' | tail -n 1); name=${raw('${name##*/}')}
  [ -n "$name" ] || { name=${raw('${url%%[?#]*}')}; name=${raw('${name#*://}')}; case $name in */*) name=${raw('${name##*/}')} ;; *) name= ;; esac; }
  dest=${raw('${dest%/}/${name:-index.html}')}
fi
sum() { "$1"sum <"$2" 2>/dev/null | cut -d' ' -f1; }
now=$(sum sha1 "$d/b"); md5=$(sum md5 "$d/b"); [ ! -f "$dest" ] || old=$(sum sha1 "$dest")
have=$(sum ${algorithm} "$d/b")
${raw(wanted === undefined ? ':' : sh`[ "$have" = ${wanted} ] || { echo "The checksum for $url did not match "${wanted}"; it was $have." >&2; exit 1; }`)}
case $dest in */*) folder=${raw('${dest%/*}')}/ ;; *) folder=./ ;; esac
[ -d "$folder" ] || { echo "Destination $folder does not exist" >&2; exit 1; }
if cmp -s "$d/b" "$dest"; then became=same; else
  set -e
  ${raw(given.backup ? `if [ -e "$dest" ]; then\n${BACKUP}\nfi` : ':')}
  new=$(mktemp "$folder.kplay.XXXXXX"); trap 'rm -rf "$d" "$new"' EXIT
  if [ -e "$dest" ]; then cp -p -- "$dest" "$new"; else chmod ${bits.toString(8)} -- "$new"; fi
  cat "$d/b" >"$new"
  mv -f -- "$new" "$dest"
  became=fetched
fi
set -e
${raw(settle(raw('"$dest"'), set))}
say $became`;
};

interface Kept {
  readonly became: string;
  readonly dest: string;
  readonly old: string;
  readonly now: string;
  readonly md5: string;
  readonly backup: string;
  readonly node?: Node | undefined;
}
const readKept = ({ kept }: HttpAnswer): Kept => {
  const [became = '', dest = '', old = '', now = '', md5 = '', backup = '', node = ''] = kept.toString().split('\0');
  return { became, dest, old, now, md5, backup, node: parseNode(node.trim()) };
};

/** ansible.builtin.get_url: a file from a web server, fetched by the host. */
export const getUrl = defineModule<Seen>()({
  name: 'get_url',
  summary: 'Fetch a file from a web server to the host, with its curl or wget.',
  args,
  aliases: { username: 'url_username', password: 'url_password' },
  reach: 'host',

  observe(given, { check }) {
    const [algorithm, digest = ''] = sumOf(given) ?? [];
    const ask = (url: string, method: string, newerThan?: string) => ({
      kind: answers,
      subject: JSON.stringify(requestOf(given, url, method, newerThan)),
    });
    return [
      ...accounts(given),
      { kind: stat, subject: given.dest },
      algorithm === undefined ? undefined : { kind: digests[algorithm], subject: given.dest },
      isUrl(digest) ? ask(digest, 'GET') : undefined,
      check && algorithm === undefined ? ask(given.url, 'HEAD', given.force ? undefined : given.dest) : undefined,
    ];
  },
  analyze: (given, seen, mode) => plan(given, seen, mode).changes,

  act(given, seen) {
    const [, , at] = seen;
    const planned = plan(given, seen, { check: false, diff: false });
    if (!planned.fetches) return [{ script: settle(at.path, planned.set) }];
    return [{ script: httpScript(requestOf(given, given.url, 'GET', planned.newerThan), keepScript(given, at, planned)) }];
  },

  result(given, seen, changes, outputs): Fields {
    const { url } = given;
    const [, , at] = seen;
    const planned = plan(given, seen, { check: outputs === undefined, diff: false });
    const idle = { dest: at.path, url, elapsed: 0, checksum_dest: null, checksum_src: null, ...nodeFields(at.target) };
    if (outputs?.[0] === undefined || !planned.fetches) {
      const moved = changes.length > 0 ? 'file already exists but file attributes changed' : 'file already exists';
      return { ...idle, changed: changes.length > 0, msg: planned.fetches ? '' : moved };
    }
    const answer = readAnswer(outputs[0].stdout);
    const { became, dest, old, now, md5, backup, node } = readKept(answer);
    if (became === 'refused') throw failed(given, answer);
    const length = answer.headers.findLast(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 'unknown';
    return {
      changed: became === 'fetched' || changes.some(({ key }) => key !== 'content'),
      dest,
      url,
      elapsed: answer.elapsedSeconds,
      status_code: answer.status,
      msg: answer.status === 304 ? 'HTTP Error 304: Not Modified' : `OK (${length} bytes)`,
      checksum_dest: old === '' ? null : old,
      checksum_src: now === '' ? null : now,
      md5sum: md5 === '' ? null : md5,
      ...(backup === '' ? {} : { backup_file: backup }),
      ...nodeFields(node),
    };
  },
});
