import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffText } from '../../src/report/diff.ts';

test.each([
  ['a created file', null, 'x\n', '--- before: /f\n+++ after: /f\n@@ -0,0 +1 @@\n+x\n'],
  ['a removed file', 'x\ny\n', null, '--- before: /f\n+++ after: /f\n@@ -1,2 +0,0 @@\n-x\n-y\n'],
  ['a missing last newline', 'x\n', 'x', '--- before: /f\n+++ after: /f\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n'],
  ['no difference', 'x', 'x', ''],
])('%s', (_name, before, after, text) => {
  expect(diffText([{ key: 'content', before, after }], { path: '/f' })).toBe(text);
});

test('fields are compared together, as JSON', () => {
  const changes = [
    { key: 'owner', before: 'root', after: 'www' },
    { key: 'mode', before: '0644', after: '0600' },
  ];
  expect(diffText(changes, {})).toBe(
    '--- before\n+++ after\n@@ -1,4 +1,4 @@\n {\n-    "mode": "0644",\n-    "owner": "root"\n+    "mode": "0600",\n+    "owner": "www"\n }\n',
  );
});

test('each file of a folder is headed by its path, and a command has no difference', () => {
  const changes = [
    { path: '/d/a', key: 'content', before: 'x\n', after: 'y\n' },
    { path: '/d/b', key: 'mode', before: '0644', after: '0600' },
    { key: 'command', before: null, after: 'reboot' },
  ];
  const heads = diffText(changes, { dest: '/d' })
    .split('\n')
    .filter(line => line.startsWith('--- '));
  expect(heads).toEqual(['--- before: /d/a', '--- before: /d/b']);
  expect(diffText(changes.slice(2), {})).toBe('');
});

const python = process.env['KPLAY_ORACLE'];
test.runIf(python)("hunk headers are difflib's", () => {
  const script = `import difflib, json, sys
for a, b in json.load(sys.stdin):
    print(json.dumps([l.rstrip() for l in difflib.unified_diff(a, b) if l.startswith('@@')]))`;
  const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n'), { maxLength: 12 });
  const pairs = fc.sample(fc.tuple(lines, lines), { numRuns: 200, seed: 1 });
  // Both find a shortest edit, but not always the same one: only diffs of pure insertion or removal are unambiguous enough to compare.
  const plain = pairs.map(([a]): [string[], string[]] => [a, [...a, 'z\n']]);
  const said = execFileSync(`${python}/python3`, ['-c', script], { input: JSON.stringify(plain), encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(
    plain.map(([a, b]) =>
      diffText([{ key: 'content', before: a.join(''), after: b.join('') }], {})
        .split('\n')
        .filter(l => l.startsWith('@@')),
    ),
  ).toEqual(said.map(line => JSON.parse(line) as unknown));
});
