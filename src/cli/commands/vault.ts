import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { shellWords } from '../../inventory/shlex.ts';
import { KplayError } from '../../model/errors.ts';
import { isVaulted } from '../../vault/envelope.ts';
import { encrypt, type Secret, Vault } from '../../vault/vault.ts';
import { type Config, loadConfig } from '../config.ts';
import type { EncryptFlags, EncryptStringFlags, OutputFileFlags, RekeyFlags, VaultFlags } from '../flags.ts';
import type { System } from '../system.ts';
import { edited, readInput, realFile, replaceFile } from '../vault-files.ts';
import { QUESTION, readSecrets, secretSources } from '../vault-secrets.ts';
import { encryptedStrings } from '../vault-strings.ts';

/** `kplay vault view`: through a pager on a terminal. */
export const viewVault = async (files: readonly string[], flags: VaultFlags, system: System): Promise<number> => {
  const vault = await opening(flags, system);
  for (const file of files) {
    const { plaintext } = opened(vault, file);
    if (system.stdout.isTTY) page(plaintext, system);
    else system.stdout.write(plaintext.at(-1) === 0x0a ? plaintext : Buffer.concat([plaintext, Buffer.from('\n')]));
  }
  return 0;
};
const page = (text: Buffer, { env, stdout }: System): void => {
  const pager = env['PAGER'] || 'less';
  const { status, error } = spawnSync(pager, {
    shell: true,
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRSX', ...env },
  });
  if (error !== undefined || status === 127) stdout.write(text);
};

/** `kplay vault decrypt`. */
export const decryptFiles = async (files: readonly string[], flags: VaultFlags & OutputFileFlags, system: System): Promise<number> => {
  const output = oneOutput(files, flags);
  const vault = await opening(flags, system);
  for (const name of orStdin(files, 'ciphertext', system)) {
    const file = realFile(name, system.cwd);
    deliver(opened(vault, file).plaintext, output ?? file, system);
  }
  return succeeded('Decryption', system);
};

/** `kplay vault encrypt`. */
export const encryptFiles = async (files: readonly string[], flags: EncryptFlags & OutputFileFlags, system: System): Promise<number> => {
  const output = oneOutput(files, flags);
  const secret = await encrypting(flags, system);
  for (const name of orStdin(files, 'plaintext', system)) {
    const file = realFile(name, system.cwd);
    const plaintext = readInput(file);
    if (isVaulted(plaintext)) throw new KplayError('E_VAULT', `input is already encrypted: ${file}`);
    deliver(encrypt(plaintext, secret), output ?? file, system);
  }
  return succeeded('Encryption', system);
};

/** `kplay vault encrypt_string`. */
export const encryptStrings = async (texts: readonly string[], flags: EncryptStringFlags, system: System): Promise<number> => {
  const secret = await encrypting(flags, system);
  deliver(await encryptedStrings(texts, flags, secret, system), flags.output ?? '-', system);
  return succeeded('Encryption', system);
};

/** `kplay vault create`. */
export const createVault = async (
  name: string,
  flags: EncryptFlags & { readonly skipTtyCheck?: boolean },
  system: System,
): Promise<number> => {
  const secret = await encrypting(flags, system);
  if (!system.stdout.isTTY && flags.skipTtyCheck !== true) throw new KplayError('E_USAGE', 'not a tty, editor cannot be opened');
  const file = resolve(system.cwd, name);
  if (existsSync(file)) throw new KplayError('E_FILE', `${file} exists, please use 'edit' instead`);
  const text = await edited(Buffer.alloc(0), file, editorOf(system));
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, encrypt(text, secret), 'private');
  return 0;
};

/** `kplay vault edit`: under the label it bears, with the password that opened it. An unchanged file is left alone. */
export const editVaults = async (files: readonly string[], flags: VaultFlags, system: System): Promise<number> => {
  const vault = await opening(flags, system);
  for (const name of files) {
    const file = realFile(name, system.cwd);
    const { plaintext, label, secret } = opened(vault, file);
    const text = await edited(plaintext, file, editorOf(system));
    if (!text.equals(plaintext)) replaceFile(file, encrypt(text, { ...secret, label }), 'old');
  }
  return 0;
};

/** `kplay vault rekey`. */
export const rekeyVaults = async (files: readonly string[], flags: RekeyFlags, system: System): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const vault = await opening(flags, system);
  const label = flags.encryptVaultId ?? config.vaultEncryptIdentity;
  const { vaultIdentityList: identities = [], ...rest } = config;
  const fresh = await freshSecrets(
    {
      ...(flags.newVaultId !== undefined && { vaultId: [flags.newVaultId] }),
      ...(flags.newVaultPasswordFile !== undefined && { vaultPasswordFile: [flags.newVaultPasswordFile] }),
      ...(flags.askVaultPass !== undefined && { askVaultPass: flags.askVaultPass }),
    },
    label === undefined ? rest : { ...rest, vaultIdentityList: identities },
    system,
  );
  // All are opened before the first is written: a wrong password leaves none behind under another one.
  const all = files.map(name => realFile(name, system.cwd)).map(file => ({ file, plaintext: opened(vault, file).plaintext }));
  for (const { file, plaintext } of all) replaceFile(file, encrypt(plaintext, chosen(fresh, label)), 'old');
  system.stderr.write('Rekey successful\n');
  return 0;
};

const opened = (vault: Vault, file: string): ReturnType<Vault['open']> => vault.open(readInput(file), file);

/** To decrypt: what was given, or the user is asked. */
const opening = async (flags: VaultFlags, system: System): Promise<Vault> => {
  const config = await loadConfig(system.cwd, system.env);
  const sources = secretSources(flags, config, system.cwd);
  return new Vault(await readSecrets(sources.length > 0 ? sources : [QUESTION], system), { match: config.vaultIdMatch ?? false });
};

/** To encrypt: the only password there is, or the one of the label that was asked for. */
const encrypting = async (flags: EncryptFlags, system: System): Promise<Secret> => {
  const config = await loadConfig(system.cwd, system.env);
  const label = flags.encryptVaultId ?? config.vaultEncryptIdentity;
  const secrets = await freshSecrets(flags, config, system);
  if (secrets.length > 1 && label === undefined)
    throw new KplayError('E_USAGE', `there are several vault passwords: ${labelsOf(secrets)}`, {
      hint: 'name one with --encrypt-vault-id',
    });
  return chosen(secrets, label);
};
const freshSecrets = async (flags: VaultFlags, config: Config, system: System): Promise<readonly Secret[]> => {
  const sources = secretSources(flags, config, system.cwd);
  return await readSecrets(sources.length > 0 ? sources : [QUESTION], system, true);
};
const chosen = (secrets: readonly Secret[], label: string | undefined): Secret => {
  const secret = label === undefined ? secrets[0] : secrets.find(one => one.label === label);
  if (secret) return secret;
  throw new KplayError('E_VAULT', `there is no vault password of the label ${label}`, { hint: `there are: ${labelsOf(secrets)}` });
};
const labelsOf = (secrets: readonly Secret[]): string => secrets.map(({ label }) => label).join(', ');

const orStdin = (files: readonly string[], what: string, { stderr }: System): readonly string[] => {
  if (files.length > 0) return files;
  if (process.stdin.isTTY) stderr.write(`Reading ${what} input from stdin\n`);
  return ['-'];
};
const oneOutput = (files: readonly string[], { output }: OutputFileFlags): string | undefined => {
  if (output !== undefined && files.length > 1)
    throw new KplayError('E_USAGE', 'At most one input file may be used with the --output option');
  return output;
};

const deliver = (content: Uint8Array | string, to: string, { cwd, stdout }: System): void => {
  if (to === '-') stdout.write(content);
  else replaceFile(resolve(cwd, to), content, 'private');
};
const succeeded = (what: string, { stdout, stderr }: System): number => {
  if (stdout.isTTY) stderr.write(`${what} successful\n`);
  return 0;
};

const editorOf = ({ env }: System): readonly string[] => shellWords(env['ANSIBLE_EDITOR'] || env['EDITOR'] || 'vi');
