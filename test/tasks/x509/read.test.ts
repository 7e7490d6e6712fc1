import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const room = new URL('../../../src/tasks/x509/', import.meta.url).href;

test('a process that has read a certificate can still speak TLS', () => {
  const script = `
import { issue } from '${room}issue.ts';
import { makeKey } from '${room}keys.ts';
import { subjectOf } from '${room}read.ts';
const key = makeKey('ECDSA-P256');
const stated = { commonName: 'a', organization: [], names: [], usages: [], ca: false, notBefore: new Date(0), notAfter: new Date(1e12) };
const subject = subjectOf(issue(stated, key, { key }));
process.stdout.write(subject + ' ' + typeof process.getBuiltinModule('node:tls').createSecureContext);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(said).toBe('CN=a function');
});
