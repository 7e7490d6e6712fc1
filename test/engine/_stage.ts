import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';
import type { Changes } from '../../src/model/module.ts';
import type { Event } from '../../src/model/event.ts';
import type { Player } from '../oracle/_play.ts';
import { FOLDER, type Theme } from '../oracle/_themes.ts';
import { type Told, toldBy } from '../oracle/_told.ts';
import type { Project } from './_playbook.ts';
import { around } from '../cli/_system.ts';

/** What a run told and what it left behind. */
export interface Ran {
  readonly exitCode: number;
  readonly events: readonly Event[];
  readonly said: string;
  readonly trees: readonly string[];
}

/** Prints what lies in $1 and whether the late user is there. */
const TREE = `
cd "$1" && find . -mindepth 1 | LC_ALL=C sort | while IFS= read -r name; do
  printf '%s %s\\n' "$name" "$(find "$name" -maxdepth 0 -printf '%y %m %u:%g %l')"
  if [ -f "$name" ] && [ ! -L "$name" ]; then sed 's/^/  | /' "$name"; echo; fi
done
getent passwd "$2"
:`;
const FRESH = `
rm -rf "$1"; mkdir -m 0777 "$1"
if id "$2" >/dev/null 2>&1; then userdel -rf "$2" >/dev/null 2>&1; rm -rf "/home/$2"; fi
`;
/** On this machine nobody's account is touched. */
const FRESH_HERE = 'rm -rf "$1"; mkdir -m 0777 "$1"';

/**
 * Two hosts of the lab under four names: a and c are one machine reached alike, d is that machine as an ordinary user, b the other one.
 * Besides them there is `localhost`, for tasks to be delegated to.
 */
export class Stage {
  readonly scratch: string;
  readonly inventory: string;
  readonly #late: string;
  readonly #home: string;
  readonly #ssh: readonly (readonly string[])[];

  /** `home`: a folder of its own. `numbers`: names of two hosts in the lab's inventory. `user`: who d logs in as. */
  constructor(home: string, lab: string, numbers: readonly [string, string], user = 'nopass') {
    this.#home = home;
    this.scratch = `/tmp/la-${process.pid}`;
    this.#late = `late${process.pid}`;
    this.inventory = join(home, 'hosts.ini');
    const text = readFileSync(lab, 'utf8');
    const vars = /^\[all:vars\][^]*/m.exec(text)?.[0] ?? '';
    const [one, two] = numbers.map(name => new RegExp(`^${name} ansible_host=(\\S+)`, 'm').exec(text)?.[1] ?? '');
    writeFileSync(
      this.inventory,
      `a ansible_host=${one}\nb ansible_host=${two}\nc ansible_host=${one}\nd ansible_host=${one} ansible_user=${user}\n\n${vars}\nansible_shell_allow_world_readable_temp=true\nS=${this.scratch}\nlate=${this.#late}\nlate_uid=${20_000 + (process.pid % 20_000)}\n`,
    );
    const key = /^ansible_ssh_private_key_file=(\S+)$/m.exec(vars)?.[1] ?? '';
    const known = /UserKnownHostsFile=(\S+)/.exec(vars)?.[1] ?? '';
    const options = [`UserKnownHostsFile=${known}`, 'BatchMode=yes', 'ControlMaster=auto', 'ControlPersist=30', 'ControlPath=/tmp/la-%C'];
    this.#ssh = [one, two].map(address => ['ssh', '-i', key, ...options.flatMap(option => ['-o', option]), `root@${address}`]);
  }

  /** Writes the playbook's files and gives its path. */
  write(project: Project): string {
    const folder = join(this.#home, 'project');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(project)) writeFileSync(join(folder, name), text);
    return join(folder, 'play.yml');
  }

  async fresh(): Promise<void> {
    await Promise.all([
      shell([], FRESH_HERE, this.scratch, this.#late),
      ...this.#ssh.map(login => shell(login, FRESH, this.scratch, this.#late)),
    ]);
  }
  /** Of this machine and both hosts. */
  trees(): Promise<readonly string[]> {
    return Promise.all([[], ...this.#ssh].map(login => shell(login, TREE, this.scratch, this.#late)));
  }
  async clean(): Promise<void> {
    await this.fresh();
    await Promise.all([[], ...this.#ssh].map(login => shell(login, 'rm -rf "$1"', this.scratch)));
  }

  /** Runs kplay with these arguments, from fresh hosts on. */
  async kplay(playbook: string, ...args: readonly string[]): Promise<Ran> {
    await this.fresh();
    const [stdout, stderr] = [new Text(), new Text()];
    const system = {
      env: { ...process.env, KPLAY_COLOR: undefined },
      cwd: this.#home,
      stdout: stdout as never,
      stderr: stderr as never,
      home: process.cwd(),
      version: '0',
      ...around,
    };
    const exitCode = await runCli(['run', '--json', '-i', this.inventory, '-f', '1', ...args, playbook], system);
    const events = stdout.text.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as Event] : []));
    return { exitCode, events, said: stderr.text, trees: await this.trees() };
  }

  /** The playbook as the tests of whole playbooks know theirs. */
  theme(playbook: string): Theme {
    return { name: relative(FOLDER, playbook).replace(/\.yml$/, ''), on: 'lab', runs: [], before: '', differs: [] };
  }
  /** Lets either tool run it, from fresh hosts on. */
  async played(player: Player, theme: Theme): Promise<{ readonly told: Told; readonly trees: Ran['trees'] }> {
    await this.fresh();
    const stage = { inventory: this.inventory, scratch: this.scratch, home: this.#home, vars: {} };
    const told = toldBy(await player(theme, ['-f', '1'], stage));
    return { told, trees: await this.trees() };
  }
}

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const shell = (login: readonly string[], script: string, ...args: readonly string[]): Promise<string> =>
  new Promise((done, fail) => {
    const [file = 'sh', ...rest] = [...login, 'sh', '-s', '--', ...args];
    const child = execFile(file, rest, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      error ? fail(new Error(stderr, { cause: error })) : done(stdout),
    );
    child.stdin?.end(script);
  });

/** Of no interest: they vary from run to run. */
const VARYING: ReadonlySet<string> = new Set([
  'time', 'run', 'durationMs', 'start', 'end', 'delta', 'atime', 'mtime', 'ctime', 'inode', 'dev', 'version', 'backup_file',
]); // prettier-ignore

const essence = (key: string, value: unknown): unknown => {
  if (VARYING.has(key)) return undefined;
  return key === 'changes' ? (value as Changes).filter(({ key: name }) => !VARYING.has(name)) : value;
};
/** What must be the same of two runs of kplay: every event but for its times, in order, and what is left on the hosts. */
export const observed = ({ exitCode, events, said, trees }: Ran): unknown => ({
  exitCode,
  events: events.map(event => JSON.stringify(event, essence)),
  said,
  trees: trees.map(tree => tree.split('\n')),
});
