import { dirname, join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Controller, TemplateOptions } from '../model/module.ts';
import type { Files } from '../playbook/options.ts';
import { findFile } from '../playbook/paths.ts';
import type { Task } from '../playbook/types.ts';
import type { Vault } from '../vault/vault.ts';
import { overlay } from './overlay.ts';
import { templateVars } from './template-vars.ts';
import type { Templating } from './templating.ts';
import type { Scope } from '../value/scope.ts';

export interface Desk {
  readonly templar: Templating;
  readonly files: Files;
  readonly vault: Vault;
  /** The play's folder. */
  readonly folder: string;
  /** What `ansible_managed` says. */
  readonly managed: string | undefined;
  /** Whose a file of the controller is, by the owner's number. */
  readonly ownerOf: (uid: number) => string;
  /** What was made once, for the run. */
  readonly made: Map<string, Promise<unknown>>;
}

/** What a module's preparation may read, for one task with one scope. */
export const controllerFor = (
  task: Task,
  scope: Scope,
  { templar, files, vault, folder, managed, ownerOf, made }: Desk,
  mode: { readonly check: boolean; readonly diff: boolean },
): Controller => ({
  ...mode,
  decrypt: (encrypted, path) => vault.decrypt(encrypted, path),
  find(name, kind) {
    const { path: found, tried } = findFile(name, kind, task.folders, folder, files);
    if (found !== undefined) return found;
    throw new KplayError('E_FILE', `Could not find or access '${name}' on the controller`, {
      at: task.at,
      detail: `Searched in:\n${tried.map(one => `\t${one}`).join('\n')}`,
      hint: `put it into one of the folders that were searched, or give an absolute path`,
    });
  },
  render: async (path: string, options: TemplateOptions) => {
    const folders = [dirname(path), ...[...task.folders, folder].flatMap(base => [join(base, 'templates'), base])];
    return templar.renderFile(path, overlay(scope, templateVars(path, options, { managed, ownerOf })), folders, options);
  },
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = made.get(key) as Promise<T> | undefined;
    if (known) return known;
    const making = make();
    made.set(key, making);
    making.catch(() => made.delete(key));
    return making;
  },
});
