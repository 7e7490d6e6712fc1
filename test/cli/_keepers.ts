import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { alive } from '../transport/_shells.ts';
import { known, type Sshd } from '../transport/_sshd.ts';
import { folder } from './_kplay.ts';

/** The keepers of whoever has this home. */
export const keepers = (dir: string): readonly number[] => {
  const home = join(dir, '.cache/kplay/keeper');
  const names = existsSync(home) ? readdirSync(home) : [];
  return names.flatMap(name => (name.startsWith('keeper-') ? [Number(name.split('-')[1])] : []));
};

/** A folder with an inventory of one host over ssh, `web1`; its keepers go with the test. */
export const sshProject = (sshd: Sshd, files: Readonly<Record<string, string>> = {}): string => {
  const dir = folder({ ...files, known: known(sshd) });
  onTestFinished(() => keepers(dir).forEach(pid => alive(pid) && process.kill(pid, 'SIGKILL')));
  const vars = `ansible_host=127.0.0.1 ansible_port=${sshd.port} ansible_user=root ansible_ssh_private_key_file=${sshd.userKey}`;
  writeFileSync(join(dir, 'hosts'), `web1 ${vars} ansible_ssh_common_args='-o UserKnownHostsFile=${join(dir, 'known')}'\n`);
  return dir;
};
