import { readFileSync } from 'node:fs';
import type { Shell } from './_converge.ts';

/** Hands its last argument to /bin/sh on a host over ssh; stdin, outputs and the status are the program's. */
const OVER_SSH = `user=$1 host=$2 key=$3; shift 3
program=$(printf '%s\\n' "$2" | sed "s/'/'\\\\\\\\''/g")
exec ssh -i "$key" -o BatchMode=yes -o ControlMaster=auto -o ControlPersist=20 -o ControlPath=/tmp/kplay-lab-%C -o StrictHostKeyChecking=yes -o UserKnownHostsFile="\${key%/*}/known_hosts" "$user@$host" "exec /bin/sh -c '$program'"`;

/** A shell on a host of the lab whose inventory KPLAY_LAB names. */
export const labShell = (name: string): Shell => {
  const file = process.env['KPLAY_LAB'];
  if (file === undefined) throw new Error('KPLAY_LAB does not name the inventory of a lab');
  const inventory = readFileSync(file, 'utf8');
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(inventory)?.[1];
    if (found === undefined) throw new Error(`${file} has nothing like ${pattern}`);
    return found;
  };
  const address = find(new RegExp(`^${name} ansible_host=(\\S+)$`, 'm'));
  const key = find(/^ansible_ssh_private_key_file=(\S+)$/m);
  return { name, argv: ['/bin/sh', '-c', OVER_SSH, 'lab', find(/^ansible_user=(\S+)$/m), address, key], path: process.env['PATH'] ?? '' };
};

/** A host that no other tests look at: it may be renamed, mounted on, rebooted. */
export const SPARE_HOST = 'h8';
