import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Float } from '../../src/value/value.ts';
import { readExtraVars } from '../../src/vars/extra.ts';

const cwd = mkdtempSync(join(tmpdir(), 'kplay-extra-'));
writeFileSync(join(cwd, 'vars.yml'), 'a: 0644\nb: [yes]\n');
const splitPairs = (text: string): Map<string, string> | undefined =>
  text.includes('"') ? undefined : new Map(text.split(' ').map(pair => pair.split('=') as [string, string]));
const read = (...options: string[]): object => Object.fromEntries(readExtraVars(options, { splitPairs, cwd }));

test.each([
  ['pairs are texts', ['a=1 b=true'], { a: '1', b: 'true' }],
  ['YAML', ['{a: 1, b: yes}'], { a: 1, b: true }],
  ['JSON', ['{"a": 1e3}'], { a: new Float(1000) }],
  ['a file', ['@vars.yml'], { a: 420, b: [true] }],
  ['the last wins', ['a=1', '@vars.yml', '{b: 2}', ''], { a: 420, b: 2 }],
])('%s', (_, options, vars) => {
  expect(read(...options)).toEqual(vars);
});

test.each([
  ['a file without @', './vars.yml', 'E_USAGE'],
  ['a list', '[1]', 'E_USAGE'],
  ['an open quote', 'a="1', 'E_USAGE'],
  ['a file that is not there', '@none.yml', 'E_FILE'],
  ['broken YAML', '{a: [}', 'E_YAML'],
])('%s is refused', (_, option, code) => {
  expect(() => read(option)).toThrow(expect.objectContaining({ code }));
});
