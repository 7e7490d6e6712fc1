// What a large file to some hosts takes, beside scp to all of them at once. `node bench/copy.ts` after a build.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { fleetOf } from './fleet.ts';
import { startSshd } from './sshd.ts';
import { type Ran, timed } from './timed.ts';

const { values: flags } = parseArgs({
  options: {
    /** MiB. */
    size: { type: 'string', default: '256' },
    hosts: { type: 'string', default: '4' },
    runs: { type: 'string', short: 'k', default: '3' },
  },
});
const megabytes = Number(flags.size);
const runs = Number(flags.runs);
const home = join(import.meta.dirname, '..');
const sshd = await startSshd('0.0.0.0');
const hosts = fleetOf(Number(flags.hosts));
const inventory = sshd.inventory(hosts);
const destinations = join(sshd.dir, 'copies');
const playbook = join(sshd.dir, 'copy.yml');
writeFileSync(
  playbook,
  `- hosts: all\n  gather_facts: false\n  tasks: [{copy: {src: '{{ file }}', dest: '${destinations}/{{ inventory_hostname }}'}}]\n`,
);

const make = (name: string, mebibytes: number): string => {
  const file = join(sshd.dir, name);
  const handle = openSync(file, 'w');
  for (let i = 0; i < mebibytes; i++) writeSync(handle, randomBytes(2 ** 20));
  closeSync(handle);
  return file;
};

const digest = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

const byKplay = (file: string): Promise<Ran> =>
  timed({ argv: [join(home, 'bin/kplay'), 'run', playbook, '-i', inventory, '-e', `file=${file}`, '-T', '60'] });

/** A shell, so that what all of them used is known as of kplay. */
const byScp = (file: string): Promise<Ran> => {
  const own = `-F none -q -i ${sshd.keyFile} -P ${sshd.port} -o UserKnownHostsFile=${sshd.knownHostsFile} -o IdentitiesOnly=yes`;
  const each = hosts.map(({ name, address }) => `scp ${own} ${file} root@${address}:${destinations}/${name} &`);
  return timed({ argv: ['sh', '-c', `${each.join(' ')} wait`] });
};

const often = async (file: string, tool: (file: string) => Promise<Ran>): Promise<Ran> => {
  const wanted = await digest(file);
  rmSync(destinations, { recursive: true, force: true });
  mkdirSync(destinations);
  const ran = await tool(file);
  for (const { name } of hosts) if ((await digest(join(destinations, name))) !== wanted) throw new Error(`${name} got something else`);
  return ran;
};

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const tell = (tool: string, taken: readonly Ran[], targets: readonly number[]): number => {
  const seconds = Math.min(...taken.map(ran => ran.seconds));
  const perSecond = (megabytes * hosts.length) / seconds;
  const [cpu, target] = [Math.min(...taken.map(ran => ran.cpu)), Math.min(...targets)];
  console.log(row([tool, seconds.toFixed(2), perSecond.toFixed(0), cpu.toFixed(2), target.toFixed(2)]));
  return perSecond;
};

try {
  const [small, large] = [make('small', 1), make('large', megabytes)];
  const taken = { scp: [] as Ran[], kplay: [] as Ran[] };
  const targets = { scp: [] as number[], kplay: [] as number[] };
  const tools = { scp: byScp, kplay: byKplay };
  for (let i = 0; i < runs; i++)
    for (const which of ['scp', 'kplay'] as const) {
      const before = sshd.cpu();
      taken[which].push(await often(large, tools[which]));
      targets[which].push(sshd.cpu() - before);
    }
  const little = Math.min((await often(small, byKplay)).own.peakBytes, (await often(small, byKplay)).own.peakBytes);
  const most = Math.max(...taken.kplay.map(ran => ran.own.peakBytes));
  console.log(`${row(['tool', 's', 'MiB/s in total', 'controller s', 'target s'])}\n${row(['---', '---:', '---:', '---:', '---:'])}`);
  const scp = tell('scp', taken.scp, targets.scp);
  const kplay = tell('kplay', taken.kplay, targets.kplay);
  const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  console.log(`\n${megabytes} MiB to ${hosts.length} hosts, checked; kplay has ${((kplay / scp) * 100).toFixed(0)} % of scp's throughput.`);
  console.log(`Peak memory of kplay ${mb(most)} MB, ${mb(most - little)} MB above that for a file of 1 MiB.`);
  console.log(`Load at the end: ${loadavg()[0]!.toFixed(1)}; the fastest of ${runs} runs each.`);
} finally {
  await sshd.stop();
}
