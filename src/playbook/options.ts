import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { KplayError } from '../model/errors.ts';
import type { Catalog } from '../model/module.ts';
import type { Value } from '../value/value.ts';
import { Vault } from '../vault/vault.ts';
import type { RawVars } from './types.ts';

/** The controller's files. `read` gives text with vault already removed; it throws E_FILE and E_VAULT. */
export interface Files {
  exists(path: string): boolean;
  isFolder(path: string): boolean;
  /** Names in a folder, sorted. */
  list(path: string): readonly string[];
  read(path: string): string;
}

/** The disk, with the passwords of a run. */
export const filesOf = (vault: Vault): Files => ({
  exists: existsSync,
  isFolder: path => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  list: path => readdirSync(path).toSorted(),
  read: path => vault.text(readBytes(path), path),
});
const readBytes = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new KplayError('E_FILE', `cannot read ${path}`, { detail: String(error), cause: error });
  }
};
/** The disk without passwords. */
export const diskFiles: Files = filesOf(new Vault());

/** What one look at a template finds, without evaluating it. Throws E_SYNTAX where it does not parse. */
export interface Inspection {
  /** Every name it may ask for. */
  readonly names: Iterable<string>;
  /** Names whose being undefined certainly makes it fail. */
  readonly certain: Iterable<string>;
  /** It asks something that changes from one evaluation to the next. */
  readonly impure: boolean;
}
export interface Inspector {
  /** `condition` is what `when` takes; `file` a template file's text, header and all. */
  inspect(text: string, kind: 'text' | 'condition' | 'file'): Inspection;
}

export interface CompileOptions {
  readonly catalog: Catalog;
  readonly inspector: Inspector;
  /** Folders of roles beside the playbook's own `roles`, absolute, in order. */
  readonly rolesPath: readonly string[];
  readonly files: Files;
  /** Decrypts the `!vault` values of what is compiled when they are used. */
  readonly vault?: Vault;
  /** Folders that hold `ansible_collections`, beside the playbook's own `collections`. */
  readonly collectionsPath?: readonly string[];
  /** Folders of the user's own modules (Ansible's `library`) beside those of playbooks and roles. */
  readonly modulePath?: readonly string[];
  /** Modules that kplay has not got are counted, one warning each, and are no error. */
  readonly allowMissingModules?: boolean;
  /** Names that inventory, extra vars, facts or Ansible itself define. */
  readonly defined: (name: string) => boolean;
  /**
   * Evaluates a text that must be known before the run (the name of a role or of an imported file) with these variables and those that
   * hold for every host (extra vars, playbook_dir …). Throws E_UNDEFINED, E_TEMPLATE.
   */
  readonly render: (text: string, vars: RawVars) => Value;
  /**
   * Does a play's `hosts` match any host (limit and all)? Left out or undefined: it cannot be known. What only fails once a host gets there
   * is an error only in plays that surely have hosts, and a warning or nothing elsewhere.
   */
  readonly matches?: (hosts: Value) => boolean | undefined;
  /** May a host of this pattern be the controller itself, so that its tasks write the controller's files? Left out: it may. */
  readonly onController?: (hosts: Value) => boolean;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
}
