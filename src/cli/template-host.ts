import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, lstatSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { FileKind, TemplateHost } from '../template/host.ts';
import { parseYaml, parseYamlAll } from '../yaml/parse.ts';

/** What templates reach on the controller. */
export const templateHost = (inventory: Inventory): TemplateHost => ({
  readFile(path) {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new KplayError('E_FILE', `${path} cannot be read on the controller`, { cause, detail: String(cause) });
    }
  },
  writeSecret: (path, text) => writeFileSync(path, text, { mode: 0o600 }),
  kind: (path, follow) => kindOf((follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })),
  realPath: path => (statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : resolve(path)),
  glob: pattern => globSync(pattern),
  env: name => process.env[name],
  now: () => new Date(),
  pipe(command) {
    try {
      return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (cause) {
      throw new KplayError('E_TEMPLATE', `the command of a pipe lookup failed: ${command}`, { cause, detail: String(cause) });
    }
  },
  random: () => randomInt(2 ** 47) / 2 ** 47,
  parseYaml: text => parseYaml(text, '<from_yaml>').value,
  parseYamlAll: text => parseYamlAll(text, '<from_yaml_all>').map(({ value }) => value),
  hostNames: pattern => inventory.match(pattern).hosts.map(({ name }) => name),
});

const kindOf = (stat: ReturnType<typeof lstatSync> | undefined): FileKind | undefined => {
  if (!stat) return undefined;
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'link' : 'other';
};
