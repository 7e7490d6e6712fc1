import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canServe, type Sshd, startSshd } from '../transport/_sshd.ts';
import { kplay } from './_kplay.ts';
import { keepers, sshProject } from './_keepers.ts';

describe.runIf(canServe)('connections between runs', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const project = (files: Readonly<Record<string, string>> = {}): string => sshProject(sshd, files);
  /** The login that a run used: its port on this side. */
  const login = async (dir: string, ...flags: readonly string[]): Promise<string> => {
    const { stdout } = await kplay(dir, ['exec', 'all', '-i', 'hosts', '-m', 'shell', '-a', 'echo $SSH_CONNECTION', ...flags]);
    return / (\d+) 127\.0\.0\.1 /.exec(stdout)?.[1] ?? stdout;
  };

  test.each<[what: string, files: Readonly<Record<string, string>>, flags: readonly string[]]>([
    ['--keep-connections', {}, ['--keep-connections', '60s']],
    ['kplay.config.yaml', { 'kplay.config.yaml': 'keep_connections: 60\n' }, []],
    ['ansible.cfg', { 'ansible.cfg': '[ssh_connection]\nssh_args = -C -o ControlMaster=auto -o ControlPersist=60s\n' }, []],
  ])('%s keeps them', async (_what, files, flags) => {
    const dir = project(files);
    const port = await login(dir, ...flags);
    expect(port).toMatch(/^\d+$/);
    expect(await login(dir, ...flags)).toBe(port);
    expect(keepers(dir)).toHaveLength(1);
  });

  test('are not kept unless asked for, and the command line beats the rest', async () => {
    const dir = project({ 'kplay.config.yaml': 'keep_connections: 60\n' });
    expect(await login(dir, '--keep-connections', '0s')).toMatch(/^\d+$/);
    expect(await login(project({}))).toMatch(/^\d+$/);
    expect(keepers(dir)).toEqual([]);
  });
});
