import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { facts } from '../../src/probes/facts.ts';
import { FILES_FIRST, FQDN, fqdnOf } from '../../src/probes/facts/names.ts';
import { execute, shells } from '../tasks/_converge.ts';
import { canUnshare } from '../transport/_shells.ts';

/** A folder for /etc, and a getent that tells it was asked. */
const etc = (files: Readonly<Record<string, string>>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-etc-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  writeFileSync(join(dir, 'getent'), '#!/bin/sh\ncase $1 in passwd) echo asked:x:1:1::/: ;; *) echo 10.9.9.9 asked ;; esac\n');
  chmodSync(join(dir, 'getent'), 0o755);
  return dir;
};

const PLAIN = [
  ['127.0.0.1 localhost\n::1 localhost\n127.0.1.1\th1.example\th1  # me\n', 'h1.example'],
  ['10.0.0.2 h2\n \t10.0.0.1 h1\n', 'h1'],
  ['# 10.0.0.3 h1\n\n10.0.0.1 h1\n10.0.0.1 web\n', 'h1'],
] as const;

describe.for(shells)('in $name', shell => {
  const fqdn = (hosts: string, nsswitch: string): string => {
    const dir = etc({ hosts, 'nsswitch.conf': nsswitch, hostname: 'h1\n' });
    const script = `${FILES_FIRST}\n${FQDN}`.replaceAll('/etc/', `${dir}/`).replace('/proc/sys/kernel/hostname', `${dir}/hostname`);
    return fqdnOf(execute({ ...shell, path: `${dir}:${shell.path}` }, script).stdout.toString(), 'h1');
  };

  test.for(PLAIN)('%j says plainly that we are %s', ([hosts, wanted]) => {
    expect(fqdn(hosts, 'passwd: files\nhosts:\tfiles dns\n')).toBe(wanted);
  });

  test.for([
    '',
    '10.0.0.1 h1x\n',
    '10.0.0.1 h1',
    '10.0.0.1 h1\n10.0.0.2 h1',
    '10.0.0.1 h1\n10.0.0.2 H1\n',
    '10.0.0.1 db\n10.0.0.1 h1.example h1\n',
    '::ffff:10.0.0.1 db\n10.0.0.1 h1\n',
    '127.0.0.1 localhost h1\n',
    '::1 h1\n',
    '010.0.0.1 h1\n',
    '10.0.0.256 h1\n',
    '10.0.0 h1\n',
    '10.0.0.1 h1 h1.example\n',
    '10.0.0.1 db # h1\n',
    `10.0.0.1 h1\n${'10.0.0.2 db\n'.repeat(300)}`,
  ])('%j leaves it to getent', hosts => {
    expect(fqdn(hosts, 'hosts: files dns\n')).toBe('asked');
  });

  test.for(['', 'hosts: dns files\n', 'hosts: files [SUCCESS=continue] dns\n', 'hosts: files\nhosts: dns\n', '#hosts: files\n'])(
    'nsswitch.conf %j leaves it to getent',
    nsswitch => {
      expect(fqdn('10.0.0.1 h1\n', nsswitch)).toBe('asked');
    },
  );

  test.for([
    ['passwd: files systemd\n', 'root', 0],
    ['passwd: files\n', 'bin', 1],
    ['passwd: systemd files\n', 'root', 1],
  ] as const)('%j: whether getent is asked for %s', ([nsswitch, name, uid]) => {
    const dir = etc({ passwd: 'root:x:0:0:root:/root:/bin/sh\nbin:x:2:2:bin:/bin:/bin/sh\n', 'nsswitch.conf': nsswitch });
    const script = facts.script(['user']).replaceAll('/etc/', `${dir}/`);
    const { stdout } = execute({ ...shell, path: `${dir}:${shell.path}` }, `LOGNAME=${name}\n${script}`);
    expect(facts.parse(stdout, ['user'])).toMatchObject([{ user_id: name, user_uid: uid }]);
  });
});

const python = `${process.env['KPLAY_ORACLE'] ?? ''}/python3`;
test.runIf(canUnshare && process.env['KPLAY_ORACLE']).for(PLAIN)('Python reads %j as %s, too', ([hosts, wanted]) => {
  const dir = etc({ hosts, 'nsswitch.conf': 'hosts: files\n' });
  const script = `for file in hosts nsswitch.conf; do mount --bind "$1/$file" /etc/$file || exit; done
hostname h1 && exec "$2" -c 'import socket; print(socket.getfqdn())'`;
  const { stdout } = spawnSync('unshare', ['-mu', 'sh', '-c', script, 'sh', dir, python], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(wanted);
});
