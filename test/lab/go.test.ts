import { describe, expect, test } from 'vitest';
import { goModOf } from '../../src/lab/go.ts';
import { isRecent } from '../../src/lab/toolchain.ts';

describe('go.mod of a module that only compiles others', () => {
  test('requires a module and its siblings at one version, and asks for the Go that they ask for', () => {
    const programs = { module: 'example.org/server', siblings: ['example.org/client'], version: 'v3.5.35', packages: {} };
    const replaced = { Old: { Path: 'example.org/api' }, New: { Path: '../api' } };
    expect(goModOf(programs, { Go: '1.26.0', Replace: [replaced] })).toBe(`module programs
go 1.26.0
require example.org/server v3.5.35
require example.org/client v3.5.35
`);
  });
  test('takes what the module has in its folder staging from where it is published', () => {
    const programs = { module: 'k8s.io/kubernetes', version: 'v1.34.4', staging: 'v0.34.4', packages: {} };
    const Replace = [
      { Old: { Path: 'k8s.io/api' }, New: { Path: './staging/src/k8s.io/api' } },
      { Old: { Path: 'example.org/fork' }, New: { Path: 'example.org/other' } },
    ];
    expect(goModOf(programs, { Go: '1.24.0', Replace })).toBe(`module programs
go 1.24.0
require k8s.io/kubernetes v1.34.4
replace k8s.io/api => k8s.io/api v0.34.4
`);
  });
  test('needs no replacement', () => {
    expect(goModOf({ module: 'a.org/b', version: 'v1.0.0', packages: {} }, { Go: '1.25', Replace: null })).not.toContain('replace');
  });
});

test.for([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.27 linux/arm64', true],
  ['go version go2.0.1 linux/amd64', true],
  ['go version go1.24.11 linux/amd64', false],
  ['go version devel +a1b2c3 linux/amd64', false],
] as const)('%s is new enough: %s', ([version, expected]) => {
  expect(isRecent(version)).toBe(expected);
});
