import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Document, LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import * as z from 'zod';
import { guardNames } from '../guard/permits.ts';
import { KplayError } from '../model/errors.ts';
import { didYouMean } from '../model/nearest.ts';
import { SEMANTICS } from '../model/semantics.ts';
import type { Source } from '../model/source.ts';
import type { Settings } from './ansible-settings.ts';

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
  keep_connections: z.number().min(0).optional(),
  // Written without quotes it is a number.
  semantics: z.preprocess(value => (typeof value === 'number' ? String(value) : value), z.enum(SEMANTICS)).optional(),
  guards: z.record(z.string(), z.enum(guardNames())).optional(),
});

/** Fails with E_YAML or E_USAGE at the place in the file. */
export const readKplayConfig = (text: string, file: string): Settings => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Source => {
    const { line, col } = lines.linePos(offset);
    return { file, line, col };
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new KplayError('E_YAML', broken.message, { at: at(broken.pos[0]) });
  const read = schema.safeParse(document.toJS() ?? {});
  if (!read.success) throw refused(read.error.issues[0], document, at);
  return settingsOf(read.data, dirname(file));
};

const refused = (issue: z.core.$ZodIssue | undefined, document: Document, at: (offset: number) => Source): KplayError => {
  const known = Object.keys(schema.shape);
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return new KplayError('E_USAGE', `there is no setting "${key}"`, {
      at: at(offsetOfKey(document, key)),
      hint: didYouMean(key, known) ?? `there are: ${known.join(', ')}`,
    });
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const given = isScalar(node) ? String(node.value) : '';
  const values = issue?.code === 'invalid_value' ? issue.values.map(String) : [];
  const message =
    values.length > 0 ? `"${given}" is none of: ${values.join(', ')}` : (issue?.message.replace(/^Invalid input: /, '') ?? 'not a mapping');
  const hint = didYouMean(given, values);
  return new KplayError('E_USAGE', path.length === 0 ? message : `${path.join('.')}: ${message}`, {
    at: at(isNode(node) ? (node.range?.[0] ?? 0) : 0),
    ...(hint !== undefined && { hint }),
  });
};
const offsetOfKey = ({ contents }: Document, key: string): number => {
  const found = isMap(contents) ? contents.items.map(item => item.key).find(each => isScalar(each) && each.value === key) : undefined;
  return isNode(found) ? (found.range?.[0] ?? 0) : 0;
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
    keepConnectionsMs: data.keep_connections === undefined ? undefined : data.keep_connections * 1000,
    semantics: data.semantics,
    guards: data.guards,
  });
};

/** An unstated setting must not override a stated one when settings are spread over each other. */
type Stated<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(fields: T): Stated<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Stated<T>;
