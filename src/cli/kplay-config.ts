import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { LineCounter, isNode, parseDocument } from 'yaml';
import { z } from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import type { Settings } from './config.ts';

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform(value => (typeof value === 'string' ? [value] : value));

/** kplay.config.yaml. Unlike ansible.cfg it is kplay's own, so an unknown key is a mistake. */
const schema = z.strictObject({
  inventory: oneOrMany.optional(),
  forks: z.int().min(1).optional(),
  remote_user: z.string().optional(),
  private_key_file: z.string().optional(),
  host_key_checking: z.boolean().optional(),
  roles_path: oneOrMany.optional(),
  timeout: z.number().positive().optional(),
  become: z.boolean().optional(),
  become_user: z.string().optional(),
  become_method: z.string().optional(),
  become_ask_pass: z.boolean().optional(),
  become_password_file: z.string().optional(),
  force_handlers: z.boolean().optional(),
  window: z.int().min(1).optional(),
  guards: z.record(z.string(), z.string()).optional(),
});

/** Fails with E_YAML or E_USAGE at the place in the file. */
export const readKplayConfig = (text: string, file: string): Settings => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): Source => {
    const { line, col } = lines.linePos(offset);
    return { file, line, col };
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new KplayError('E_YAML', broken.message.split('\n')[0] ?? broken.message, { at: at(broken.pos[0]) });
  const read = schema.safeParse(document.toJS() ?? {});
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = issue?.path ?? [];
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    const name = path.length === 0 ? '' : `${path.join('.')}: `;
    const hint = `known keys: ${Object.keys(schema.shape).join(', ')}`;
    throw new KplayError('E_USAGE', `${name}${issue?.message ?? 'not a mapping'}`, {
      at: at(isNode(node) ? (node.range?.[0] ?? 0) : 0),
      hint,
    });
  }
  return settingsOf(read.data, dirname(file));
};

const settingsOf = (data: z.output<typeof schema>, dir: string): Settings => {
  const path = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : resolve(dir, name.replace(/^~(?=\/|$)/, homedir()));
  return defined({
    inventory: data.inventory?.map(name => path(name) ?? name),
    forks: data.forks,
    remoteUser: data.remote_user,
    privateKeyFile: path(data.private_key_file),
    hostKeyChecking: data.host_key_checking,
    rolesPath: data.roles_path?.map(name => path(name) ?? name),
    timeoutMs: data.timeout === undefined ? undefined : data.timeout * 1000,
    become: data.become,
    becomeUser: data.become_user,
    becomeMethod: data.become_method,
    becomeAskPass: data.become_ask_pass,
    becomePasswordFile: path(data.become_password_file),
    forceHandlers: data.force_handlers,
    window: data.window,
    guards: data.guards,
  });
};

/** An unstated setting must not override a stated one when settings are spread over each other. */
type Stated<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(fields: T): Stated<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Stated<T>;
