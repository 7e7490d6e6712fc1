import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVaulted } from '../../src/vault/envelope.ts';
import { encrypt, type Secret, Vault } from '../../src/vault/vault.ts';

const secretOf = (label: string, password: string): Secret => ({ label, password: Buffer.from(password) });
const hunter = secretOf('default', 'hunter2');
const dev = secretOf('dev', 'of dev');
const failure = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('whatever is encrypted with a password, under any label, is decrypted with it', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.stringMatching(/^[a-z0-9_.-]{1,12}$/),
      (plaintext, password, label) => {
        const text = encrypt(plaintext, { label, password });
        expect(isVaulted(text)).toBe(true);
        expect(text.split('\n').every(line => line.length <= 80)).toBe(true);
        expect(new Vault([{ label, password }]).open(text, 'f')).toMatchObject({ label, plaintext: Buffer.from(plaintext) });
      },
    ),
    { numRuns: 50 },
  );
});

test('the header tells the label unless it is the default, and there is a new salt each time', () => {
  const [one, other] = [encrypt(Buffer.from('x'), hunter), encrypt(Buffer.from('x'), hunter)];
  expect(one).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f]{80}\n/);
  expect(one.endsWith('\n')).toBe(true);
  expect(one).not.toBe(other);
  expect(encrypt(Buffer.from('x'), dev)).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
});

describe('which password', () => {
  const text = encrypt(Buffer.from('x'), dev);
  test('one of another label is tried too, unless labels have to match', () => {
    const secrets = [hunter, secretOf('prod', 'of dev')];
    expect(new Vault(secrets).decrypt(text, 'f').toString()).toBe('x');
    expect(failure(() => new Vault(secrets, { match: true }).decrypt(text, 'f'))).toMatchObject({ code: 'E_VAULT' });
    expect(new Vault([dev], { match: true }).decrypt(text, 'f').toString()).toBe('x');
  });
  test('says which one it was', () => {
    expect(new Vault([hunter, dev]).open(text, 'f').secret).toBe(dev);
  });
  test('without one the error names the file and what to give', () => {
    expect(failure(() => new Vault().decrypt(text, 'vars/secret.yml'))).toMatchObject({
      code: 'E_VAULT',
      message: 'Attempting to decrypt but no vault secrets found: vars/secret.yml',
      hint: 'give the password with --vault-password-file FILE, --vault-id dev@FILE or --ask-vault-pass',
    });
  });
  test('with a wrong one it names the place and the labels, not the password', () => {
    const at = { file: 'site.yml', line: 3, col: 5 };
    const error = failure(() => new Vault([hunter]).decrypt(text, at));
    expect(error).toMatchObject({
      code: 'E_VAULT',
      message: 'Decryption failed (no vault secrets were found that could decrypt) on site.yml:3:5',
      hint: 'it bears the label dev; there are passwords of the label default',
      at,
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });
});

test.for([
  ['no vault at all', 'plain: text\n', 'it does not begin with $ANSIBLE_VAULT'],
  ['an old version', '$ANSIBLE_VAULT;1.0;AES\n00\n', 'its version is 1.0, not 1.1 or 1.2'],
  ['another cipher', '$ANSIBLE_VAULT;1.1;ROT13\n00\n', 'its cipher is ROT13, not AES256'],
  ['a header alone', '$ANSIBLE_VAULT', 'its version is missing, not 1.1 or 1.2'],
  ['an empty body', '$ANSIBLE_VAULT;1.1;AES256\n', 'it is not a salt, an HMAC and a ciphertext'],
  ['no hex', '$ANSIBLE_VAULT;1.1;AES256\nxyz!\n', 'what should be in hex is not, or was cut off'],
] as const)('%s is a format error', ([, text, detail]) => {
  expect(failure(() => new Vault([hunter]).decrypt(text, 'f'))).toMatchObject({
    code: 'E_VAULT',
    message: `there was a vault format error in f: ${detail}`,
  });
});

test('one that was changed is refused, and so is one that was cut off', () => {
  const [header = '', ...body] = encrypt(Buffer.from('a longer text, of several blocks'), hunter).split('\n');
  const hex = body.join('');
  const vault = new Vault([hunter]);
  // Hex of hex: the last digit of the last character.
  const changed = `${header}\n${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}\n`;
  expect(failure(() => vault.decrypt(changed, 'f'))).toMatchObject({ code: 'E_VAULT' });
  expect(failure(() => vault.decrypt(`${header}\n${hex.slice(0, -4)}\n`, 'f'))).toMatchObject({ code: 'E_VAULT' });
});

test('CRLF ends and blanks around it do no harm', () => {
  const text = encrypt(Buffer.from('x'), hunter);
  expect(new Vault([hunter]).decrypt(`${text.replaceAll('\n', '\r\n')}\n`, 'f').toString()).toBe('x');
});

test('a file is text, encrypted or not', () => {
  const vault = new Vault([hunter]);
  expect(vault.text(Buffer.from('ä: 1\n'), 'f')).toBe('ä: 1\n');
  expect(vault.text(Buffer.from(encrypt(Buffer.from('ä: 1\n'), hunter)), 'f')).toBe('ä: 1\n');
});
