import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'vitest';
import { expectAgreement, type Played } from './_agree.ts';
import { ansible, kplay, type Player } from './_play.ts';
import { type Theme, themes } from './_themes.ts';
import { replaced } from './_told.ts';
import { shell, treeOf } from './_tree.ts';

const LAB = process.env['KPLAY_LAB'];
const SCRATCH = '/srv/scratch';
/** Where a theme is run. Both hosts are called the same, so that nothing tells them apart. */
const HOSTS = { lab: { ansible: 'h4', kplay: 'h5' }, docker: { ansible: 'h1', kplay: 'h2' } } as const;
const THEMES = (['lab', 'docker'] as const).flatMap(on => themes(on).map(theme => ({ ...theme, hosts: HOSTS[on] })));

/** Address and key of a host, from the lab's own inventory. */
const reached = (inventory: string, name: string): { readonly address: string; readonly key: string; readonly knownHosts: string } => {
  const find = (pattern: RegExp): string => pattern.exec(inventory)?.[1] ?? '';
  return {
    address: find(new RegExp(`^${name} ansible_host=(\\S+)`, 'm')),
    key: find(/^ansible_ssh_private_key_file=(\S+)/m),
    knownHosts: join(dirname(LAB ?? ''), 'known_hosts'),
  };
};

/** All runs of a theme on one host made fresh, with what is then in its scratch folder. */
const played = async (player: Player, host: string, theme: Theme, home: string): Promise<readonly Played[]> => {
  const lab = readFileSync(LAB ?? '', 'utf8');
  const { address, key, knownHosts } = reached(lab, host);
  const options = ['-i', key, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes'];
  const login = ['ssh', ...options, `root@${address}`];
  const inventory = join(home, 'hosts');
  writeFileSync(inventory, `target ansible_host=${address}\n[all:vars]\n${lab.slice(lab.indexOf('[all:vars]') + '[all:vars]'.length)}`);
  await shell(login, `rm -rf ${SCRATCH}\nmkdir ${SCRATCH}\n${theme.before}\ntrue`);
  const ends: Played[] = [];
  for (const args of theme.runs) {
    const heard = await player(theme, args, { inventory, scratch: SCRATCH, home, vars: { fetched: join(home, 'fetched') } });
    const tree = { ...(await treeOf(login, SCRATCH)), ...(await treeOf([], join(home, 'fetched'))) };
    ends.push([replaced(heard as never, home, '{home}') as never, tree]);
  }
  return ends;
};

describe.runIf(process.env['KPLAY_ORACLE'] && LAB)('on fresh hosts', () => {
  test.for(THEMES)('$name', { timeout: 900_000 }, async (theme, { expect }) => {
    const home = (): string => mkdtempSync(join(tmpdir(), 'kplay-oracle-'));
    const [theirs, ours] = await Promise.all([
      played(ansible, theme.hosts.ansible, theme, home()),
      played(kplay, theme.hosts.kplay, theme, home()),
    ]);
    expectAgreement(theme, ours, theirs, expect);
  });
});
