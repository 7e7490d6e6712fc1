import { posix } from 'node:path';
import * as z from 'zod';
import type { Origin } from '../http/client.ts';
import { KplayError } from '../model/errors.ts';
import type { Line } from '../model/line.ts';
import { content } from '../probes/content.ts';
import { literal, under } from '../probes/path.ts';
import { toPlain } from '../value/plain.ts';
import { parseYaml } from '../yaml/parse.ts';

const text = z.string().optional();
const named = <Key extends string, Shape extends z.ZodType>(key: Key, shape: Shape) =>
  z
    .array(z.looseObject({ name: z.string() }))
    .transform(all => new Map(all.map(one => [one.name, one[key]])))
    .pipe(z.map(z.string(), shape));

const user = z.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
});
type User = z.output<typeof user>;
const cluster = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
});
/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, as far as a program without prompts can follow it. */
const schema = z.object({
  'current-context': text,
  contexts: named('context', z.object({ cluster: z.string(), user: z.string() })),
  clusters: named('cluster', cluster),
  users: named('user', user),
});

/** A server, and the path that every request to it starts with. */
export interface Access {
  readonly origin: Origin;
  readonly prefix: string;
}

/**
 * What a kubeconfig on the line's host says of a context, with the files it names. E_PROBE where a file is not there or not readable, E_STATE
 * where it says what is not supported. Messages name files and keys, never what they hold.
 */
export const readKubeconfig = async (line: Line, path: string, wanted: string | undefined): Promise<Access> => {
  const config = parsed(await read(line, path), path);
  const name = wanted ?? config['current-context'] ?? '';
  const context = config.contexts.get(name);
  const server = context && config.clusters.get(context.cluster);
  if (context === undefined || server === undefined) {
    const known = [...config.contexts.keys()].join(', ');
    throw new KplayError('E_STATE', `${path} on ${line.host} has no context '${name}' with a cluster`, { hint: `contexts are: ${known}` });
  }
  const login: Partial<User> = config.users.get(context.user) ?? {};
  for (const key of ['exec', 'auth-provider'] as const)
    if (login[key] !== undefined)
      throw new KplayError('E_STATE', `${path} on ${line.host} logs in with '${key}', which is not supported`, {
        hint: 'give a kubeconfig with a client certificate or a token',
      });
  const given = async (data: string | undefined, file: string | undefined): Promise<Buffer | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64');
    if (file === undefined) return undefined;
    return read(line, posix.isAbsolute(file) ? literal(file) : under(posix.dirname(path), `/${file}`));
  };
  const [ca, cert, key, token] = await Promise.all([
    given(server['certificate-authority-data'], server['certificate-authority']),
    given(login['client-certificate-data'], login['client-certificate']),
    given(login['client-key-data'], login['client-key']),
    login.token ?? given(undefined, login.tokenFile),
  ]);
  const url = serverOf(server.server, path);
  const authorization = token === undefined ? basic(login) : `Bearer ${token.toString().trim()}`;
  return {
    prefix: url.pathname.replace(/\/+$/, ''),
    origin: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || 443),
      tls: {
        ...(ca && { ca }),
        ...(cert && { cert }),
        ...(key && { key }),
        ...(server['tls-server-name'] !== undefined && { servername: server['tls-server-name'] }),
        ...(server['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
      },
      ...(authorization !== undefined && { headers: { authorization } }),
    },
  };
};

const read = async (line: Line, path: string): Promise<Buffer> => {
  const [bytes] = await line.observe<[Buffer | undefined]>([{ kind: content, subject: path }]).catch((cause: unknown) => {
    if (!(cause instanceof KplayError) || cause.code !== 'E_PROBE') throw cause;
    throw new KplayError('E_PROBE', cause.message, { cause, hint: 'it is for root: become: true' });
  });
  if (bytes === undefined)
    throw new KplayError('E_PROBE', `there is no ${path.replaceAll('\0', '')} on ${line.host}`, {
      hint: 'run the task on a master or delegate it to one, or name another file: kubeconfig',
    });
  return bytes;
};

const parsed = (bytes: Buffer, path: string): z.output<typeof schema> => {
  // What the parser says may quote the text.
  const read = attempt(() => toPlain(parseYaml(bytes.toString(), path).value));
  const config = schema.safeParse(read);
  if (config.success) return config.data;
  const keys = config.error.issues.map(issue => issue.path.join('.')).join(', ');
  throw new KplayError('E_STATE', `${path} is not a kubeconfig`, keys === '' ? {} : { detail: `wrong: ${keys}` });
};
const attempt = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    if (error instanceof KplayError) return undefined;
    throw error;
  }
};

const serverOf = (server: string, path: string): URL => {
  const url = URL.parse(server);
  if (url?.protocol === 'https:') return url;
  throw new KplayError('E_STATE', `the server that ${path} names has no https address: ${server}`);
};

const basic = ({ username, password }: Partial<User>): string | undefined =>
  username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
