import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ansible, changedInRecap, mitogen } from './ansible.ts';
import type { Listed } from './inventory.ts';
import { FLOOR } from './table.ts';
import type { Command } from './timed.ts';

/** Runs from nothing, and runs that find everything as it should be. */
export const KINDS = ['first', 'converged'] as const;
export type Kind = (typeof KINDS)[number];

/** One way to run the playbooks. */
export interface Tool {
  readonly name: string;
  /** How often, of each kind. */
  readonly runs: number;
  /** Of one playbook. None: not that one; without `first` it goes on with what the tool before it has left. */
  readonly kinds: (playbook: string) => readonly Kind[];
  readonly play: (playbook: string) => Command;
  /** All facts of all hosts. */
  readonly facts?: Command;
  /** Tasks that changed something, over all hosts, by what a run printed. */
  readonly changedIn: (output: string) => number;
  /** Opens the connections that it keeps, before what is measured: by running that once, or something else. */
  readonly opens?: (measured: Command) => Command;
  /** Ends the connections that it leaves open. */
  readonly release?: Command;
  /** Measured after each run, so that all see the same load; by the names of their rows. */
  readonly floors?: ReadonlyMap<string, Command>;
}

/** Where the bench runs. */
export interface Bench {
  readonly home: string;
  readonly scratch: string;
  readonly inventory: string;
  readonly limit: string;
  readonly hosts: readonly Listed[];
  /** The same as JSON. */
  readonly hostsFile: string;
}

export const FORKS = 20;
const MORE_FORKS = 50;

const targets = ({ inventory, limit }: Bench, forks: number): readonly string[] => ['-i', inventory, '-l', limit, '-f', String(forks)];
const playbookFile = ({ home }: Bench, playbook: string): string => join(home, 'bench/playbooks', `${playbook}.yml`);

/** Compiled code is kept for them as kplay keeps its own. */
const floorsOf = ({ home, scratch, hostsFile }: Bench): ReadonlyMap<string, Command> => {
  const floor = (...flags: readonly string[]): Command => ({
    argv: [process.execPath, join(home, 'bench/floor.ts'), hostsFile, ...flags],
    env: { NODE_COMPILE_CACHE: join(scratch, 'compiled'), NODE_NO_WARNINGS: '1' },
  });
  return new Map([
    [FLOOR, floor()],
    [`${FLOOR}, TCP_NODELAY`, floor('--at-once')],
  ]);
};

export const kplayTools = (bench: Bench, runs: number): readonly Tool[] => {
  const kplay = join(bench.home, 'bin/kplay');
  const args = targets(bench, FORKS);
  const play = (playbook: string): Command => ({ argv: [kplay, 'run', playbookFile(bench, playbook), ...args] });
  const exec = (module: string): Command => ({ argv: [kplay, 'exec', 'all', '-m', module, ...args] });
  // A keeper of the bench's own.
  const kept = ({ argv }: Command, time = '60s'): Command => ({
    argv: [...argv, '--keep-connections', time],
    env: { XDG_RUNTIME_DIR: join(bench.scratch, 'run') },
  });
  const tool = { runs, changedIn: changedInRecap };
  return [
    { ...tool, name: 'kplay', kinds: () => KINDS, play, facts: exec('setup'), floors: floorsOf(bench) },
    {
      ...tool,
      name: 'kplay, kept connections',
      kinds: () => KINDS,
      play: playbook => kept(play(playbook)),
      opens: measured => measured,
      facts: kept(exec('setup')),
      // Whoever takes a login says how long it is kept from then on.
      release: kept(exec('ping'), '1s'),
    },
  ];
};

type Runs = Pick<Tool, 'play' | 'facts' | 'opens'>;
const ansibleRuns = (bench: Bench, bin: string, forks: number, defaults?: readonly string[]): Runs => {
  const run = ansible({ bin, scratch: bench.scratch, forks, ...(defaults && { defaults }) });
  const args = targets(bench, forks);
  return {
    play: playbook => run('ansible-playbook', [playbookFile(bench, playbook), ...args]),
    facts: run('ansible', ['all', '-m', 'setup', ...args]),
    opens: () => run('ansible', ['all', '-m', 'ping', ...args]),
  };
};

/** What pyinfra's table of results ends with: `Grand total  150  147  -  3`, the second of them. A call of Python counts, whatever it did. */
export const changedInTotal = (output: string): number => Number(/^\s*Grand total\s+\S+\s+(\d+)/m.exec(output)?.[1] ?? 0);

const pyinfraRuns = ({ home, scratch, hostsFile }: Bench, bin: string): Runs => {
  const known = join(scratch, 'known_hosts');
  writeFileSync(known, '');
  return {
    play: playbook => ({
      argv: [join(bin, 'pyinfra'), '--yes', '--chdir', join(home, 'bench/peers'), 'inventory.py', `${playbook}.py`],
      env: { BENCH_HOSTS: hostsFile, BENCH_KNOWN_HOSTS: known },
    }),
  };
};

/** `peers` is the folder that bench/peers/install.sh made. */
export const peerTools = (bench: Bench, runs: number, peers: string): readonly Tool[] => {
  const bin = join(peers, 'bin');
  const tool = { runs, kinds: () => KINDS, changedIn: changedInRecap };
  // More forks than hosts change nothing: it takes the cheapest runs to see.
  const seen = (playbook: string): readonly Kind[] => (playbook === 'mixed' ? ['converged'] : []);
  const kinds = bench.hosts.length > FORKS ? tool.kinds : seen;
  return [
    { ...tool, name: `ansible, ${FORKS} forks`, ...ansibleRuns(bench, bin, FORKS) },
    { ...tool, name: `ansible, ${MORE_FORKS} forks`, kinds, ...ansibleRuns(bench, bin, MORE_FORKS) },
    { ...tool, name: 'mitogen', ...ansibleRuns(bench, bin, FORKS, mitogen(bin)) },
    { ...tool, name: 'pyinfra', changedIn: changedInTotal, ...pyinfraRuns(bench, bin) },
  ];
};
