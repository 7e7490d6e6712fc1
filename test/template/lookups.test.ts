import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, plainScope, scratch, templar } from './_templar.ts';

const folder = scratch();
const role = join(folder, 'role');
for (const name of ['files', 'templates']) mkdirSync(join(role, name), { recursive: true });
writeFileSync(join(role, 'files', 'b.txt'), 'b');
writeFileSync(join(role, 'files', 'a.txt'), 'from role\n\n');
writeFileSync(join(folder, 'a.txt'), 'from play\n');
writeFileSync(join(role, 'templates', 'data.j2'), '[{{ n }}, {{ extra | default(0) }}]\n');
writeFileSync(join(role, 'templates', 'text.j2'), 'a\\b {{ "x\\ty" }}\n');

const engine = templar();
const scope = plainScope({ n: 1, ansible_search_path: [role] });
const resolve = (text: string): unknown => engine.resolve(text, scope, { searchPath: [folder] });

describe('files', () => {
  test('a role’s own come first, absolute paths are taken as they are', () => {
    expect(resolve("{{ lookup('file', 'a.txt') }}")).toBe('from role');
    expect(resolve(`{{ lookup('file', '${folder}/a.txt') }}`)).toBe('from play');
    expect(resolve("{{ lookup('file', 'a.txt', 'b.txt') }}")).toBe('from role,b');
    expect(resolve("{{ lookup('file', 'a.txt', rstrip=false) }}")).toBe('from role\n\n');
    expect(failure(() => resolve("{{ lookup('file', 'none') }}")).code).toBe('E_TEMPLATE');
    expect(resolve("{{ lookup('file', 'none', errors='ignore') or 'x' }}")).toBe('x');
  });
  test('templates give data, or text when told', () => {
    expect(resolve("{{ lookup('template', 'data.j2') }}")).toEqual([1, 0]);
    expect(resolve("{{ lookup('template', 'data.j2', template_vars={'extra': 5}) }}")).toEqual([1, 5]);
    expect(resolve("{{ lookup('template', 'data.j2', convert_data=False) }}")).toBe('[1, 0]\n');
    expect(resolve("{{ lookup('template', 'text.j2') }}")).toBe('a\\b x\ty\n');
  });
  test('globs and first found', () => {
    expect(engine.lookup('fileglob', ['*.txt'], scope)).toEqual([join(role, 'files', 'a.txt'), join(role, 'files', 'b.txt')]);
    expect(engine.lookup('first_found', ['none', 'b.txt'], scope)).toEqual([join(role, 'files', 'b.txt')]);
    expect(
      engine.lookup(
        'first_found',
        [
          new Map<string, string | boolean>([
            ['files', 'none'],
            ['skip', true],
          ]),
        ],
        scope,
      ),
    ).toEqual([]);
    expect(failure(() => engine.lookup('first_found', ['none'], scope)).message).toBe('No file was found when using first_found.');
  });
});

describe('password', () => {
  test('is made up once and kept for its owner alone', () => {
    const path = join(folder, 'secrets', 'db');
    const first = resolve(`{{ lookup('password', '${path} length=12 chars=digits') }}`);
    expect(first).toMatch(/^\d{12}$/);
    expect(readFileSync(path, 'utf8')).toBe(`${String(first)}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(resolve(`{{ lookup('password', '${path}') }}`)).toBe(first);
  });
  test('a hash comes with a salt that is kept', () => {
    const path = join(folder, 'secrets', 'hashed');
    const first = resolve(`{{ lookup('password', '${path}', encrypt='md5_crypt', length=6) }}`);
    expect(first).toMatch(/^\$1\$[./\w]{8}\$[./\w]{22}$/);
    expect(readFileSync(path, 'utf8')).toMatch(/^[\w.,:-]{6} salt=[./\w]{8}\n$/);
    expect(resolve(`{{ lookup('password', '${path} encrypt=md5_crypt') }}`)).toBe(first);
    expect(resolve(`{{ lookup('password', '${path}') }}`)).toHaveLength(6);
  });
  test('/dev/null keeps nothing', () => {
    expect(resolve("{{ lookup('password', '/dev/null', length=8) }}")).toHaveLength(8);
    expect(existsSync('/dev/null')).toBe(true);
  });
});

describe('url', () => {
  // A lookup does not wait in this process, so the server cannot be in it.
  const SERVER = `
    require('node:http').createServer((request, response) => {
      if (request.url === '/lines') return response.end('one\\ntwo\\r\\n');
      if (request.url === '/moved') return response.writeHead(302, { location: '/lines' }).end();
      if (request.url === '/headers') return response.end(JSON.stringify(request.headers));
      response.writeHead(404).end('gone');
    }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
  `;
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  let at = '';
  beforeAll(async () => {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    at = `http://127.0.0.1:${port.toString().trim()}`;
  });
  afterAll(() => server.kill());

  test('gives lines, or the whole text', () => {
    expect(resolve(`{{ query('url', '${at}/lines') }}`)).toEqual(['one', 'two']);
    expect(resolve(`{{ lookup('url', '${at}/lines', split_lines=False) }}`)).toBe('one\ntwo\r\n');
    expect(resolve(`{{ lookup('url', '${at}/moved') }}`)).toBe('one,two');
  });
  test('says who asks', () => {
    const headers = resolve(`{{ lookup('url', '${at}/headers', username='u', password='p', headers={'X-A': 'b'}) | from_json }}`);
    expect(Object.fromEntries(headers as Map<string, string>)).toMatchObject({
      'user-agent': 'ansible-httpget',
      'x-a': 'b',
      authorization: 'Basic dTpw',
    });
  });
  test('fails when there is nothing, or nobody', () => {
    expect(failure(() => resolve(`{{ lookup('url', '${at}/gone') }}`)).message).toBe(`Received HTTP error for ${at}/gone : HTTP Error 404`);
    expect(failure(() => resolve("{{ lookup('url', 'http://127.0.0.1:1/') }}")).code).toBe('E_TEMPLATE');
    expect(resolve("{{ query('url', 'http://127.0.0.1:1/', errors='ignore') }}")).toEqual([]);
  });
});
