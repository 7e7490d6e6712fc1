import { statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { TemplateOptions } from '../model/module.ts';
import { DateTime, strftime } from '../value/datetime.ts';
import type { Value } from '../value/value.ts';
import type { Desk } from './controller.ts';

/** Names for owners of the controller's files: its own user's, others are numbers. That is asked once, it reads /etc/passwd. */
export const ownerNames = (): Desk['ownerOf'] => {
  let user: { readonly uid: number; readonly username: string } | undefined;
  return uid => {
    user ??= userInfo();
    return uid === user.uid ? user.username : String(uid);
  };
};

/** What a template file may ask about itself (ansible/template, generate_ansible_template_vars); these beat all other variables. */
export const templateVars = (
  path: string,
  { named, destination }: TemplateOptions,
  { managed = 'Ansible managed', ownerOf }: Pick<Desk, 'managed' | 'ownerOf'>,
): ReadonlyMap<string, Value> => {
  const { uid, mtime } = statSync(path);
  const owner = ownerOf(uid);
  const parts: Readonly<Record<string, string>> = { host: hostname(), uid: owner, file: named ?? path };
  // Python's str.format: a brace that means itself is doubled.
  const said = managed.replace(/\{\{|\}\}|\{(host|uid|file)\}/g, (found, part?: string) =>
    part === undefined ? found.charAt(0) : (parts[part] ?? ''),
  );
  return new Map<string, Value>([
    ['ansible_managed', strftime(said, DateTime.local(mtime))],
    ['template_host', hostname()],
    ['template_mtime', DateTime.local(mtime)],
    ['template_run_date', DateTime.local(new Date())],
    ['template_uid', owner],
    ['template_path', named ?? path],
    ['template_fullpath', path],
    ['template_destpath', destination ?? null],
  ]);
};
