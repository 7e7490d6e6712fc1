// What many hosts cost the controller alone: inventories, variables and skipped tasks. `KPLAY_ORACLE=… node bench/large.ts` after a build.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ansible } from './ansible.ts';
import { median, times } from './table.ts';
import { type Command, type Ran, timed } from './timed.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', short: 'k', default: '5' } } });
const runs = Number(values.runs);
const kplay = join(import.meta.dirname, '..', 'bin', 'kplay');
const oracle = process.env['KPLAY_ORACLE'];

interface Case {
  readonly name: string;
  readonly hosts: number;
  readonly playbook?: string;
  /** Where the whole would take Ansible hours: the hosts that it is limited to. Both run this part, too. */
  readonly part?: number;
}

const play = (...tasks: readonly string[]): string => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`;
const skipped = (name: string): string => `    - {name: ${name}, ping: , when: number | int < 0}`;
const PAGE = `    - assert: {that: page | length > 10000}
      vars:
        page: "{% for name in groups['all'] %}{{ name }} {{ hostvars[name].address }};{% endfor %}"`;

const CASES: readonly Case[] = [
  { name: 'inventory --list', hosts: 10_000 },
  { name: 'a page of all hosts, made for each', hosts: 1000, playbook: play(PAGE), part: 5 },
  { name: '1 task, all skipped', hosts: 10_000, playbook: play(skipped('never')), part: 500 },
  {
    name: '1,000 tasks, all skipped',
    hosts: 50,
    playbook: play(...Array.from({ length: 1000 }, (_, n) => skipped(`never ${n}`))),
    part: 20,
  },
];

const inventory = (hosts: number): string => `[fleet]
h[00001:${String(hosts).padStart(5, '0')}]
[fleet:vars]
ansible_connection=local
number="{{ inventory_hostname[1:] | int }}"
address="10.0.{{ number | int // 250 }}.{{ number | int % 250 }}"
`;

const scratch = mkdtempSync(join(tmpdir(), 'kplay-large-'));
const runAnsible = oracle === undefined ? undefined : ansible({ bin: oracle, scratch, forks: 50 });

const commands = ({ playbook }: Case, hosts: string, limit: readonly string[]): { kplay: Command; ansible: Command | undefined } => {
  if (playbook === undefined) {
    const args = ['-i', hosts, '--list'];
    return {
      kplay: { argv: [kplay, 'inventory', ...args] },
      ansible: oracle === undefined ? undefined : { argv: [join(oracle, 'ansible-inventory'), ...args] },
    };
  }
  const file = join(scratch, 'play.yml');
  writeFileSync(file, playbook);
  const args = ['-i', hosts, file, ...limit];
  return { kplay: { argv: [kplay, 'run', ...args] }, ansible: runAnsible?.('ansible-playbook', args) };
};

const told = ({ seconds, cpu }: Ran): string => `${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of processor`;
const often = async (command: Command): Promise<{ text: string; seconds: number }> => {
  const seconds: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const ran = await timed(command);
    seconds.push(ran.seconds);
    cpu.push(ran.cpu);
  }
  const [low, high] = [Math.min(...seconds), Math.max(...seconds)];
  const middle = median(seconds);
  return { text: `${middle.toFixed(2)} [${low.toFixed(2)}–${high.toFixed(2)}], processor ${median(cpu).toFixed(2)}`, seconds: middle };
};

try {
  console.log('| case | hosts | kplay s | ansible s | ratio |\n| --- | ---: | ---: | ---: | ---: |');
  for (const each of CASES) {
    const hosts = join(scratch, 'hosts');
    writeFileSync(hosts, inventory(each.hosts));
    for (const part of each.part === undefined ? [undefined] : [undefined, each.part]) {
      const limit = part === undefined ? [] : ['--limit', `all[0:${part - 1}]`];
      const both = commands(each, hosts, limit);
      const own = await often(both.kplay);
      const isWhole = part === undefined && each.part !== undefined;
      const peer = both.ansible && !isWhole ? await timed(both.ansible) : undefined;
      const columns = [
        each.name,
        part === undefined ? each.hosts : `${part} of ${each.hosts}`,
        own.text,
        peer ? told(peer) : '',
        peer ? times(peer.seconds / own.seconds) : '',
      ];
      console.log(`| ${columns.join(' | ')} |`);
    }
  }
  console.log(`\nLoad at the end: ${loadavg()[0]!.toFixed(1)}; kplay: median [min–max] of ${runs} runs, ansible: one.`);
} finally {
  rmSync(scratch, { recursive: true });
}
