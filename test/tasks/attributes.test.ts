import { expect, test } from 'vitest';
import { attributeChanges, fresh, setting, settle } from '../../src/tasks/attributes.ts';
import { parseNode } from '../../src/probes/stat.ts';

const TIMES = '1 2020-01-01 00:00:00 +0000 1 2020-01-01 00:00:00 +0000 1 2020-01-01 00:00:00 +0000';
const node = (context = '') => parseNode(`81a4 0 0 5 12 65024 1 8 512 4096 0 0 ${TIMES}|root|root${context}`);

test('an SELinux context is set in the parts that differ, where there is one', () => {
  const want = { setype: 'etc_t', seuser: 'system_u', selevel: 's0' };
  const labelled = node('|system_u:object_r:tmp_t:s0');
  const set = setting(want, [undefined, undefined], labelled ?? fresh('file', 0), 0o022, {});
  expect(set.context).toEqual(['-t', 'etc_t']);
  expect(attributeChanges(want, set, labelled)).toEqual([
    { key: 'secontext', before: 'system_u:object_r:tmp_t:s0', after: 'system_u:object_r:etc_t:s0' },
  ]);
  expect(settle('/f', set)).toContain('chcon -h -t etc_t -- /f');
  expect(setting(want, [undefined, undefined], node() ?? fresh('file', 0), 0o022, {}).context).toBeUndefined();
  expect(setting(want, [undefined, undefined], fresh('file', 0o022), 0o022, {}).context).toEqual([
    '-u',
    'system_u',
    '-t',
    'etc_t',
    '-l',
    's0',
  ]);
});

test('owner and group go in one chown, permissions after it', () => {
  expect(settle('/f', { uid: 1, gid: 2, bits: 0o4755 })).toBe('chown -h -- 1:2 /f\nchmod -- 04755 /f');
  expect(settle('/f', { gid: 2 })).toBe('chgrp -h -- 2 /f');
});

test.for([
  [{ owner: 'nobody-here' }, 'chown failed: failed to look up user nobody-here'],
  [{ group: 'nobody-here' }, 'chgrp failed: failed to look up group nobody-here'],
] as const)('refuses %o', ([want, message]) => {
  const fields = { path: '/f' };
  expect(() => setting(want, [undefined, undefined], fresh('file', 0), 0, fields)).toThrow(expect.objectContaining({ message, fields }));
});
