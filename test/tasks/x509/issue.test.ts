import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issue, type Statement, USAGES, type Usage } from '../../../src/tasks/x509/issue.ts';
import { makeKey } from '../../../src/tasks/x509/keys.ts';
import { addressBytes, canonical, canonicalSet, namesIn } from '../../../src/tasks/x509/names.ts';

const key = makeKey('ECDSA-P256');
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(value => !/\p{Cc}/u.test(value));
const name = fc.oneof(
  fc.domain().map(domain => `DNS:${domain}`),
  fc.ipV4().map(address => `IP:${address}`),
  fc.ipV6().map(address => `IP:${address}`),
);
const day = (min: string, max: string) =>
  fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true }).map(date => new Date(Math.floor(date.getTime() / 1000) * 1000));
const statement: fc.Arbitrary<Statement> = fc.record({
  commonName: text,
  organization: fc.array(text, { maxLength: 3 }),
  names: fc.array(name, { maxLength: 40 }).map(canonicalSet),
  usages: fc.subarray(Object.keys(USAGES) as Usage[]),
  ca: fc.boolean(),
  notBefore: day('2000-01-01', '2026-01-01'),
  notAfter: day('2027-01-01', '2120-01-01'),
});

test('a certificate says what was stated, and its issuer signed it', () => {
  const root = issue(
    {
      commonName: 'root',
      organization: [],
      names: [],
      usages: [],
      ca: true,
      notBefore: new Date(0),
      notAfter: new Date('2049-12-31T23:59:59Z'),
    },
    key,
    { key },
  );
  const leafKey = makeKey('ECDSA-P256');
  fc.assert(
    fc.property(statement, stated => {
      const made = new X509Certificate(issue(stated, leafKey, { certificate: root, key }).toString());
      const { CN, O } = made.toLegacyObject().subject as unknown as { CN: string; O?: string | string[] };
      expect({
        commonName: CN,
        organization: O === undefined ? [] : [O].flat(),
        names: namesIn(made.subjectAltName),
        usages: made.keyUsage ?? [],
        ca: made.ca,
        notBefore: made.validFromDate,
        notAfter: made.validToDate,
      }).toEqual({ ...stated, usages: stated.usages.map(usage => USAGES[usage]) });
      expect([made.checkIssued(root), made.verify(root.publicKey), made.checkPrivateKey(leafKey)]).toEqual([true, true, true]);
      expect(made.serialNumber).toMatch(/^[4-7][\dA-F]{31}$/);
    }),
    { numRuns: 200 },
  );
});

test('openssl reads every value of it', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kplay-issue-')), 'crt');
  fc.assert(
    fc.property(statement, stated => {
      writeFileSync(file, issue(stated, key, { key }).toString());
      expect(execFileSync('openssl', ['asn1parse', '-in', file], { encoding: 'utf8' })).not.toMatch(/:BAD |Error in encoding/);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

test('one form for every spelling of an address', () => {
  fc.assert(
    fc.property(fc.ipV6(), address => {
      const bytes = addressBytes(address);
      const spelt = `IP:${bytes.toString('hex').match(/.{4}/g)!.join(':').toUpperCase()}`;
      expect([bytes.length, canonical(spelt)]).toEqual([16, canonical(`ip: ${address}`)]);
    }),
  );
  expect(addressBytes('::ffff:10.0.0.1').toString('hex')).toBe('00000000000000000000ffff0a000001');
  expect([...addressBytes('10.0.0.1')]).toEqual([10, 0, 0, 1]);
});
