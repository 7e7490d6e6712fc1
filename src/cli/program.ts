import { Argument, Command, CommanderError, Option } from 'commander';
import type { ImageSet } from '../lab/index.ts';
import {
  type CommonFlags,
  type ConvergeFlags,
  type EncryptFlags,
  type EncryptStringFlags,
  type ExecFlags,
  type InventoryFlags,
  type LabUpFlags,
  type RekeyFlags,
  type RenderFlags,
  type RunFlags,
  type VaultFlags,
  atLeast,
  connectOptions,
  convergeOptions,
  encryptOptions,
  encryptStringOptions,
  inventoryOptions,
  outputFileOption,
  outputOptions,
  rekeyOptions,
  runOptions,
  targetOptions,
  vaultOptions,
} from './flags.ts';
import type { System } from './system.ts';

/** Runs the command that was typed and keeps its exit code. */
type Run = (command: () => Promise<number>) => Promise<void>;
/** A command's options and what it does. */
type Define = (command: Command, system: System, run: Run) => void;

/** The command line is wrong; Ansible's code too. */
const USAGE = 2;

/** Runs one command line and gives its exit code. Errors that kplay does not know are bugs and are thrown. */
export const runCli = async (argv: readonly string[], system: System): Promise<number> => {
  let exitCode = 0;
  const program = programOf(argv, system, async command => {
    exitCode = await command();
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const [{ knownError, explain, exitCodeOf }, { textOf }] = await Promise.all([import('./exit.ts'), import('./text-of.ts')]);
    const known = knownError(error);
    system.stderr.write(explain(known, textOf));
    return exitCodeOf(known);
  }
};

/** Start-up is felt: where one command was typed, the others are not even defined. */
const programOf = (argv: readonly string[], system: System, run: Run): Command => {
  const program = new Command('kplay')
    .enablePositionalOptions()
    .description('Run Ansible playbooks over SSH, without an agent, without losing the cluster.')
    .version(`kplay ${system.version}`, '--version', 'print the version')
    .configureOutput({
      writeOut: text => system.stdout.write(text),
      writeErr: text => system.stderr.write(text),
      getOutHelpWidth: () => system.stdout.columns,
    })
    // The second of two long spellings is the one to show.
    .configureHelp({ optionTerm: ({ flags }) => flags.replace(/^--[\w-]+, (?=--)/, '') })
    .showHelpAfterError('(--help lists what there is)')
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  const named = COMMANDS.filter(([usage]) => usage.split(' ', 1)[0] === argv[0]);
  for (const [usage, summary, define] of named.length > 0 ? named : COMMANDS) define(commandOf(program, usage, summary), system, run);
  return program;
};

const commandOf = (program: Command, usage: string, summary: string): Command =>
  program
    .command(usage)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);

const EXAMPLES = `
Examples:
  kplay run site.yml -i inventory/ -l web -CD    what would change on the web hosts, with differences
  kplay converge site.yml --log-dir /var/log/kplay    for cron: repair what has drifted
  kplay exec all -m shell -a uptime              one command everywhere
  kplay lab up 3                                 three throwaway hosts on this machine

Exit codes: 0 done, 1 error, 2 a host failed or wrong usage, 3 converge repaired something,
4 a host was unreachable or a file does not parse, 5 wrong setting, 6 refused, 130 interrupted.`;

const reaching = (command: Command): Command => outputOptions(connectOptions(targetOptions(command)));

const defineRun: Define = (command, system, run) =>
  outputOptions(connectOptions(runOptions(targetOptions(command)))).action((names: string[], flags: RunFlags) =>
    run(async () => (await import('./commands/run.ts')).runPlaybooks(names, flags, system)),
  );

const defineConverge: Define = (command, system, run) =>
  convergeOptions(connectOptions(targetOptions(command))).action((names: string[], flags: ConvergeFlags) =>
    run(async () => (await import('./commands/converge.ts')).convergePlaybooks(names, flags, system)),
  );

const defineStatus: Define = (command, system, run) =>
  reaching(command).action((flags: CommonFlags) => run(async () => (await import('./commands/status.ts')).printStatus(flags, system)));

const defineExec: Define = (command, system, run) => {
  command
    .option('-m, --module-name <name>', 'module', 'command')
    .option('-a, --args <args>', 'its arguments', '')
    .option('-C, --check', 'change nothing, say what would change');
  reaching(command).action((pattern: string, flags: ExecFlags) =>
    run(async () => (await import('./commands/host.ts')).execModule(pattern, flags, system)),
  );
};

const defineFacts: Define = (command, system, run) =>
  reaching(command).action((host: string, flags: CommonFlags) =>
    run(async () => (await import('./commands/host.ts')).printFacts(host, flags, system)),
  );

const defineRender: Define = (command, system, run) =>
  reaching(command.requiredOption('--host <host>', 'the host whose variables it sees')).action((file: string, flags: RenderFlags) =>
    run(async () => (await import('./commands/host.ts')).printRendered(file, flags, system)),
  );

const defineInventory: Define = (command, system, run) =>
  inventoryOptions(command).action((group: string | undefined, flags: InventoryFlags) =>
    run(async () => (await import('./commands/inventory.ts')).printInventory(group, flags, system)),
  );

const defineVault: Define = (vault, system, run) => {
  const load = (): Promise<typeof import('./commands/vault.ts')> => import('./commands/vault.ts');
  encryptOptions(commandOf(vault, 'create <file>', 'make an encrypted file in an editor'))
    .option('--skip-tty-check', 'open the editor even without a terminal')
    .action((file: string, flags: EncryptFlags) => run(async () => (await load()).createVault(file, flags, system)));
  encryptOptions(commandOf(vault, 'edit <files...>', 'edit encrypted files')).action((files: string[], flags: EncryptFlags) =>
    run(async () => (await load()).editVaults(files, flags, system)),
  );
  vaultOptions(commandOf(vault, 'view <files...>', 'show encrypted files')).action((files: string[], flags: VaultFlags) =>
    run(async () => (await load()).viewVault(files, flags, system)),
  );
  encryptOptions(outputFileOption(commandOf(vault, 'encrypt [files...]', 'encrypt files, or stdin'))).action(
    (files: string[], flags: EncryptFlags) => run(async () => (await load()).encryptFiles(files, flags, system)),
  );
  vaultOptions(outputFileOption(commandOf(vault, 'decrypt [files...]', 'decrypt files, or stdin'))).action(
    (files: string[], flags: VaultFlags) => run(async () => (await load()).decryptFiles(files, flags, system)),
  );
  rekeyOptions(commandOf(vault, 'rekey <files...>', 'encrypt files with another password')).action((files: string[], flags: RekeyFlags) =>
    run(async () => (await load()).rekeyVaults(files, flags, system)),
  );
  encryptStringOptions(commandOf(vault, 'encrypt_string [texts...]', 'encrypt texts, or stdin, as values of a file of variables')).action(
    (texts: string[], flags: EncryptStringFlags) => run(async () => (await load()).encryptStrings(texts, flags, system)),
  );
};

const defineLab: Define = (lab, system, run) => {
  commandOf(lab, 'up', 'boot hosts')
    .argument('<count>', 'how many hosts', atLeast(1))
    .option('--docker', 'each with a Docker engine of its own, and a registry for all')
    .option('--registry', 'an image registry without Docker hosts')
    .addOption(new Option('--bare', 'each with nothing but a boot and sshd: no Python, no Docker').conflicts('docker'))
    .option('--from <k>', 'number of the first host', atLeast(1))
    .action((count: number, flags: LabUpFlags) => run(async () => (await import('./commands/lab.ts')).labUp(count, flags, system)));
  commandOf(lab, 'down', 'stop and remove all hosts').action(() => run(async () => (await import('./commands/lab.ts')).labDown(system)));
  commandOf(lab, 'images', 'build images and push them to the registry')
    .addArgument(new Argument('[set]', 'what for: to try etcd, or to run a cluster').choices(['etcd', 'kubernetes']).default('etcd'))
    .action((set: ImageSet) => run(async () => (await import('./commands/lab.ts')).labImages(set, system)));
  commandOf(lab, 'packages', 'serve a repository of packages that bare hosts lack').action(() =>
    run(async () => (await import('./commands/lab.ts')).labPackages(system)),
  );
  commandOf(lab, 'list', 'list hosts').action(() => run(async () => (await import('./commands/lab.ts')).labList(system)));
  commandOf(lab, 'inventory', 'print the lab as an inventory').action(() =>
    run(async () => (await import('./commands/lab.ts')).labInventory(system)),
  );
  commandOf(lab, 'ssh <host> [command...]', 'log in to a host, or run a command there')
    .passThroughOptions()
    .action((host: string, command: string[]) => run(async () => (await import('./commands/lab.ts')).labSsh(host, command)));
};

/** Every command's name. */
export const commandNames = (): readonly string[] => COMMANDS.map(([usage]) => usage.replace(/ .*/, ''));

const COMMANDS: readonly (readonly [usage: string, summary: string, define: Define])[] = [
  ['run <playbook...>', 'run playbooks: paths, or names of playbooks in playbooks/', defineRun],
  ['converge <playbook...>', 'run playbooks by cron or a timer: look for drift, and repair it', defineConverge],
  ['status', 'show what a cluster runs, what it should run, and what is out of the ordinary', defineStatus],
  ['exec <pattern>', 'run one module on hosts', defineExec],
  ['facts <host>', "print a host's facts as JSON", defineFacts],
  ['render <file>', 'print a template as a task would render it', defineRender],
  ['inventory [group]', 'show hosts, groups and variables', defineInventory],
  ['vault', 'encrypt and decrypt files as ansible-vault does', defineVault],
  ['lab', 'throwaway hosts on this machine', defineLab],
];
