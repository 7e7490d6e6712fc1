import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Address } from '../../src/model/session.ts';
import { type Route, type RouteOptions, routeTo } from '../../src/transport/route.ts';
import { readSshConfig } from '../../src/transport/ssh-config.ts';
import { scratch } from './_shells.ts';

const home = scratch();
mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });

const route = (text: string, address: Partial<Address> = {}, options: Partial<RouteOptions> = {}): Route => {
  const file = join(home, '.ssh/config');
  writeFileSync(file, text);
  return routeTo(
    { name: 'web1', connection: 'ssh', host: 'web', timeoutMs: 1000, ...address },
    { config: readSshConfig(file, home), home, env: {}, hostKeyPolicy: 'strict', keepaliveMs: 0, ...options },
  );
};

test('without any settings goes where ssh would', () => {
  expect(route('').target).toMatchObject({
    host: 'web',
    port: 22,
    user: userInfo().username,
    keyFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map(name => join(home, '.ssh', name)),
    identity: { policy: 'strict', files: expect.arrayContaining([join(home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts']) },
  });
});

test('what the address says beats its ssh options, and they beat ssh_config', () => {
  const text = 'Host web\n  Port 1\n  User one\n  HostName %h.example.com\n  ServerAliveInterval 7\n  HostKeyAlias fleet\n';
  expect(route(text).target).toMatchObject({
    host: 'web.example.com',
    port: 1,
    user: 'one',
    keepaliveMs: 7000,
    identity: { alias: 'fleet' },
  });
  const sshOptions = { port: '2', user: 'two', userknownhostsfile: '~/own /etc/all' };
  expect(route(text, { sshOptions, user: 'three' }).target).toMatchObject({
    port: 2,
    user: 'three',
    identity: { files: [join(home, 'own'), '/etc/all', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'] },
  });
});

test('the first value counts, also over what is included', () => {
  writeFileSync(join(home, '.ssh/conf.d/a'), 'Host db\n  Port 3\n');
  writeFileSync(join(home, '.ssh/conf.d/b'), 'Host web\n  Port 4\n  User b\n');
  const text = 'Include conf.d/*\nUser anyone\nHost web\n  Port 5\n  Compression yes\n';
  expect(route(text).target).toMatchObject({ port: 4, user: 'b' });
  expect(route(text, { host: 'db' }).target).toMatchObject({ port: 3, user: 'anyone' });
});

test('a file that includes itself is refused', () => {
  expect(() => route('Include config\n')).toThrow(expect.objectContaining({ code: 'E_SYNTAX' }));
});

test.each([
  ['ssh_config', 'Host web\n  ProxyJump one,me@two:2', {}, ['one:22', 'two:2'], undefined],
  ['the address', 'Host web\n  ProxyJump one', { proxyJump: 'root@[::1]:23' }, ['::1:23'], undefined],
  ['none at all', 'ProxyJump one', { proxyJump: 'none' }, [], undefined],
  ['an ssh option', 'ProxyJump one', { sshOptions: { proxycommand: 'nc %h %p' } }, [], 'nc web 22'],
  ['an ssh option over a command', 'ProxyCommand nc %h %p', { sshOptions: { proxyjump: 'two' } }, ['two:22'], undefined],
  ['a command', 'ProxyCommand nc %h %p # 100%%', { port: 9 }, [], 'nc web 9'],
  ['a jump host with one of its own', 'Host one\n  ProxyJump zero\nHost web\n  ProxyJump one', {}, ['zero:22', 'one:22'], undefined],
])('goes over the proxy of %s', (_whose, text, address, jumps, command) => {
  const { jumps: hops, proxyCommand } = route(text, address);
  expect(hops.map(({ host, port }) => `${host}:${port}`)).toEqual(jumps);
  expect(proxyCommand).toBe(command);
});

test('jumping in a circle is refused, as ssh does', () => {
  expect(() => route('Host *\n  ProxyJump one\n')).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
});

test.each([
  ['StrictHostKeyChecking no', 'strict', 'accept-new'],
  ['StrictHostKeyChecking accept-new', 'strict', 'accept-new'],
  ['StrictHostKeyChecking yes', 'accept-new', 'accept-new'],
  ['StrictHostKeyChecking ask', 'strict', 'strict'],
  ['StrictHostKeyChecking yes', 'off', 'off'],
] as const)('%s under %s is %s', (text, hostKeyPolicy, policy) => {
  expect(route(text, {}, { hostKeyPolicy }).target.identity.policy).toBe(policy);
});

test('passes on the environment that SendEnv and SetEnv name', () => {
  const env = { LANG: 'de_DE.UTF-8', LC_ALL: 'C', HOME: '/root' };
  expect(route('SendEnv LANG LC_*\nSetEnv A=b=c\n', {}, { env }).env).toEqual({ LANG: 'de_DE.UTF-8', LC_ALL: 'C', A: 'b=c' });
  expect(route('', {}, { env }).env).toEqual({});
});

test('the agent is the one that IdentityAgent names', () => {
  expect(route('', {}, { agentSocket: '/a' }).target.agentSocket).toBe('/a');
  expect(route('IdentityAgent ~/b', {}, { agentSocket: '/a' }).target.agentSocket).toBe(join(home, 'b'));
  expect(route('IdentityAgent none', {}, { agentSocket: '/a' }).target.agentSocket).toBeUndefined();
});
