import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const cwd = mkdtempSync(join(tmpdir(), 'kplay-cli-'));
interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const kplay = (args: readonly string[], node: readonly string[] = []): Promise<Ran> =>
  new Promise(done => {
    const env = { PATH: process.env['PATH'], HOME: cwd };
    execFile(process.execPath, [...node, MAIN, ...args], { cwd, env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });

test('--version', async () => {
  expect(await kplay(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kplay \d+\.\d+\.\d+\n$/), stderr: '' });
});

test('run --help lists what people type without thinking, on stdout', async () => {
  const { code, stdout } = await kplay(['run', '--help']);
  expect(code).toBe(0);
  for (const option of '-i -l -t -e -f -u -b -K -k -v -C -D -c -T --skip-tags --start-at-task --list-hosts --list-tasks --list-tags --syntax-check --private-key --become-user --become-method --become-password-file --accept-new --force-handlers --json --report --profile --window --semantics --strict --no-color'.split(
    ' ',
  )) {
    expect(stdout).toContain(`${option}`);
  }
});

test.each([
  ['an unknown option', ['run', '--nope', 'x'], 2],
  ['no playbook', ['run'], 2],
  ['no forks', ['run', 'x', '-f', '0'], 2],
  ['an unknown command', ['nope'], 2],
  ['no command', [], 2],
  ['a missing playbook', ['run', 'missing.yml'], 1],
  ['nothing to show', ['inventory'], 5],
] as const)('%s: exit code', async (_name, args, code) => {
  const ran = await kplay(args);
  expect(ran).toMatchObject({ code, stdout: '' });
  expect(ran.stderr).not.toMatch(/\n\s+at .*\.ts:/);
});

test.each([['--help'], ['run --help'], ['lab --help']])('%s prints its page, and loads nothing', async line => {
  const { stdout, stderr } = await kplay(line.split(' '), ['--import', `data:text/javascript,${encodeURIComponent(WATCH)}`]);
  expect(stdout).toContain('Usage: kplay');
  expect([...stderr.matchAll(/^load (.*)$/gm)].map(([, url]) => url)).toEqual([pathToFileURL(MAIN).href]);
});
const WATCH = `
import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (url.startsWith('file:')) process.stderr.write('load ' + url + '\\n'); return next(url, context); } });
`;
