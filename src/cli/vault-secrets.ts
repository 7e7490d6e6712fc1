import { KplayError } from '../model/errors.ts';
import { DEFAULT_LABEL, isVaulted } from '../vault/envelope.ts';
import { type Secret, Vault } from '../vault/vault.ts';
import type { Config } from './config.ts';
import type { VaultFlags } from './flags.ts';
import { leaveTo, readSecret, withoutLineEnds } from './password.ts';
import { expandPath } from './setting-values.ts';
import type { System, Terminal } from './system.ts';

/** Where one password comes from: a file or program by its absolute path, or the user. */
export interface SecretSource {
  readonly label: string;
  readonly from: { readonly file: string } | Question;
}
/** Ansible's questions, letter by letter: programs answer them. */
interface Question {
  readonly once: string;
  readonly twice: readonly [string, string];
}

/** Ansible's order: identities of the config, then of the command line, files, and the question. */
export const secretSources = (flags: VaultFlags, config: Config, cwd: string): readonly SecretSource[] => {
  const { vaultPasswordFile: configured } = config;
  const files = [...(flags.vaultPasswordFile ?? []).map(file => expandPath(file, cwd)), ...(configured === undefined ? [] : [configured])];
  return [
    ...[...(config.vaultIdentityList ?? []), ...(flags.vaultId ?? [])].map(identity => identitySource(identity, cwd)),
    ...files.map((file): SecretSource => ({ label: DEFAULT_LABEL, from: { file } })),
    ...((flags.askVaultPass ?? config.askVaultPass === true) ? [QUESTION] : []),
  ];
};
/** What `--ask-vault-pass` asks, and whoever needs a password and was told of none. */
export const QUESTION: SecretSource = {
  label: DEFAULT_LABEL,
  from: { once: 'Vault password: ', twice: ['New Vault password: ', 'Confirm New Vault password: '] },
};
const questionFor = (label: string): Question => ({
  once: `Vault password (${label}): `,
  twice: [`New vault password (${label}): `, `Confirm new vault password (${label}): `],
});

/** `LABEL@FILE`, `LABEL@prompt`, `FILE` or `prompt`. Fails with E_USAGE. */
const identitySource = (identity: string, cwd: string): SecretSource => {
  const [, label = DEFAULT_LABEL, from = ''] = /^(?:([^@]*)@)?(.*)$/s.exec(identity) ?? [];
  if (label === '' || label.includes(';'))
    throw new KplayError('E_USAGE', `'${identity}' is not a valid vault id: its label is empty or holds a ;`, { hint: 'LABEL@FILE' });
  return { label, from: from === 'prompt' ? questionFor(label) : { file: expandPath(from, cwd) } };
};

/** For `kplay run` and its like. */
export const vaultOf = async (flags: VaultFlags, config: Config, system: System): Promise<Vault> =>
  new Vault(await readSecrets(secretSources(flags, config, system.cwd), system), { match: config.vaultIdMatch ?? false });

/**
 * Reads all of them. As in Ansible a file that cannot be read is a warning as long as there is another password, and a password may be
 * encrypted with one that came before. Of a `fresh` password the user is asked twice.
 */
export const readSecrets = async (sources: readonly SecretSource[], system: System, fresh = false): Promise<readonly Secret[]> => {
  leaveTo(system, secretFiles(sources));
  const { stderr, terminal } = system;
  const secrets: Secret[] = [];
  const failures: KplayError[] = [];
  for (const { label, from } of sources) {
    try {
      const password = 'file' in from ? fileSecret(from.file, label, new Vault(secrets)) : await asked(from, terminal, fresh);
      secrets.push({ label, password });
    } catch (error) {
      if (!(error instanceof KplayError) || !('file' in from)) throw error;
      failures.push(error);
    }
  }
  const last = failures.at(-1);
  if (last && secrets.length === 0) throw last;
  for (const { message } of failures) stderr.write(`[WARNING]: ${message}\n`);
  return secrets;
};

/** A program called `…-client` is told which password is wanted. */
const fileSecret = (file: string, label: string, vault: Vault): Buffer => {
  const isClient = /-client(?:\.[^./]*)?$/.test(file);
  const secret = readSecret(file, isClient ? ['--vault-id', label] : []);
  return isVaulted(secret) ? withoutLineEnds(vault.decrypt(secret, file)) : secret;
};

const asked = async ({ once, twice }: Question, terminal: Terminal, fresh: boolean): Promise<Buffer> => {
  const first = await terminal.ask(fresh ? twice[0] : once, true);
  const second = fresh ? await terminal.ask(twice[1], true) : first;
  if (first.trim() === '') throw new KplayError('E_USAGE', 'an empty vault password is none');
  if (first !== second) throw new KplayError('E_USAGE', 'the two vault passwords are not the same');
  return Buffer.from(first.trim());
};

/** The files among them, for whoever checks who may read them. */
export const secretFiles = (sources: readonly SecretSource[]): readonly string[] =>
  sources.flatMap(({ from }) => ('file' in from ? [from.file] : []));
