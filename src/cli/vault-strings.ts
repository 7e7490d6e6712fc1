import { KplayError } from '../model/errors.ts';
import { encrypt, type Secret } from '../vault/vault.ts';
import type { EncryptStringFlags } from './flags.ts';
import { askLine, askPassword } from './password.ts';
import type { System } from './system.ts';
import { readInput } from './vault-files.ts';

interface Text {
  readonly name?: string;
  readonly text: Buffer;
  readonly from: string;
}
/** As deep as ansible-vault writes it. */
const INDENT = ' '.repeat(10);

/** Texts as `!vault` values to paste into a file of variables: of the user's answer, of stdin, and of the command line. */
export const encryptedStrings = async (
  words: readonly string[],
  flags: EncryptStringFlags,
  secret: Secret,
  system: System,
): Promise<string> => {
  const given = words.filter(word => word !== '-');
  const reads = given.length < words.length || flags.stdinName !== undefined || (words.length === 0 && flags.prompt !== true);
  if (reads && flags.prompt === true)
    throw new KplayError('E_USAGE', 'The --prompt option is not supported if also reading input from stdin');
  const texts = [
    ...(flags.prompt === true ? [await answered(flags)] : []),
    ...(reads ? [ofStdin(flags, system)] : []),
    ...ofWords(given, flags, system),
  ];
  if (texts.some(({ text }) => text.length === 0)) throw new KplayError('E_USAGE', 'a text to encrypt is empty');
  for (const [index, text] of texts.entries()) if (texts.length > 1) system.stderr.write(heading(text, index + 1));
  return texts.map(text => `${asYaml(text, secret)}\n`).join('');
};

const answered = async ({ showInput = false }: EncryptStringFlags): Promise<Text> => {
  const name = await askLine('Variable name (enter for no name): ');
  const text = showInput ? await askLine('String to encrypt: ') : await askPassword('String to encrypt (hidden): ');
  return { ...(name !== '' && { name }), text: Buffer.from(text), from: 'the interactive prompt' };
};
const ofStdin = ({ stdinName: name }: EncryptStringFlags, { stdout, stderr }: System): Text => {
  if (stdout.isTTY)
    stderr.write('Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)\n');
  return { ...(name !== undefined && { name }), text: readInput('-'), from: 'stdin' };
};
const ofWords = (words: readonly string[], { name: names = [] }: EncryptStringFlags, { stderr }: System): readonly Text[] => {
  if (names.length > 0 && words.length > names.length)
    stderr.write(
      'The number of --name options do not match the number of args.\n' +
        `The last named variable will be "${names.at(-1)}". The rest will not have names.\n`,
    );
  // Ansible takes as many texts as there are names, and then the rest.
  return words.map((word, index) => {
    const name = names[index];
    return { ...(name !== undefined && { name }), text: Buffer.from(word), from: 'the command line args' };
  });
};

const heading = ({ name, from }: Text, number: number): string =>
  name === undefined
    ? `# The encrypted version of the string #${number} from ${from}.)\n`
    : `# The encrypted version of variable ("${name}", the string #${number} from ${from}).\n`;

const asYaml = ({ name, text }: Text, secret: Secret): string => {
  const lines = encrypt(text, secret).trimEnd().split('\n');
  return [`${name === undefined ? '' : `${name}: `}!vault |`, ...lines.map(line => INDENT + line)].join('\n');
};
