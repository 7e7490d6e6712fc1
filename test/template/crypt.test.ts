import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cryptPassword } from '../../src/template/crypt/index.ts';
import { failure } from './_templar.ts';

const hash = (name: string, secret: string, salt: string, rounds?: number): string =>
  cryptPassword(name, secret, { salt, rounds }, () => 0);

describe('passwords as crypt(3) hashes them', () => {
  test.each([
    // https://www.akkadia.org/drepper/SHA-crypt.txt
    ['sha256_crypt', 'Hello world!', 'saltstring', 5000, '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
    [
      'sha512_crypt',
      'Hello world!',
      'saltstringsaltst',
      10000,
      '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
    ],
    // The vectors of OpenBSD's bcrypt.
    ['bcrypt', 'U*U', 'CCCCCCCCCCCCCCCCCCCCC.', 5, '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['md5_crypt', 'password', 'xxxxxxxx', undefined, '$1$xxxxxxxx$UYCIxa628.9qXjpQCjM4a.'],
  ])('%s of %s', (name, secret, salt, rounds, want) => {
    expect(hash(name, secret, salt, rounds)).toBe(want);
  });
  test('a salt that is made up is one that can be given', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 63 }), (secret, drawn) => {
        fc.pre(!secret.includes('\0'));
        const made = cryptPassword('md5_crypt', secret, {}, () => drawn);
        expect(hash('md5_crypt', secret, made.split('$')[2] ?? '')).toBe(made);
      }),
      { numRuns: 20 },
    );
  });
  test('what passlib refuses', () => {
    for (const run of [
      () => hash('md5_crypt', 'x', 'far too long'),
      () => hash('sha256_crypt', 'x', 'a$b'),
      () => hash('sha256_crypt', 'x', 'ab', 999),
      () => hash('bcrypt', 'x', 'short', 4),
      () => hash('des_crypt', 'x', 'ab'),
    ])
      expect(failure(run).code).toBe('E_TEMPLATE');
  });
});
