import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { groupId, userId } from '../../src/probes/account.ts';
import { content, MAX_DIFF_BYTES, oldText, unless } from '../../src/probes/content.ts';
import { digests } from '../../src/probes/digest.ts';
import { literal, under } from '../../src/probes/path.ts';
import { parseNode, stat } from '../../src/probes/stat.ts';
import { lookAll, shells } from '../tasks/_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));
const ODD = ["it's", 'two  words', '-n', '"', '\\', 'line\nbreak', '*', 'ü', '$HOME', '`id`', '~'];
const digest = (algorithm: string, bytes: string | Buffer) => createHash(algorithm).update(bytes).digest('hex');
const sights = <Seen>(seen: readonly (Seen | Error)[]): readonly Seen[] =>
  seen.map(one => {
    if (one instanceof Error) throw one;
    return one;
  });

test.for(shells)('one program answers for many subjects, odd names and absent ones included: $name', shell => {
  const dir = fresh();
  ODD.forEach((name, i) => writeFileSync(join(dir, name), 'x'.repeat(i), { mode: 0o640 }));
  const paths = [...ODD, 'gone', 'no/parent'].map(name => under(dir, `/${name}`));
  const stats = sights(lookAll(stat, paths, shell));
  expect(stats.map(({ path, node, parent }) => [path, node?.type, node?.sizeBytes, node?.bits, parent?.write])).toEqual([
    ...ODD.map((name, i) => [join(dir, name), 'file', i, 0o640, true]),
    [join(dir, 'gone'), undefined, undefined, undefined, true],
    [join(dir, 'no/parent'), undefined, undefined, undefined, undefined],
  ]);
  const shas = sights(lookAll(digests.sha256, paths, shell));
  expect(shas).toEqual([...ODD.map((_, i) => digest('sha256', 'x'.repeat(i))), undefined, undefined]);
  const contents = sights(lookAll(content, paths, shell));
  expect(contents.map(bytes => bytes?.toString())).toEqual([...ODD.map((_, i) => 'x'.repeat(i)), undefined, undefined]);
});

test.for(shells)('stat tells links from their targets: $name', shell => {
  const dir = fresh();
  mkdirSync(join(dir, 'd'));
  chmodSync(join(dir, 'd'), 0o2750);
  writeFileSync(join(dir, 'f'), 'text');
  linkSync(join(dir, 'f'), join(dir, 'hard'));
  symlinkSync('d', join(dir, 'to d'));
  symlinkSync('gone', join(dir, 'dangling'));
  symlinkSync('to d', join(dir, 'twice'));
  symlinkSync('no/such/file\n', join(dir, 'lost\n'));
  const paths = ['dangling', 'd', 'twice', 'hard', 'to d', 'lost\n'].map(name => join(dir, name));
  const seen = sights(lookAll(stat, paths, shell));
  expect(seen.map(({ node, target, linkTo, realPath }) => [node?.type, target?.type, linkTo, realPath])).toEqual([
    ['link', undefined, 'gone', join(dir, 'gone')],
    ['directory', 'directory', undefined, undefined],
    ['link', 'directory', 'to d', join(dir, 'd')],
    ['file', 'file', undefined, undefined],
    ['link', 'directory', 'd', join(dir, 'd')],
    ['link', undefined, 'no/such/file\n', join(dir, 'no/such/file\n')],
  ]);
  expect(seen.map(({ target }) => [target?.bits.toString(8), target?.nlink])[2]).toEqual(['2750', 2]);
  expect(seen[3]?.node).toMatchObject({ nlink: 2, owner: 'root', group: 'root', uid: 0, gid: 0 });
  expect(Math.abs((seen[3]?.node?.mtime ?? 0) - Date.now() / 1000)).toBeLessThan(60);
});

test.for(shells)('home and variables are expanded on the host: $name', shell => {
  const subjects = [
    '~',
    '~root/x y',
    '~nobody-at-all/x',
    '$HOME/a',
    '${HOME}b',
    '$KPLAY_UNSET_/c',
    literal('/$HOME'),
    under('~', '/$x'),
    under('~root', '/y'),
    'rel',
    '/',
  ];
  const seen = sights(lookAll(stat, subjects, shell));
  expect(seen.map(({ path }) => path)).toEqual([
    homedir(),
    '/root/x y',
    '~nobody-at-all/x',
    `${homedir()}/a`,
    `${homedir()}b`,
    '$KPLAY_UNSET_/c',
    '/$HOME',
    `${homedir()}/$x`,
    '/root/y',
    'rel',
    '/',
  ]);
});

test.for(shells)('a thousand subjects with long names: $name', shell => {
  const dir = fresh();
  const names = Array.from({ length: 1000 }, (_, i) => `${'n'.repeat(60)}${i}`);
  names.filter((_, i) => i % 3 > 0).forEach(name => writeFileSync(join(dir, name), name));
  const paths = names.map(name => join(dir, name));
  expect(sights(lookAll(stat, paths, shell)).map(({ node }) => node?.type)).toEqual(names.map((_, i) => (i % 3 > 0 ? 'file' : undefined)));
  expect(sights(lookAll(digests.sha1, paths, shell))).toEqual(names.map((name, i) => (i % 3 > 0 ? digest('sha1', name) : undefined)));
});

test.for(shells)('content is bytes; what is no file is told one by one: $name', shell => {
  const dir = fresh();
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256));
  writeFileSync(join(dir, 'bytes'), bytes);
  const [first, second, third, fourth] = lookAll(content, [join(dir, 'bytes'), dir, '/dev/null', join(dir, 'gone')], shell);
  expect([first, second, fourth]).toEqual([bytes, undefined, undefined]);
  expect(third).toMatchObject({ code: 'E_PROBE' });
});

test.for(shells)('old text is fetched only for a diff that has one: $name', shell => {
  const dir = fresh();
  const put = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const [a, same, long, binary] = [put('a', 'old\n'), put('same', 'new\n'), put('long', 'x'.repeat(MAX_DIFF_BYTES + 1)), put('b', 'a\0b')];
  const wanted = digest('sha256', 'new\n');
  const subjects = [a, same, long, binary, join(dir, 'gone'), dir].map(path => unless(wanted, path));
  expect(lookAll(oldText, subjects, shell)).toEqual(['old\n', undefined, undefined, undefined, '', undefined]);
});

test.for(shells)('names of users and groups: $name', shell => {
  expect(lookAll(userId, ['root', 'no-such-user'], shell)).toEqual([0, undefined]);
  expect(lookAll(groupId, ['no-such-group', 'root'], shell)).toEqual([undefined, 0]);
});

test('a line of stat, with an SELinux context or not', () => {
  const line =
    '81a4 0 7 5 12 65024 1 8 512 4096 0 0 10 2020-01-01 00:00:00.25 +0000 11 2020-01-01 00:00:00 12 2020-01-01 00:00:00.5 +0000|ro ot|UNKNOWN';
  const node = { type: 'file', bits: 0o644, gid: 7, owner: 'ro ot', group: '7', atime: 10.25, mtime: 11, ctime: 12.5, sizeBytes: 5 };
  expect(parseNode(line)).toMatchObject(node);
  expect(parseNode(line)).not.toHaveProperty('context');
  expect(parseNode(`${line}|system_u:object_r:etc_t:s0:c1`)).toMatchObject({ ...node, context: 'system_u:object_r:etc_t:s0:c1' });
  expect(parseNode('stat: no')).toBeUndefined();
});
