import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encrypt, type Secret, Vault } from '../../src/vault/vault.ts';

const oracle = process.env['KPLAY_ORACLE'];
const secrets: readonly Secret[] = [
  { label: 'default', password: Buffer.from('correct horse') },
  { label: 'prod', password: Buffer.from('pässwörd ✓') },
];
const TEXTS = {
  empty: Buffer.alloc(0),
  'one block': Buffer.alloc(16, 'x'),
  unicode: Buffer.from('schlüssel: „geheim“ 🔑\n'),
  binary: Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7919) % 256)),
};

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-vault-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const { label, password } of secrets) writeFileSync(join(dir, label), password);
  return dir;
};
const ansible = (dir: string, ...args: readonly string[]): void =>
  void execFileSync(join(oracle ?? '', 'ansible-vault'), [...args, 'f'], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });

test.runIf(oracle).for(Object.entries(TEXTS).flatMap(([name, text]) => secrets.map(secret => [name, secret.label, text, secret] as const)))(
  '%s under the label %s: what one encrypts, the other decrypts',
  { timeout: 60_000 },
  ([, label, text, secret]) => {
    const dir = folder();
    const file = join(dir, 'f');
    writeFileSync(file, text);
    ansible(dir, 'encrypt', '--vault-id', `${label}@${label}`);
    expect(new Vault(secrets).open(readFileSync(file), file)).toMatchObject({ plaintext: text, label });
    writeFileSync(file, encrypt(text, secret));
    ansible(dir, 'decrypt', '--vault-id', `${label}@${label}`);
    expect(readFileSync(file)).toEqual(text);
  },
);
