import { statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { TemplateOptions } from '../model/module.ts';
import { DateTime } from '../value/datetime.ts';
import type { Value } from '../value/value.ts';

/** What a template file may ask about itself (ansible/template, generate_ansible_template_vars); these beat all other variables. */
export const templateVars = (path: string, { named, destination }: TemplateOptions): ReadonlyMap<string, Value> => {
  const { uid, mtime } = statSync(path);
  const user = userInfo();
  return new Map<string, Value>([
    ['ansible_managed', 'Ansible managed'],
    ['template_host', hostname()],
    ['template_mtime', DateTime.local(mtime)],
    ['template_run_date', DateTime.local(new Date())],
    ['template_uid', uid === user.uid ? user.username : String(uid)],
    ['template_path', named ?? path],
    ['template_fullpath', path],
    ['template_destpath', destination ?? null],
  ]);
};
