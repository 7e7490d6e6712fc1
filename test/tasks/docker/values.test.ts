import { expect, test } from 'vitest';
import * as value from '../../../src/tasks/docker/values.ts';

test.for([
  [value.bytes, '512', 512],
  [value.bytes, '1.5k', 1536],
  [value.bytes, '2GiB', 2 ** 31],
  [value.bytes, '64 mb', 2 ** 26],
  [value.bytes, '-1', -1],
  [value.nanoseconds, '1m30s', 90e9],
  [value.nanoseconds, '1.5ms', 1.5e6],
  [value.nanoseconds, '0', 0],
  [value.restart, '', 'no'],
  [value.restart, 'on-failure:3', 'on-failure:3'],
  [value.restart, 'on-failure:0', 'on-failure'],
  [value.capability, 'cap_net_admin', 'NET_ADMIN'],
  [value.securityOption, 'no-new-privileges:true', 'no-new-privileges'],
  [value.securityOption, 'seccomp:unconfined', 'seccomp=unconfined'],
  [value.volume, '/a/:/b/:rw', '/a:/b'],
  [value.volume, 'name:/b:z,ro', 'name:/b:ro,z'],
  [value.volume, '/', '/'],
  [value.device, '/dev/a', '/dev/a:/dev/a:rwm'],
  [value.device, '/dev/a:r', '/dev/a:/dev/a:r'],
  [value.device, '/dev/a:/dev/b', '/dev/a:/dev/b:rwm'],
  [value.extraHost, 'h=1.2.3.4', 'h:1.2.3.4'],
  [value.extraHost, 'h:[::1]', 'h:::1'],
  [value.networkName, 'name=n,alias=a', 'n'],
  [value.exposed, '80-81/UDP', ['80/udp', '81/udp']],
  [value.published, '80', [['80/tcp', ':']]],
  [value.published, '8080:80/udp', [['80/udp', ':8080']]],
  [value.published, '1.2.3.4::80', [['80/tcp', '1.2.3.4:']]],
  [value.published, '[::1]:80:80', [['80/tcp', '::1:80']]],
  [
    value.published,
    '90-91:80-81',
    [
      ['80/tcp', ':90'],
      ['81/tcp', ':91'],
    ],
  ],
  [value.published, '90-95:80', [['80/tcp', ':90-95']]],
  [value.csv, 'a,"b,""c""",d', ['a', 'b,"c"', 'd']],
  [value.mount, 'type=bind,src=/a/,dst=/b,ro', { type: 'bind', source: '/a', target: '/b', readonly: true }],
  [value.mount, 'target=/b,readonly=false,tmpfs-size=1k', { type: 'volume', target: '/b', 'tmpfs-size': 1024 }],
  [value.ulimit, 'nofile=5', ['nofile', '5:5']],
] as const)('%o of %j is %j', ([read, text, wanted]) => {
  expect((read as (text: string) => unknown)(text)).toEqual(wanted);
});

test.for([
  [value.bytes, 'much'],
  [value.nanoseconds, '5'],
  [value.restart, 'sometimes'],
  [value.published, '80:x'],
  [value.published, '80-81:90-95'],
  [value.published, '99999:80'],
  [value.mount, 'type=bind'],
  [value.ulimit, 'nofile'],
  [value.number, '1x'],
] as const)('%o refuses %j', ([read, text]) => {
  expect(() => (read as (text: string) => unknown)(text)).toThrow(expect.objectContaining({ code: 'E_ARGS' }));
});
