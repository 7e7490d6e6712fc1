import { expect, test } from 'vitest';
import { isText, typeName } from '../../src/value/kinds.ts';
import { toPlain } from '../../src/value/plain.ts';
import { Vaulted, withCiphertext, withVaulted } from '../../src/value/vaulted.ts';

test('it is decrypted when it is first used, and once', () => {
  let asked = 0;
  const value = new Vaulted('cipher', () => `plain ${(asked += 1)}`);
  expect([isText(value), typeName(value), asked]).toEqual([true, 'AnsibleVaultEncryptedUnicode', 0]);
  // A connection variable is read so.
  expect(String(value)).toBe('plain 1');
  expect(toPlain([value])).toEqual(['plain 1']);
});

test('a failure is told each time, not remembered as a text', () => {
  const value = new Vaulted('cipher', () => {
    throw new Error('no password');
  });
  for (const _ of [1, 2]) expect(() => value.text).toThrow('no password');
});

test('what is shown holds the ciphertext, and is read back', () => {
  const value = new Map([['list', ['plain', new Vaulted('cipher', () => 'secret')]]]);
  const shown = withCiphertext(value);
  expect(toPlain(shown)).toEqual({ list: ['plain', { __ansible_vault: 'cipher' }] });
  expect(toPlain(withVaulted(shown, ciphertext => `${ciphertext} opened`))).toEqual({ list: ['plain', 'cipher opened'] });
});
