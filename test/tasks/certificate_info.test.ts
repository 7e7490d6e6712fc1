import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { certificateInfo } from '../../src/tasks/certificate_info.ts';
import { converge, runOnce, shells } from './_converge.ts';

const dir = mkdtempSync(join(tmpdir(), 'kplay-certificate-'));
const file = join(dir, "it's.crt");
const names = ['-subj', '/O=system:nodes/CN=system:node:n1', '-addext', 'subjectAltName=DNS:n1,IP:10.0.0.1'];
execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', '/dev/null', ...names, '-days', '30', '-out', file], {
  stdio: 'ignore',
});

test.for(shells)('in $name it tells of those that are there, and changes nothing', async shell => {
  const { first, second } = await converge(certificateInfo, { paths: [file, join(dir, 'none.crt')] }, { shell });
  expect(first.changes).toEqual([]);
  expect(first.result).toMatchObject({
    changed: false,
    certificates: [
      { path: file, subject: 'CN=system:node:n1, O=system:nodes', subject_alt_names: ['DNS:n1', 'IP:10.0.0.1'], days: 30, days_left: 29 },
    ],
  });
  expect(second.result).toEqual(first.result);
});

test('a file that is no certificate is named', async () => {
  const other = join(dir, 'other');
  writeFileSync(other, 'hello');
  await expect(runOnce(certificateInfo, { paths: [other] })).rejects.toThrow(`${other} holds no certificate`);
});
