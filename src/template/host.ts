import type { Value } from '../value/value.ts';

export type FileKind = 'file' | 'directory' | 'link' | 'other';

export type Redirects = 'all' | 'none';
/** A GET that a template makes. */
export interface WebRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly redirects: Redirects;
  readonly timeoutMs: number;
  /** Check the server's certificate. */
  readonly verify: boolean;
  /** Heed the environment's proxies. */
  readonly proxy: boolean;
  /** A file of more certificates to trust. */
  readonly authority?: string;
}
export interface WebResponse {
  readonly status: number;
  readonly body: string;
}

/** What templates may reach outside themselves, all of it on the controller and synchronous. Given by the composition root. */
export interface TemplateHost {
  /** Decrypted where Ansible Vault encrypted it. E_FILE when it cannot be read, E_VAULT when it cannot be decrypted. */
  readFile(path: string): Buffer;
  /** Did Ansible Vault encrypt it? E_FILE. */
  isVaulted(path: string): boolean;
  /** Replaces a file, readable by its owner alone (the password lookup keeps what it made up). */
  writeSecret(path: string, text: string): void;
  /** Undefined when nothing is there; `follow` looks through links. */
  kind(path: string, follow: boolean): FileKind | undefined;
  /** Does a file system begin there? */
  isMount(path: string): boolean;
  /** Links resolved; a path that does not exist comes back made absolute. */
  realPath(path: string): string;
  /** Paths that match a shell pattern, in the directory's order. */
  glob(pattern: string): readonly string[];
  env(name: string): string | undefined;
  now(): Date;
  /** Runs a command in the controller's shell and gives its stdout; E_TEMPLATE when it fails. */
  pipe(command: string): string;
  /** Asks a web server; E_TEMPLATE when it does not answer. */
  fetch(request: WebRequest): WebResponse;
  /** At least 0, below 1; good enough for secrets. */
  random(): number;
  /** One YAML document as Ansible reads it, positions and tags gone; E_YAML. */
  parseYaml(text: string): Value;
  /** All documents of a YAML stream. */
  parseYamlAll(text: string): readonly Value[];
  /** Names of the hosts that an inventory pattern matches. */
  hostNames(pattern: string): readonly string[];
}

/** An impure lookup or filter was met while looking ahead: the engine drops the speculation. Not an error of the user's. */
export class Speculation extends Error {
  override readonly name = 'Speculation';
  constructor(what: string) {
    super(`${what} is not evaluated ahead of its turn`);
  }
}
