import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One task that Ansible and kplay do each in a folder of their own: in check mode, then twice. */
export interface Case {
  readonly module: string;
  /** `{dir}` in any text is the case's folder. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly prepare?: (dir: string) => void;
  /** What Ansible says or does there is a mistake not to be followed; why. Only that both agree on success is compared. */
  readonly unlike?: string;
}

export const put =
  (text: string | Buffer, mode = 0o644, name = 'f') =>
  (dir: string): void => {
    writeFileSync(join(dir, name), text);
    chmodSync(join(dir, name), mode);
  };
export const both =
  (...all: readonly ((dir: string) => void)[]) =>
  (dir: string): void =>
    all.forEach(one => one(dir));
const link =
  (to: string, name = 'l') =>
  (dir: string): void =>
    symlinkSync(to, join(dir, name));
const folder =
  (name: string, mode = 0o755) =>
  (dir: string): void => {
    mkdirSync(join(dir, name), { recursive: true });
    chmodSync(join(dir, name), mode);
  };

/** Files of the controller, beside the playbook. */
export const sources = (dir: string): void =>
  both(
    put('plain\n', 0o755, 'plain.sh'),
    folder('tree/sub/deep'),
    folder('tree/empty'),
    put('a', 0o600, 'tree/a'),
    put('b\n', 0o755, 'tree/sub/b'),
    link('a', 'tree/l'),
    link('gone', 'tree/dangling'),
  )(dir);

/** A small tree below t. */
const forest = both(
  folder('t/sub/deep'),
  put('abc\n', 0o644, 't/a.log'),
  put('x'.repeat(5000), 0o600, 't/sub/b.log'),
  put('', 0o644, 't/.hidden'),
  put('line1\nfind me\n', 0o755, 't/sub/deep/c.txt'),
  link('a.log', 't/l'),
  link('sub', 't/ld'),
);

const f = '{dir}/f';
const l = '{dir}/l';

const copy: readonly Case[] = (
  [
    [{ dest: f, content: 'x\n' }],
    [{ dest: f, content: 'x\n', mode: '0600' }, put('old')],
    [{ dest: f, content: 'x\n', mode: 'u=rw,g=r,o=', owner: 'nobody', group: 'root' }, put('x\n')],
    [{ dest: f, content: 'x\n' }, put('x\n', 0o604)],
    [{ dest: f, content: 'x\n', mode: 'a+X' }, put('old', 0o744)],
    [{ dest: f, content: { a: [1, true, null, 'ü'] } }],
    [{ dest: f, content: '' }],
    [{ dest: f, content: 'x', force: false }, put('old')],
    [{ dest: f, content: 'x', force: false }],
    [{ dest: f, content: 'x', backup: true }, put('old', 0o640)],
    [{ dest: f, content: 'x', validate: 'grep x %s' }],
    [{ dest: f, content: 'x', validate: 'grep y %s' }, put('old')],
    [{ dest: f, content: 'x', validate: 'true' }],
    [{ dest: l, content: 'x' }, both(put('old', 0o600), link('f'))],
    [{ dest: l, content: 'x', follow: true }, both(put('old', 0o600), link('f'))],
    [{ dest: l, content: 'x', follow: true }, link('gone')],
    [{ dest: '{dir}/no/such/f', content: 'x' }],
    [{ dest: '{dir}', content: 'x' }],
    [{ dest: '{dir}/', content: 'x' }],
    [{ dest: f, src: 'plain.sh' }],
    [{ dest: f, src: 'plain.sh', mode: 'preserve' }],
    [{ dest: '{dir}', src: 'plain.sh' }],
    [{ dest: '{dir}/d', src: 'plain.sh' }, folder('d')],
    [{ dest: '{dir}/a/b/', src: 'plain.sh', directory_mode: '0710', mode: '0600' }],
    [{ dest: f, src: 'no-such-file' }],
    [{ dest: f, src: 'plain.sh', content: 'x' }],
    [{ dest: f }],
    [{ dest: '{dir}/to', src: 'tree/' }],
    [{ dest: '{dir}/to', src: 'tree', mode: '0640', directory_mode: '0750' }],
    [{ dest: '{dir}/to', src: 'tree', local_follow: false }],
    [{ dest: '{dir}/to/', src: 'tree', mode: 'preserve' }, folder('to')],
    [{ dest: '{dir}/g', src: f, remote_src: true }, put('x', 0o711)],
    [{ dest: '{dir}/g', src: f, remote_src: true }, both(put('x', 0o711), put('y', 0o600, 'g'))],
    [{ dest: '{dir}/d/', src: f, remote_src: true, mode: 'preserve' }, put('x', 0o711)],
    [{ dest: '{dir}/g', src: f, remote_src: true }],
    [{ dest: '{dir}/to', src: '{dir}/t/', remote_src: true }, forest],
    [
      { dest: '{dir}/to', src: '{dir}/t', remote_src: true },
      forest,
      'where dest is new, symlinks are left out and then reported as changed for ever',
    ],
    [{ dest: '{dir}/to', src: '{dir}/t', remote_src: true, owner: 'nobody', mode: '0700' }, both(forest, folder('to'))],
    [
      { dest: '{dir}/to', src: '{dir}/t/', remote_src: true, group: 'nogroup' },
      both(forest, folder('to/sub'), put('other', 0o600, 'to/a.log')),
      'where dest is there, new symlinks are left out and reported as changed for ever',
    ],
  ] as const
).map(([args, prepare, unlike]) => ({ module: 'copy', args, ...(prepare && { prepare }), ...(unlike && { unlike }) }));

const file: readonly Case[] = (
  [
    [{ path: '{dir}/a/b', state: 'directory', mode: '0710' }],
    [{ path: '{dir}/a/b/', state: 'directory' }],
    [{ path: '{dir}/d', state: 'directory', mode: 'g+s,o-rx' }, folder('d')],
    [{ path: '{dir}/d', state: 'directory', mode: '0755' }, folder('d', 0o2755)],
    [{ path: f, state: 'directory' }, put('')],
    [{ path: f, state: 'file', mode: '0600' }, put('')],
    [{ path: f, mode: '0600', owner: 'nobody' }, put('')],
    [{ path: f, state: 'file' }],
    [{ path: f }],
    [{ path: '{dir}', state: 'file' }],
    [{ path: l, state: 'file', mode: '0600' }, both(put(''), link('f'))],
    [{ path: l, mode: '0600' }, both(put(''), link('f'))],
    [{ path: l, owner: 'nobody', follow: false }, both(put(''), link('f'))],
    [{ path: f, state: 'touch', mode: '0600' }],
    [{ path: f, state: 'touch', modification_time: 'preserve', access_time: 'preserve' }, put('x')],
    [{ path: f, state: 'touch', modification_time: '202001020304.05', access_time: 'preserve' }, put('x')],
    [{ path: f, state: 'absent' }, put('')],
    [{ path: '{dir}/d', state: 'absent' }, folder('d/e')],
    [{ path: f, state: 'absent' }],
    [{ path: l, state: 'absent' }, both(folder('d'), link('d'))],
    [{ path: l, state: 'link', src: 'f' }, put('')],
    [{ path: l, state: 'link', src: f, mode: '0600' }, put('')],
    [{ path: l, state: 'link', src: f, mode: '0600', follow: false }, put('')],
    [{ path: l, state: 'link', src: 'gone' }],
    [{ path: l, state: 'link', src: 'gone', force: true }],
    [{ path: l, state: 'link', src: 'd' }, both(put(''), link('f'), folder('d'))],
    [{ path: l, state: 'link', src: 'f' }, both(put(''), folder('d'), link('d'))],
    [{ path: f, state: 'link', src: 'd' }, both(put(''), folder('d'))],
    [{ path: f, state: 'link', src: 'd', force: true }, both(put(''), folder('d'))],
    [{ path: '{dir}/d', state: 'link', src: 'f', force: true }, both(put(''), folder('d'))],
    [{ path: '{dir}/d', state: 'link', src: 'f', force: true }, both(put(''), folder('d/x'))],
    [{ path: l, state: 'link' }],
    [{ path: '{dir}/h', state: 'hard', src: f }, put('')],
    [{ path: '{dir}/h', state: 'hard', src: f }, both(put(''), put('', 0o644, 'h'))],
    [{ path: '{dir}/h', state: 'hard', src: f, force: true }, both(put('x'), put('', 0o644, 'h'))],
    [{ path: '{dir}/h', state: 'hard', src: f }],
    [{ path: '{dir}/h', mode: '0600' }, both(put(''), dir => linkSync(join(dir, 'f'), join(dir, 'h')))],
    [{ path: f, state: 'touch', src: 'x' }],
    [{ path: f, state: 'touch', recurse: true }],
    [
      { path: '{dir}/d', state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'nobody' },
      both(folder('d/e'), put('', 0o644, 'd/e/f'), put('', 0o755, 'd/x')),
    ],
    [{ path: '{dir}/d', recurse: true, mode: '0700' }, both(folder('d'), put('', 0o700, 'd/x'))],
    [{ path: '{dir}/d', recurse: true, owner: 'nobody' }, both(folder('d'), folder('out'), put('', 0o644, 'out/f'), link('../out', 'd/l'))],
    [
      { path: '{dir}/d', recurse: true, owner: 'nobody', follow: false },
      both(folder('d'), folder('out'), put('', 0o644, 'out/f'), link('../out', 'd/l')),
    ],
    [{ path: f, owner: 'no-such-user' }, put('')],
    [{ path: f, group: 'no-such-group' }, put('')],
  ] as const
).map(([args, prepare]) => ({ module: 'file', args, ...(prepare && { prepare }) }));

const LINES = 'one=1\ntwo=2\n# three=3\ntwo=22\n';
const lineinfile: readonly Case[] = (
  [
    [{ path: f, line: 'four=4' }],
    [{ path: f, line: 'four=4' }, put(LINES.slice(0, -1))],
    [{ path: f, line: 'two=2' }],
    [{ path: f, regexp: '^two=', line: 'two=3' }],
    [{ path: f, regexp: '^two=', line: 'two=3', firstmatch: true }],
    [{ path: f, regexp: '^five=', line: 'five=5', insertafter: '^one' }],
    [{ path: f, regexp: '^five=', line: 'five=5', insertafter: '^two', firstmatch: true }],
    [{ path: f, line: 'five=5', insertbefore: '^two' }],
    [{ path: f, line: 'five=5', insertbefore: 'nowhere' }],
    [{ path: f, line: 'five=5', insertbefore: 'BOF' }],
    [{ path: f, line: 'five=5', insertafter: 'BOF' }],
    [{ path: f, line: 'five=5', insertafter: '^two=22' }],
    [{ path: f, regexp: '^#\\s*(?P<name>\\w+)=(.*)$', line: '\\g<name>=\\2!', backrefs: true }],
    [{ path: f, regexp: '^nothing', line: 'x', backrefs: true }],
    [{ path: f, search_string: '=22', line: 'x' }],
    [{ path: f, regexp: '(?i)^TWO', state: 'absent' }],
    [{ path: f, line: 'two=2', state: 'absent', backup: true }],
    [{ path: f, search_string: 'o', state: 'absent' }],
    [{ path: f, line: 'x', state: 'absent' }, () => undefined],
    [{ path: f, line: 'x' }, () => undefined],
    [{ path: '{dir}/a/b', line: 'x', create: true, mode: '0600' }, () => undefined],
    [{ path: f, line: 'x', mode: '0600', owner: 'nobody' }],
    [{ path: f, line: 'two=2', mode: '0600' }],
    [{ path: l, line: 'x', mode: '0600' }, both(put(LINES), link('f'))],
    [{ path: f, regexp: 'ü.', line: 'süß' }, put('über\nunder\n')],
    [{ path: f, line: 'x' }, put(Buffer.from('\xff\xfe\n', 'latin1'))],
    [{ path: f, regexp: '^two', line: 'two\r' }, put('one\r\ntwo\r\n')],
    [{ path: f, line: 'two=3', regexp: '^two', validate: 'grep two=4 %s' }],
    [{ path: '{dir}', line: 'x' }],
    [{ path: f, state: 'present' }],
    [{ path: f, state: 'absent' }],
    [{ path: f, line: 'x', insertafter: 'a', insertbefore: 'b' }],
    [{ path: f, line: 'x', backrefs: true }],
  ] as const
).map(([args, prepare = put(LINES, 0o640)]) => ({ module: 'lineinfile', args, prepare }));

const BLOCK = 'one\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\ntwo\n';
const blockinfile: readonly Case[] = (
  [
    [{ path: f, block: 'new\nlines' }],
    [{ path: f, block: 'old\n' }],
    [{ path: f, block: '' }],
    [{ path: f, state: 'absent' }],
    [{ path: f, block: 'x', marker: '<!-- {mark} -->', marker_begin: 'A', marker_end: 'Z', insertbefore: '^two' }],
    [{ path: f, block: 'x', marker: '; {mark}', insertafter: '^o' }],
    [{ path: f, block: 'x', marker: '; {mark}', insertafter: 'nowhere' }],
    [{ path: f, block: 'x', marker: '; {mark}', insertbefore: 'BOF' }],
    [{ path: f, block: 'x', marker: '; {mark}', insertafter: '(?m)SERVER\\ntwo' }],
    [{ path: f, block: 'x', marker: '; {mark}', insertbefore: '(?m)^two' }],
    [{ path: f, block: 'x', append_newline: true, prepend_newline: true }],
    [{ path: f, block: 'x', marker: '; {mark}', append_newline: true, prepend_newline: true, insertafter: 'one' }],
    [{ path: f, block: 'x' }, put('no end')],
    [{ path: f, block: 'x' }, put('')],
    [{ path: f, block: 'x', create: true, mode: '0600' }, () => undefined],
    [{ path: f, block: 'x' }, () => undefined],
    [{ path: f, block: 'x', state: 'absent', create: true }, () => undefined],
    [{ path: f, block: 'x', backup: true, group: 'nogroup' }],
    [{ path: l, block: 'x' }, both(put(BLOCK), link('f'))],
    [{ path: '{dir}', block: 'x' }],
  ] as const
).map(([args, prepare = put(BLOCK, 0o640)]) => ({ module: 'blockinfile', args, prepare }));

const replace: readonly Case[] = (
  [
    [{ path: f, regexp: 'o', replace: '0' }],
    [{ path: f, regexp: '^(t\\w+)=(\\d+)$', replace: '\\2=\\g<1>' }],
    [{ path: f, regexp: '^#.*\\n' }],
    [{ path: f, regexp: 'nothing', replace: 'x' }],
    [{ path: f, regexp: 'two', replace: 'two' }],
    [{ path: f, regexp: '\\d', replace: 'N', after: '^one.*?\\n', before: '#' }],
    [{ path: f, regexp: '\\d', replace: 'N', after: '# three' }],
    [{ path: f, regexp: '\\d', replace: 'N', before: '# three' }],
    [{ path: f, regexp: '\\d', replace: 'N', before: 'nowhere', mode: '0600' }],
    [{ path: f, regexp: 'x*', replace: '-' }],
    [{ path: f, regexp: 'o', replace: '0', backup: true, mode: '0600' }],
    [{ path: f, regexp: '[äö]', replace: 'ü' }, put('äöü\n')],
    [{ path: f, regexp: 'b', replace: 'x' }, put(Buffer.from('a\xffb\n', 'latin1'))],
    [{ path: f, regexp: 'o' }, () => undefined],
    [{ path: '{dir}', regexp: 'o' }],
  ] as const
).map(([args, prepare = put(LINES, 0o640)]) => ({ module: 'replace', args, prepare }));

const find: readonly Case[] = (
  [
    { paths: '{dir}/t' },
    { paths: '{dir}/t', recurse: true },
    { paths: '{dir}/t', recurse: true, hidden: true, patterns: '*.log,.h*' },
    { paths: ['{dir}/t'], patterns: ['^.*\\.log$'], use_regex: true, recurse: true },
    { paths: '{dir}/t', recurse: true, excludes: '*.log' },
    { paths: '{dir}/t', recurse: true, file_type: 'directory' },
    { paths: '{dir}/t', recurse: true, file_type: 'link' },
    { paths: '{dir}/t', recurse: true, file_type: 'any', get_checksum: true },
    { paths: '{dir}/t', recurse: true, depth: 2 },
    { paths: '{dir}/t', recurse: true, size: '1k' },
    { paths: '{dir}/t', recurse: true, size: '-1k' },
    { paths: '{dir}/t', recurse: true, age: '1d' },
    { paths: '{dir}/t', recurse: true, age: '-1d' },
    { paths: '{dir}/t', recurse: true, contains: '.*find' },
    { paths: '{dir}/t', recurse: true, contains: 'me' },
    { paths: '{dir}/t', recurse: true, contains: 'e1.find', read_whole_file: true },
    { paths: '{dir}/t', recurse: true, mode: '0600' },
    { paths: '{dir}/t', recurse: true, mode: '0011', exact_mode: false },
    { paths: '{dir}/t', recurse: true, limit: 1 },
    { paths: '{dir}/t', recurse: true, follow: true },
    { paths: '{dir}/gone,{dir}/t' },
    { paths: '{dir}/t', age: 'old' },
  ] as const
).map(args => ({ module: 'find', args, prepare: forest }));

const look: readonly Case[] = [
  { module: 'stat', args: { path: f }, prepare: put('x', 0o4751) },
  { module: 'stat', args: { path: f } },
  { module: 'stat', args: { path: l }, prepare: both(put('x'), link('f')) },
  { module: 'stat', args: { path: l, follow: true, checksum_algorithm: 'sha256' }, prepare: both(put('x'), link('f')) },
  { module: 'stat', args: { path: l }, prepare: link('gone') },
  { module: 'stat', args: { path: '{dir}', get_mime: false, get_attributes: false } },
  { module: 'stat', args: { path: '/dev/null' } },
  { module: 'slurp', args: { src: f }, prepare: put(Buffer.from([0, 255])) },
  { module: 'slurp', args: { src: f } },
  { module: 'slurp', args: { src: '{dir}' } },
  { module: 'fetch', args: { src: f, dest: '{dir}/got' }, prepare: put('x') },
  { module: 'fetch', args: { src: f, dest: '{dir}/got/', flat: true }, prepare: put('x') },
  { module: 'fetch', args: { src: f, dest: '{dir}/got', flat: true }, prepare: both(put('x'), put('old', 0o600, 'got')) },
  { module: 'fetch', args: { src: f, dest: '{dir}/got' } },
  { module: 'fetch', args: { src: f, dest: '{dir}/got', fail_on_missing: false } },
  { module: 'fetch', args: { src: '{dir}', dest: '{dir}/got' } },
  { module: 'fetch', args: { src: f, dest: '{dir}', flat: true }, prepare: put('x') },
];

export const cases: readonly Case[] = [...copy, ...file, ...lineinfile, ...blockinfile, ...replace, ...find, ...look];
