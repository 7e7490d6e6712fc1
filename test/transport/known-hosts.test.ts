import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fingerprint,
  hashName,
  hostName,
  judge,
  keyType,
  matchesHost,
  needsCertificate,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts';
import { scratch } from './_shells.ts';
import { keygen } from './_keys.ts';

const dir = scratch();
const make = (name: string, type?: string): { text: string; key: Buffer } => {
  const text = keygen(join(dir, name), type);
  return { text, key: Buffer.from(text.split(' ')[1] ?? '', 'base64') };
};
const first = make('first');
const second = make('second');
const other = make('other', 'ecdsa');
const says = (text: string, name: string, key: Buffer): string => judge(parseKnownHosts(text, 'known_hosts'), name, key).is;

describe('known_hosts', () => {
  test('skips comments and damage, and keeps line numbers', () => {
    const text = `# comment\n\nbroken\n@unknown a ssh-ed25519 AAAA\nweb1 ${first.text} a comment\n`;
    expect(parseKnownHosts(text, 'f')).toMatchObject([{ file: 'f', line: 5, hosts: 'web1', type: 'ssh-ed25519' }]);
  });

  test('shows fingerprints as ssh-keygen does', () => {
    const { stdout } = spawnSync('ssh-keygen', ['-lf', join(dir, 'first.pub')], { encoding: 'utf8' });
    expect(stdout.split(' ')[1]).toBe(fingerprint(first.key));
    expect(keyType(other.key)).toBe('ecdsa-sha2-nistp256');
  });

  test.each([
    ['web1', 'web1', true],
    ['WEB1', 'web1', true],
    ['web1,10.0.0.1', '10.0.0.1', true],
    ['web?.example.com', 'web1.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com,!bad.example.com', 'bad.example.com', false],
    ['!bad.example.com', 'good.example.com', false],
    ['web1', '[web1]:2222', false],
    ['[web1]:2222', '[web1]:2222', true],
    ['[*]:2222', '[web1]:2222', true],
    ['web.', 'webx', false],
  ])('%s means %s: %s', (hosts, name, expected) => {
    expect(matchesHost(hosts, name)).toBe(expected);
  });

  test('reads names that ssh-keygen hashed, and hashes them as it does', () => {
    const file = join(dir, 'hashed');
    writeFileSync(file, `web1 ${first.text}\n[web1]:2222 ${second.text}\n`);
    spawnSync('ssh-keygen', ['-H', '-f', file]);
    const hashed = readFileSync(file, 'utf8');
    expect(hashed).not.toContain('web1');
    expect(says(hashed, 'web1', first.key)).toBe('known');
    expect(says(hashed, '[web1]:2222', second.key)).toBe('known');
    writeFileSync(file, `${hashName('db1')} ${first.text}\n`);
    expect(spawnSync('ssh-keygen', ['-F', 'db1', '-f', file]).status).toBe(0);
  });

  test('a hashed name means itself and nothing else', () => {
    const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);
    fc.assert(fc.property(name, name, (one, two) => matchesHost(hashName(one), two) === (one === two)));
  });

  test.each([
    ['the key on record', `web1 ${first.text}`, 'known'],
    ['one of two keys', `web1 ${second.text}\nweb1 ${first.text}`, 'known'],
    ['another key', `web1 ${second.text}`, 'changed'],
    ['a key of another type than the known one', `web1 ${other.text}`, 'changed'],
    ['a host nobody knows', `web2 ${first.text}`, 'unknown'],
    ['a revoked key', `web1 ${first.text}\n@revoked * ${first.text}`, 'revoked'],
    ['a key revoked elsewhere', `web1 ${first.text}\n@revoked web2 ${first.text}`, 'known'],
    ['a host with an authority only', `@cert-authority *eb1 ${second.text}`, 'certified'],
    ['a host with an authority and a key', `@cert-authority * ${second.text}\nweb1 ${first.text}`, 'known'],
  ])('%s', (_what, text, verdict) => {
    expect(says(text, 'web1', first.key)).toBe(verdict);
  });

  test('a key known without the port is good on every port, another one is not a change', () => {
    expect(says(`web1 ${first.text}`, hostName('web1', 2222), first.key)).toBe('known');
    expect(says(`web1 ${second.text}`, hostName('web1', 2222), first.key)).toBe('unknown');
    expect(says(`[web1]:2222 ${second.text}\nweb1 ${first.text}`, hostName('web1', 2222), first.key)).toBe('changed');
  });

  test('knows when only a certificate will do', () => {
    const authority = `@cert-authority web* ${second.text}\n`;
    expect(needsCertificate(parseKnownHosts(authority, 'f'), 'web1')).toBe(true);
    expect(needsCertificate(parseKnownHosts(`${authority}web1 ${first.text}\n`, 'f'), 'web1')).toBe(false);
    expect(needsCertificate(parseKnownHosts(authority, 'f'), 'db1')).toBe(false);
  });
});
