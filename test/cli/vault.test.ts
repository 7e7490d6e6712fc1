import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encrypt, type Secret, Vault } from '../../src/vault/vault.ts';
import { folder, kplay, onTerminal, started } from './_kplay.ts';

const secretOf = (label: string, password: string): Secret => ({ label, password: Buffer.from(password) });
const mine = secretOf('default', 'hunter2');
const dev = secretOf('dev', 'of dev');
const sealed = (text: string, secret = mine): string => encrypt(Buffer.from(text), secret);
const PASSWORDS = { pw: 'hunter2\n', 'pw.dev': 'of dev\n', 'pw.wrong': 'wrong\n' };
const WITH = ['--vault-password-file', 'pw'] as const;
const read = (dir: string, name: string, vault = new Vault([mine, dev])): string =>
  vault.decrypt(readFileSync(join(dir, name)), name).toString();
const vault = (dir: string, ...args: readonly string[]): ReturnType<typeof kplay> => kplay(dir, ['vault', ...args]);

describe('encrypt and decrypt', () => {
  test('a file in its place, which is then its owner’s alone', async () => {
    const dir = folder({ ...PASSWORDS, f: 'text\n' });
    linkSync(join(dir, 'f'), join(dir, 'before'));
    expect(await vault(dir, 'encrypt', 'f', ...WITH)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([read(dir, 'f'), readFileSync(join(dir, 'before'), 'utf8')]).toEqual(['text\n', 'text\n']);
    expect(statSync(join(dir, 'f')).mode & 0o777).toBe(0o600);
    expect(await vault(dir, 'encrypt', 'f', ...WITH)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('input is already encrypted'),
    });
    expect(await vault(dir, 'decrypt', 'f', ...WITH)).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'f'), 'utf8')).toBe('text\n');
  });
  test('stdin to stdout, and --output', async () => {
    const dir = folder({ ...PASSWORDS, f: sealed('text') });
    const { child, ran } = started(dir, ['vault', 'encrypt', ...WITH]);
    child.stdin?.end('piped');
    expect(new Vault([mine]).decrypt((await ran).stdout, 'stdout').toString()).toBe('piped');
    expect(await vault(dir, 'decrypt', 'f', '--output', '-', ...WITH)).toEqual({ code: 0, stdout: 'text', stderr: '' });
    expect(await vault(dir, 'decrypt', 'f', '--output', 'g', ...WITH)).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'g'), 'utf8')).toBe('text');
    expect(await vault(dir, 'decrypt', 'f', 'g', '--output', 'h', ...WITH)).toMatchObject({ code: 5 });
  });
  test('under the label that is asked for', async () => {
    const dir = folder({ ...PASSWORDS, f: 'text' });
    const ids = ['--vault-id', 'pw', '--vault-id', 'dev@pw.dev'];
    expect(await vault(dir, 'encrypt', 'f', ...ids)).toMatchObject({ code: 5, stderr: expect.stringContaining('default, dev') });
    expect(await vault(dir, 'encrypt', 'f', ...ids, '--encrypt-vault-id', 'prod')).toMatchObject({ code: 1 });
    expect(await vault(dir, 'encrypt', 'f', ...ids, '--encrypt-vault-id', 'dev')).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'f'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
  });
  test.each([
    ['a wrong password', ['view', 'f', '--vault-password-file', 'pw.wrong'], 1, 'Decryption failed'],
    ['what is not encrypted', ['view', 'pw', ...WITH], 1, 'it does not begin with $ANSIBLE_VAULT'],
    ['a missing file', ['decrypt', 'nope', ...WITH], 1, 'Unable to read source file (./nope)'],
    ['a missing password file', ['view', 'f', '--vault-password-file', 'nope'], 1, 'the password file ./nope cannot be read'],
    ['no terminal to ask on', ['view', 'f'], 5, 'there is no terminal to ask "Vault password:" on'],
    ['a label that cannot be written', ['view', 'f', '--vault-id', 'a;b@pw'], 5, "'a;b@pw' is not a valid vault id"],
    ['two ways to give it', ['view', 'f', '-J', ...WITH], 2, 'cannot be used with'],
  ])('%s: exit code and error', async (_name, args, code, message) => {
    const ran = await vault(folder({ ...PASSWORDS, f: sealed('text') }), ...args);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(ran.stderr).not.toMatch(/hunter2|wrong\n/);
  });
});

test('view shows it, with a newline at the end', async () => {
  expect(await vault(folder({ ...PASSWORDS, f: sealed('a: ä') }), 'view', 'f', ...WITH)).toEqual({ code: 0, stdout: 'a: ä\n', stderr: '' });
});

test('rekey keeps owner and permissions, and writes nothing unless all can be opened', async () => {
  const dir = folder({ ...PASSWORDS, f: sealed('f'), g: sealed('g', dev) });
  chmodSync(join(dir, 'f'), 0o640);
  const before = readFileSync(join(dir, 'f'), 'utf8');
  expect(await vault(dir, 'rekey', 'f', 'g', ...WITH, '--new-vault-id', 'new@pw.wrong')).toMatchObject({ code: 1 });
  expect(readFileSync(join(dir, 'f'), 'utf8')).toBe(before);
  const ran = await vault(dir, 'rekey', 'f', 'g', ...WITH, '--vault-id', 'dev@pw.dev', '--new-vault-id', 'new@pw.wrong');
  expect(ran).toEqual({ code: 0, stdout: '', stderr: 'Rekey successful\n' });
  expect(new Vault([secretOf('new', 'wrong')]).open(readFileSync(join(dir, 'g')), 'g')).toMatchObject({
    label: 'new',
    plaintext: Buffer.from('g'),
  });
  expect(statSync(join(dir, 'f')).mode & 0o777).toBe(0o640);
});

describe('edit', () => {
  /** An editor that tells what it was given and where, and runs a command on it. */
  const editing = (command: string): Record<string, string> => ({
    'editor.sh': `#!/bin/sh\ncp "$1" seen; stat -c '%a' "$1" "$(dirname "$1")" >modes; echo "$1" >where; ${command}\n`,
  });
  const edit = (dir: string, ...args: readonly string[]): ReturnType<typeof kplay> => {
    chmodSync(join(dir, 'editor.sh'), 0o755);
    mkdirSync(join(dir, 'tmp'));
    return kplay(dir, ['vault', ...args], { EDITOR: './editor.sh', TMPDIR: join(dir, 'tmp') });
  };

  test('the text is in a private file while it is edited, and gone afterwards; label and permissions stay', async () => {
    const dir = folder({ ...PASSWORDS, ...editing('echo more >>"$1"'), 'f.yml': sealed('text\n', dev) });
    chmodSync(join(dir, 'f.yml'), 0o644);
    expect(await edit(dir, 'edit', 'f.yml', '--vault-id', 'other@pw.dev')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(dir, 'seen'), 'utf8')).toBe('text\n');
    expect(readFileSync(join(dir, 'modes'), 'utf8')).toBe('600\n700\n');
    expect(readFileSync(join(dir, 'where'), 'utf8')).toMatch(/\.yml\n$/);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
    expect(read(dir, 'f.yml')).toBe('text\nmore\n');
    expect(readFileSync(join(dir, 'f.yml'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
    expect(statSync(join(dir, 'f.yml')).mode & 0o777).toBe(0o644);
  });
  test.each([
    ['unchanged', ':', 0],
    ['given up by the editor', 'echo more >>"$1"; exit 1', 1],
    ['ended by a signal', 'echo more >>"$1"; kill -TERM "$PPID"; exec sleep 60', 1],
  ])('%s: nothing is written', async (_name, command, code) => {
    const dir = folder({ ...PASSWORDS, ...editing(command), f: sealed('text\n') });
    const before = readFileSync(join(dir, 'f'), 'utf8');
    expect(await edit(dir, 'edit', 'f', ...WITH)).toMatchObject({ code });
    expect(readFileSync(join(dir, 'f'), 'utf8')).toBe(before);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });
  test('create needs a terminal or --skip-tty-check, and a new name', async () => {
    const dir = folder({ ...PASSWORDS, ...editing('echo new >"$1"') });
    expect(await edit(dir, 'create', 'sub/f', ...WITH, '--skip-tty-check')).toMatchObject({ code: 0 });
    expect(read(dir, 'sub/f')).toBe('new\n');
    expect(await vault(dir, 'create', 'sub/f', ...WITH, '--skip-tty-check')).toMatchObject({ code: 1 });
    expect(await vault(dir, 'create', 'g', ...WITH)).toMatchObject({ code: 5, stderr: expect.stringContaining('not a tty') });
  });
});

describe('encrypt_string', () => {
  test('is a value to paste, and several have headings', async () => {
    const dir = folder(PASSWORDS);
    const { stdout, stderr, code } = await vault(dir, 'encrypt_string', 'one', 'two', '-n', 'first', ...WITH);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^first: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n(?: {10}[0-9a-f]+\n)+!vault \|\n/);
    expect(stderr).toContain('# The encrypted version of variable ("first", the string #1 from the command line args).\n');
    writeFileSync(join(dir, 'vars.yml'), stdout.slice(0, stdout.indexOf('!vault |', 10)));
    writeFileSync(join(dir, 't.j2'), '{{ first }}');
    const rendered = await kplay(dir, ['render', 't.j2', '--host', 'h', '-i', 'h,', '-e', '@vars.yml', ...WITH]);
    expect(rendered).toMatchObject({ code: 0, stdout: 'one' });
  });
  test('stdin, by a name', async () => {
    const { child, ran } = started(folder(PASSWORDS), ['vault', 'encrypt_string', '--stdin-name', 's', ...WITH]);
    child.stdin?.end('secret');
    expect((await ran).stdout).toMatch(/^s: !vault \|\n/);
  });
  test('an empty one is refused', async () => {
    expect(await vault(folder(PASSWORDS), 'encrypt_string', '', ...WITH)).toMatchObject({ code: 5 });
  });
});

test('view on a terminal goes through a pager, if there is one', async () => {
  const { code, screen } = await onTerminal(folder({ ...PASSWORDS, f: sealed('a: text') }), ['vault', 'view', 'f', ...WITH]);
  expect({ code, screen }).toMatchObject({ code: 0, screen: expect.stringContaining('a: text') });
});

test('the user is asked where nothing else is said; what is typed is not shown', async () => {
  const dir = folder({ f: sealed('text') });
  const { code, screen } = await onTerminal(dir, ['vault', 'decrypt', 'f'], { question: 'Vault password: ', answer: 'hunter2' });
  expect({ code, screen }).toMatchObject({ code: 0, screen: expect.stringContaining('Decryption successful') });
  expect(screen).not.toContain('hunter2');
  expect(readFileSync(join(dir, 'f'), 'utf8')).toBe('text');
});

const oracle = process.env['KPLAY_ORACLE'];
test.runIf(oracle)('what encrypt_string writes is what ansible-vault reads, and both say the same', { timeout: 60_000 }, async () => {
  const dir = folder({ ...PASSWORDS, f: 'text' });
  const theirs = (...args: readonly string[]): string =>
    execFileSync(join(oracle ?? '', 'ansible-vault'), args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const hidden = (text: string): string => text.replaceAll(/^ {10}[0-9a-f]+$/gm, 'hex');
  const args = ['encrypt_string', 'a', 'b', '-n', 'one', '-n', 'two', '--vault-id', 'dev@pw.dev'];
  expect(hidden((await vault(dir, ...args)).stdout)).toBe(hidden(theirs(...args)));
  await vault(dir, 'encrypt', 'f', '--vault-id', 'dev@pw.dev');
  expect(theirs('view', 'f', '--vault-id', 'dev@pw.dev')).toBe('text\n');
});
