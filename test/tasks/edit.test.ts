import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blockinfile } from '../../src/tasks/blockinfile.ts';
import { lineinfile } from '../../src/tasks/lineinfile.ts';
import { replace } from '../../src/tasks/replace.ts';
import type { Output } from '../../src/model/module.ts';
import { converge, execute, look, runOnce, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));
const fileWith = (content: string | Buffer, mode = 0o640) => {
  const path = join(fresh(), "it's a file");
  writeFileSync(path, content, { mode });
  return path;
};
const DIFF = { check: true, diff: true };

describe.for(shells)('lineinfile in $name', shell => {
  test.for([
    ['adds at the end', { line: 'c' }, 'a\nb', 'a\nb\nc\n', 'line added'],
    ['replaces the last match', { regexp: '^a', line: 'ax' }, 'a1\na2\nb\n', 'a1\nax\nb\n', 'line replaced'],
    ['replaces the first match', { regexp: '^a', line: 'ax', firstmatch: true }, 'a1\na2\nb\n', 'ax\na2\nb\n', 'line replaced'],
    ['inserts after', { line: 'x', insertafter: '^a' }, 'a1\na2\nb\n', 'a1\na2\nx\nb\n', 'line added'],
    ['inserts before', { line: 'x', insertbefore: '^a' }, 'a1\na2\nb\n', 'a1\nx\na2\nb\n', 'line added'],
    ['inserts at the beginning', { line: 'x', insertbefore: 'BOF' }, 'a\n', 'x\na\n', 'line added'],
    ['fills groups in', { regexp: '^(\\w+)=1$', line: '\\1=2', backrefs: true }, 'a=1\n', 'a=2\n', 'line replaced'],
    ['removes', { regexp: '^a', state: 'absent' }, 'a1\na2\nb\n', 'b\n', '2 line(s) removed'],
    ['keeps bytes', { line: 'ü' }, Buffer.from([0xff, 0x0d, 0x0a]), Buffer.from([0xff, 0x0d, 0x0a, 0xc3, 0xbc, 0x0a]), 'line added'],
    ['ends the line it goes after', { line: 'x', insertafter: '^b' }, 'a\nb', 'a\nb\nx\n', 'line added'],
  ] as const)('%s', async ([, args, before, after, msg]) => {
    const path = fileWith(before);
    const { first, second } = await converge(lineinfile, { path, ...args }, { shell });
    expect([first.result['msg'], first.changes.length, second.changes]).toEqual([msg, 1, []]);
    expect(readFileSync(path)).toEqual(Buffer.from(after));
    expect([statSync(path).mode & 0o777, readdirSync(join(path, '..')).length]).toEqual([0o640, 1]);
  });

  test('leaves alone what has the line', async () => {
    const path = fileWith('a\nb\n');
    for (const args of [
      { line: 'a' },
      { regexp: '^z', line: '\\1', backrefs: true },
      { line: 'z', state: 'absent' },
      { line: 'b', insertafter: '^a' },
    ])
      expect((await runOnce(lineinfile, { path, ...args }, { shell })).changes).toEqual([]);
  });

  test('makes the file and its folder, with attributes and a backup', async () => {
    const path = join(fresh(), 'a/b');
    const made = await converge(lineinfile, { path, line: 'x', create: true, mode: '0600' }, { shell });
    expect([made.first.result, made.second.changes]).toEqual([
      { msg: 'line added and ownership, perms or SE linux context changed', backup: '' },
      [],
    ]);
    const { result } = await runOnce(lineinfile, { path, line: 'y', backup: true }, { shell });
    expect([readFileSync(String(result['backup']), 'utf8'), readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
      'x\n',
      'x\ny\n',
      0o600,
    ]);
  });

  test('edits behind a symlink', async () => {
    const path = fileWith('a\n');
    symlinkSync(path, `${path}.l`);
    await converge(lineinfile, { path: `${path}.l`, line: 'b' }, { shell });
    expect([lstatSync(`${path}.l`).isSymbolicLink(), readFileSync(path, 'utf8')]).toEqual([true, 'a\nb\n']);
  });

  test('validates before it replaces', async () => {
    const path = fileWith('a\n');
    await expect(runOnce(lineinfile, { path, line: 'b', validate: 'grep -q never %s' }, { shell })).rejects.toThrow(/failed to validate/);
    expect([readFileSync(path, 'utf8'), readdirSync(join(path, '..')).length]).toEqual(['a\n', 1]);
  });

  test('shows both texts, writes neither in check mode', async () => {
    const path = fileWith('a\n');
    const { changes } = await runOnce(lineinfile, { path, line: 'b' }, { shell, mode: DIFF });
    expect(changes).toEqual([{ key: 'content', before: 'a\n', after: 'a\nb\n' }]);
    expect(readFileSync(path, 'utf8')).toBe('a\n');
  });

  test.for([
    [{ path: '/no/such', line: 'x' }, 'Destination /no/such does not exist !'],
    [{ path: '/tmp', line: 'x' }, 'Path /tmp is a directory !'],
  ] as const)('refuses %o', async ([args, message]) => {
    await expect(runOnce(lineinfile, args, { shell })).rejects.toMatchObject({ code: 'E_STATE', message });
  });
});

test.for([
  {},
  { state: 'absent' },
  { line: 'x', insertafter: 'a', insertbefore: 'b' },
  { line: 'x', regexp: 'a', search_string: 'b' },
  { line: 'x', backrefs: true },
])('lineinfile refuses %o', raw => {
  expect(lineinfile.args.safeParse({ path: '/f', ...raw }).success).toBe(false);
});

describe.for(shells)('blockinfile in $name', shell => {
  const [BEGIN, END] = ['# BEGIN ANSIBLE MANAGED BLOCK\n', '# END ANSIBLE MANAGED BLOCK\n'];
  test.for([
    ['appends', { block: 'x\ny' }, 'a', `a\n${BEGIN}x\ny\n${END}`, 'Block inserted'],
    ['replaces', { block: 'new' }, `a\n${BEGIN}old\n${END}b\n`, `a\n${BEGIN}new\n${END}b\n`, 'Block inserted'],
    ['removes', { state: 'absent' }, `a\n${BEGIN}old\n${END}b\n`, 'a\nb\n', 'Block removed'],
    ['removes what is empty', { block: '' }, `${BEGIN}old\n${END}`, '', 'Block removed'],
    ['goes after', { block: 'x', insertafter: '^a' }, 'a\nb\n', `a\n${BEGIN}x\n${END}b\n`, 'Block inserted'],
    ['goes before', { block: 'x', insertbefore: '^b' }, 'a\nb\n', `a\n${BEGIN}x\n${END}b\n`, 'Block inserted'],
    [
      'keeps distance',
      { block: 'x', insertafter: '^a', append_newline: true, prepend_newline: true },
      'a\nb\n',
      `a\n\n${BEGIN}x\n${END}\nb\n`,
      'Block inserted',
    ],
  ] as const)('%s', async ([, args, before, after, msg]) => {
    const path = fileWith(before);
    const { first, second } = await converge(blockinfile, { path, ...args }, { shell });
    expect([first.result, readFileSync(path, 'utf8'), second.changes]).toEqual([{ msg }, after, []]);
  });
  test('refuses', async () => {
    await expect(runOnce(blockinfile, { path: '/no/such', block: 'x' }, { shell })).rejects.toMatchObject({
      message: 'Path /no/such does not exist !',
    });
    const { result } = await runOnce(blockinfile, { path: '/no/such', create: true, state: 'absent' }, { shell });
    expect([result, existsSync('/no/such')]).toEqual([{ msg: 'File /no/such not present' }, false]);
    expect(blockinfile.args.safeParse({ path: '/f', insertafter: 'a', insertbefore: 'b' }).success).toBe(false);
  });
});

describe.for(shells)('replace in $name', shell => {
  test.for([
    ['every match', { regexp: '^(\\w)=\\d', replace: '\\1=9' }, 'a=1\nb=2\n', 'a=9\nb=9\n', '2 replacements made'],
    [
      'between',
      { regexp: '\\d', replace: '9', after: '^b', before: '^c' },
      'a1\nb1\n',
      'a1\nb1\n',
      'Pattern for before/after params did not match the given file: ^b(?P<subsection>.*?)^c',
    ],
    ['after', { regexp: '\\d', replace: '9', after: 'b' }, 'a1\nb1\nc1\n', 'a1\nb9\nc9\n', '2 replacements made'],
    [
      'bytes that are no text',
      { regexp: 'b+', replace: 'ü' },
      Buffer.from('a\xffb', 'latin1'),
      Buffer.from('a\xff\xc3\xbc', 'latin1'),
      '1 replacements made',
    ],
    ['nothing', { regexp: 'z' }, 'a\n', 'a\n', ''],
  ] as const)('%s', async ([, args, before, after, msg]) => {
    const path = fileWith(before);
    const { first, second } = await converge(replace, { path, ...args }, { shell });
    expect([first.result, readFileSync(path), second.changes]).toEqual([{ msg, rc: 0 }, Buffer.from(after), []]);
  });
  test('refuses', async () => {
    await expect(runOnce(replace, { path: '/no/such', regexp: 'x' }, { shell })).rejects.toMatchObject({
      message: 'Path /no/such does not exist !',
    });
    await expect(runOnce(replace, { path: '/etc/passwd', regexp: '(' }, { shell })).rejects.toMatchObject({ code: 'E_TEMPLATE' });
    expect(replace.args.safeParse({ path: '/f' }).success).toBe(false);
  });
});

test('a replacement that Python cannot read fails, whether or not anything matches', async () => {
  for (const [replacement, why] of [
    ['\\D', 'bad escape \\D'],
    ['\\2', 'invalid group reference 2'],
    ['\\g<b>', "unknown group name 'b'"],
  ])
    await expect(runOnce(replace, { path: fileWith('none'), regexp: '(?P<a>x)', replace: replacement })).rejects.toThrow(
      `Unable to process replace due to error: ${why}`,
    );
});

describe.for(shells)('what an edit leaves, in $name', shell => {
  /** What it tells of the file, and what a look shows. */
  const told = (args: object, path: string, act: (script: string) => Output = script => execute(shell, script)) => {
    const given = lineinfile.args.parse({ path, ...args });
    const seen = lineinfile.observe(given, { check: false, diff: false }).map(probe => probe && look<unknown>(probe, shell)) as never;
    const left = lineinfile.leaves!(given, seen, []);
    const outputs = lineinfile.act(given, seen, [], true).map(({ script }) => act(script));
    return left.map(({ probe, read }) => [read(outputs)?.seen, look(probe, shell)]);
  };
  const asSeen = (pairs: readonly (readonly unknown[])[]): void => {
    expect(pairs.length).toBe(2);
    for (const [said, seen] of pairs) expect(said).toEqual(seen);
  };

  test('it tells as a look would', () => {
    asSeen(told({ line: 'b' }, fileWith('a\n')));
    asSeen(told({ line: 'b', backup: true }, fileWith('a\n', 0o604)));
    asSeen(told({ regexp: 'a', state: 'absent' }, fileWith('a\n')));
  });

  test('or nothing, where more than the text may have changed', () => {
    const link = join(fresh(), 'link');
    symlinkSync(fileWith('a\n'), link);
    expect(told({ line: 'b' }, link)).toEqual([]);
    expect(told({ line: 'b', create: true }, join(fresh(), 'new'))).toEqual([]);
    expect(told({ line: 'b', mode: '0600' }, fileWith('a\n'))).toEqual([]);
    expect(told({ line: 'b', unsafe_writes: true }, fileWith('a\n'))).toEqual([]);
    expect(told({ line: 'a' }, fileWith('a\n'))).toEqual([]);
    const other = fileWith('a\n');
    const unkept = told({ line: 'b' }, other, script => execute(shell, `${script.replace(/^mv .*$/m, '$&; chmod 0604 "$dest"')}`));
    expect(unkept.map(([said]) => said)).toEqual([undefined, undefined]);
    const more = told({ line: 'b' }, fileWith('a\n'), script => execute(shell, script.replace(/^mv .*$/m, '$&; echo daemon >>"$dest"')));
    expect(more.map(([said]) => said)).toEqual([undefined, undefined]);
  });
});
