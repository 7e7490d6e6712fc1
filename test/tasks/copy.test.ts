import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copy } from '../../src/tasks/copy.ts';
import { template } from '../../src/tasks/template.ts';
import { converge, runOnce, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const CHECK = { check: true, diff: false };
const DIFF = { check: false, diff: true };

describe.for(shells)('copy in $name', shell => {
  test.for([
    ['absent file', undefined, ['state', 'sha256', 'mode']],
    ['stale file', 'old', ['sha256', 'mode']],
    ['right text, wrong mode', 'new\n', ['mode']],
  ] as const)('content: %s', async ([, before, keys]) => {
    const dest = join(fresh(), "it's odd.conf");
    if (before !== undefined) writeFileSync(dest, before, { mode: 0o600 });
    const { first, second } = await converge(copy, { dest, content: 'new\n', mode: '0640' }, { shell });
    expect(first.changes.map(({ key }) => key)).toEqual(keys);
    expect(second.changes).toEqual([]);
    expect([readFileSync(dest, 'utf8'), mode(dest)]).toEqual(['new\n', '640']);
    expect(first.result).toMatchObject({ dest, mode: '0640', owner: 'root', group: 'root', uid: 0, gid: 0, size: 4, state: 'file' });
    expect(first.result['checksum']).toBe(second.result['checksum']);
    expect(readdirSync(join(dest, '..'))).toEqual(["it's odd.conf"]);
  });

  test('a new file gets 0666 less the umask, an old one keeps its owner and mode', async () => {
    const dir = fresh();
    await converge(copy, { dest: join(dir, 'new'), content: 'x' }, { shell });
    expect(mode(join(dir, 'new'))).toBe('644');
    writeFileSync(join(dir, 'old'), 'x', { mode: 0o604 });
    chmodSync(join(dir, 'old'), 0o604);
    await runOnce(copy, { dest: join(dir, 'old'), content: 'y', owner: 65_534, group: 'root' }, { shell });
    await runOnce(copy, { dest: join(dir, 'old'), content: 'z' }, { shell });
    const { uid, gid } = statSync(join(dir, 'old'));
    expect([uid, gid, mode(join(dir, 'old'))]).toEqual([65_534, 0, '604']);
  });

  test('check mode writes nothing, diff mode tells both texts', async () => {
    const dest = join(fresh(), 'f');
    const checked = await runOnce(copy, { dest, content: 'new\n' }, { shell, mode: { check: true, diff: true } });
    expect(checked.result).toMatchObject({ dest, checksum: expect.any(String) });
    expect([existsSync(dest), checked.changes]).toEqual([
      false,
      [
        { key: 'state', before: 'absent', after: 'file' },
        { key: 'content', before: '', after: 'new\n' },
      ],
    ]);
    writeFileSync(dest, 'old\n');
    const { changes } = await runOnce(copy, { dest, content: 'new\n' }, { shell, mode: DIFF });
    expect(changes).toEqual([{ key: 'content', before: 'old\n', after: 'new\n' }]);
  });

  test('a symlink is replaced, or followed when asked', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'real'), 'old');
    symlinkSync('real', join(dir, 'link'));
    const { first, second } = await converge(copy, { dest: join(dir, 'link'), content: 'new', follow: true }, { shell });
    expect([first.changes.length, second.changes.length]).toEqual([1, 0]);
    expect([readFileSync(join(dir, 'real'), 'utf8'), lstatSync(join(dir, 'link')).isSymbolicLink()]).toEqual(['new', true]);
    expect(first.result['dest']).toBe(join(dir, 'real'));
    const replaced = await converge(copy, { dest: join(dir, 'link'), content: 'new' }, { shell });
    expect([replaced.first.changes.length, replaced.second.changes.length]).toEqual([1, 0]);
    expect(lstatSync(join(dir, 'link')).isFile()).toBe(true);
  });

  test('backup, validate and force', async () => {
    const dir = fresh();
    const dest = join(dir, 'f.conf');
    writeFileSync(dest, 'old', { mode: 0o640 });
    const { result } = await runOnce(copy, { dest, content: 'new', backup: true, validate: 'grep -q new %s' }, { shell });
    expect(readFileSync(String(result['backup_file']), 'utf8')).toBe('old');
    expect(String(result['backup_file'])).toMatch(/f\.conf\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
    expect(mode(String(result['backup_file']))).toBe('640');
    await expect(runOnce(copy, { dest, content: 'bad', validate: "sh -c 'case %s in *.conf) exit 3;; esac'" }, { shell })).rejects.toThrow(
      /failed to validate \(exit status 3\)/,
    );
    const said = { exit_status: 2, stdout: 'out\n', stdout_lines: ['out'], stderr: 'err', stderr_lines: ['err'] };
    const complaint = "sh -c 'echo out; printf err >&2; exit 2' %s";
    await expect(runOnce(copy, { dest, content: 'bad', validate: complaint }, { shell })).rejects.toMatchObject({
      fields: { ...said, checksum: createHash('sha1').update('bad').digest('hex') },
    });
    expect([readFileSync(dest, 'utf8'), readdirSync(dir).length]).toEqual(['new', 2]);
    const kept = await runOnce(copy, { dest, content: 'other', force: false, mode: '0600' }, { shell });
    expect([kept.changes, kept.result]).toEqual([[], { dest }]);
  });

  test('what did not arrive whole leaves the old file and nothing else', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'f'), 'old');
    writeFileSync(join(dir, 'src'), 'x'.repeat(2 << 20));
    const cut = {
      ...copy,
      act: (...all: Parameters<typeof copy.act>) => copy.act(...all).map(step => ({ ...step, stdin: Buffer.from('x') })),
    };
    const controller = { find: () => join(dir, 'src') };
    await expect(runOnce(cut, { dest: join(dir, 'f'), src: 'src' }, { shell, controller })).rejects.toThrow(
      /Transfer failed: 1 bytes of 2097152/,
    );
    expect([readFileSync(join(dir, 'f'), 'utf8'), readdirSync(dir)]).toEqual(['old', ['f', 'src']]);
    await converge(copy, { dest: join(dir, 'f'), src: 'src' }, { shell, controller });
    expect(statSync(join(dir, 'f')).size).toBe(2 << 20);
  });

  test.for([{ mode: '0600' }, {}])('a secret is nobody else’s while it arrives and afterwards: %j', async given => {
    const dir = fresh();
    const dest = join(dir, 'secret');
    if (given.mode === undefined) writeFileSync(dest, 'old', { mode: 0o600 });
    // Looks at everything in the folder after every part of the program.
    const watched = {
      ...copy,
      act: (...all: Parameters<typeof copy.act>) =>
        copy.act(...all).map(step => ({
          ...step,
          script: step.script.replaceAll(
            /^(?=trap|case|mv|chmod|printf)/gm,
            `find ${dir} -mindepth 1 -type f -exec stat -c %a {} + >>${dir}.log\n`,
          ),
        })),
    };
    await runOnce(watched, { dest, content: 'new', ...given }, { shell });
    const seen = [...readFileSync(`${dir}.log`, 'utf8').split('\n').filter(Boolean), mode(dest)];
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen)).toEqual(new Set(['600']));
    expect(readFileSync(dest, 'utf8')).toBe('new');
  });

  test('a file goes below a directory; a trailing slash makes it', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'src'), 'x', { mode: 0o755 });
    const controller = { find: () => join(dir, 'src') };
    mkdirSync(join(dir, 'd'));
    const { first, second } = await converge(copy, { src: 'src', dest: join(dir, 'd'), mode: 'preserve' }, { shell, controller });
    expect([first.result['dest'], second.changes, mode(join(dir, 'd/src'))]).toEqual([join(dir, 'd/src'), [], '755']);
    await converge(copy, { src: 'src', dest: join(dir, 'a/b/'), directory_mode: '0750', mode: '0600' }, { shell, controller });
    expect([mode(join(dir, 'a')), mode(join(dir, 'a/b')), mode(join(dir, 'a/b/src'))]).toEqual(['750', '750', '600']);
  });

  test('a directory with all that is in it', async () => {
    const dir = fresh();
    const from = join(dir, 'from');
    mkdirSync(join(from, 'sub/$HOME'), { recursive: true });
    mkdirSync(join(from, 'empty'));
    writeFileSync(join(from, 'a'), 'a');
    writeFileSync(join(from, 'sub/$HOME/b b'), 'b');
    symlinkSync('a', join(from, 'link'));
    symlinkSync('..', join(from, 'sub/up'));
    const controller = { find: () => from };
    const { first, second } = await converge(
      copy,
      { src: 'from', dest: join(dir, 'to'), mode: '0600', directory_mode: '0700' },
      { shell, controller },
    );
    expect(second.changes).toEqual([]);
    expect(first.result).toEqual({ src: from, dest: join(dir, 'to/') });
    expect(readdirSync(join(dir, 'to/from')).toSorted()).toEqual(['a', 'empty', 'link', 'sub']);
    expect([readFileSync(join(dir, 'to/from/sub/$HOME/b b'), 'utf8'), lstatSync(join(dir, 'to/from/link')).isFile()]).toEqual(['b', true]);
    expect([lstatSync(join(dir, 'to/from/sub/up')).isSymbolicLink(), mode(join(dir, 'to/from/sub/$HOME'))]).toEqual([true, '700']);
    await converge(copy, { src: 'from/', dest: join(dir, 'in'), local_follow: false }, { shell, controller });
    expect(lstatSync(join(dir, 'in/link')).isSymbolicLink()).toBe(true);
  });

  test.for([
    [{ dest: '/no/such/dir/f', content: '' }, 'E_STATE', 'Destination directory /no/such/dir does not exist'],
    [{ dest: '/tmp', content: '' }, 'E_STATE', 'can not use content with a dir as dest'],
    [{ dest: '/tmp/', content: '' }, 'E_ARGS', 'can not use content with a dir as dest'],
    [{ dest: '/dev/null', content: 'x' }, 'E_STATE', '/dev/null is a character, not a file'],
    [{ dest: '/tmp/kplay-x', content: '', owner: 'no-such-user' }, 'E_STATE', 'chown failed: failed to look up user no-such-user'],
    [{ dest: '/tmp/kplay-x', content: '', src: 'x' }, 'E_ARGS', 'src and content are mutually exclusive'],
    [{ dest: '/tmp/kplay-x' }, 'E_ARGS', 'src (or content) is required'],
    [{ dest: '/tmp/kplay-x', content: '', validate: 'true' }, 'E_ARGS', 'validate must contain %s: true'],
  ] as const)('refuses %o', async ([args, code, message]) => {
    await expect(runOnce(copy, args, { shell })).rejects.toMatchObject({ code, message });
    expect(existsSync('/tmp/kplay-x')).toBe(false);
  });

  test('check mode does not miss what earlier tasks would have made', async () => {
    const { changes } = await runOnce(copy, { dest: '/no/such/dir/f', content: '', owner: 'nobody-yet' }, { shell, mode: CHECK });
    expect(changes.length).toBeGreaterThan(0);
  });

  test('within the host', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'src'), 'x', { mode: 0o755 });
    const { first, second } = await converge(copy, { src: join(dir, 'src'), dest: join(dir, 'new'), remote_src: true }, { shell });
    expect([first.result['src'], second.changes, mode(join(dir, 'new'))]).toEqual([join(dir, 'src'), [], '644']);
    writeFileSync(join(dir, 'src'), 'y');
    await converge(copy, { src: join(dir, 'src'), dest: join(dir, 'new'), remote_src: true }, { shell });
    expect([readFileSync(join(dir, 'new'), 'utf8'), mode(join(dir, 'new'))]).toEqual(['y', '755']);
    await converge(copy, { src: join(dir, 'src'), dest: join(dir, 'p/'), remote_src: true, mode: 'preserve' }, { shell });
    expect(mode(join(dir, 'p/src'))).toBe('755');
    await expect(runOnce(copy, { src: '/no/such', dest: dir, remote_src: true }, { shell })).rejects.toMatchObject({
      message: 'Source /no/such not found',
    });
  });

  test('a directory within the host', async () => {
    const dir = fresh();
    mkdirSync(join(dir, 'from/sub/$HOME'), { recursive: true });
    writeFileSync(join(dir, 'from/a'), 'a', { mode: 0o600 });
    writeFileSync(join(dir, 'from/sub/$HOME/line\nbreak'), 'b', { mode: 0o755 });
    symlinkSync('a', join(dir, 'from/link'));
    const args = { src: join(dir, 'from/'), dest: join(dir, 'to'), remote_src: true };
    const { first, second } = await converge(copy, args, { shell });
    expect([first.result['dest'], second.changes, lstatSync(join(dir, 'to/link')).isSymbolicLink()]).toEqual([join(dir, 'to'), [], true]);
    expect([mode(join(dir, 'to/a')), mode(join(dir, 'to/sub/$HOME/line\nbreak')), mode(join(dir, 'to'))]).toEqual(['600', '755', '755']);
    writeFileSync(join(dir, 'from/a'), 'A');
    const again = await converge(copy, { ...args, owner: 'nobody', mode: '0700', local_follow: true }, { shell });
    expect(again.second.changes).toEqual([]);
    expect([readFileSync(join(dir, 'to/a'), 'utf8'), statSync(join(dir, 'to/sub')).uid, mode(join(dir, 'to'))]).toEqual([
      'A',
      65_534,
      '700',
    ]);
    expect(lstatSync(join(dir, 'to/link')).isFile()).toBe(true);
    const inside = await converge(copy, { ...args, src: join(dir, 'from') }, { shell });
    expect([inside.first.result['dest'], inside.second.changes]).toEqual([join(dir, 'to/from'), []]);
  });

  test('template places what the controller renders', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'x.j2'), '', { mode: 0o640 });
    const controller = {
      find: (name: string) => join(dir, name),
      render: async (_: string, { newlineSequence = '' }) => `ü${newlineSequence}`,
    };
    const args = { src: 'x.j2', dest: dir, newline_sequence: '\\r\\n', output_encoding: 'latin-1', mode: '0600' };
    mkdirSync(join(dir, 'd'));
    const { first, second } = await converge(template, { ...args, dest: join(dir, 'd') }, { shell, controller });
    expect([second.changes, readFileSync(join(dir, 'd/x.j2'), 'latin1')]).toEqual([[], 'ü\r\n']);
    expect(first.result).toMatchObject({ dest: join(dir, 'd/x.j2'), mode: '0600', size: 3 });
  });
});

test.for([
  [{ a: [1, true, null, 'ü"'] }, '{"a": [1, true, null, "\\u00fc\\""]}'],
  [[], '[]'],
  [5, '5'],
  [true, 'True'],
] as const)('content %o is written as Ansible writes it', async ([content, text]) => {
  const dest = join(fresh(), 'f');
  await runOnce(copy, { dest, content });
  expect(readFileSync(dest, 'utf8')).toBe(text);
});

test.for([{ mode: '9' }, { mdoe: '0644' }, { force: 'perhaps' }, { dest: ['a'], content: {} }])('copy refuses %o', raw => {
  expect(copy.args.safeParse({ dest: '/a', ...raw }).success).toBe(Array.isArray(raw.dest));
});
