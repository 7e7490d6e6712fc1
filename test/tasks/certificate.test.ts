import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Probe } from '../../src/model/probe.ts';
import { certificate } from '../../src/tasks/certificate.ts';
import { converge, dash, execute, look, type Options, type Run, runOnce, shells } from './_converge.ts';

const CHECK = { check: true, diff: true };
const DAY_MS = 86_400_000;
const find = (path: string): string => {
  if (!existsSync(path)) throw new KplayError('E_FILE', `no ${path}`);
  return path;
};
const controller = { find };
const fail = (): never => {
  throw new Error('nothing is rendered here');
};
type Seen = Parameters<typeof certificate.analyze>[1];
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const keys = ({ changes }: Run): string[] => changes.map(({ key }) => key);
const change = ({ changes }: Run, name: string): unknown[] =>
  changes.filter(({ key }) => key === name).map(({ before, after }) => [before, after]);

/** A folder with a CA in it, and what a leaf of that CA is asked for. */
const setUp = async (name = 'kubernetes', more: object = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-pki-'));
  const at = (file: string): string => join(dir, file);
  const ca = { path: at('ca.crt'), key_path: at('ca.key'), common_name: name, ca: true, days: 3650, ...more };
  const leaf = {
    path: at("it's.crt"),
    key_path: at('leaf.key'),
    common_name: 'system:node:n1',
    organization: ['system:nodes'],
    subject_alt_names: ['DNS:n1', 'IP:10.0.0.1', 'IP:fd00::1'],
    usages: ['serverAuth', 'clientAuth'],
    ca_cert: ca.path,
    ca_key: ca.key_path,
  };
  await runOnce(certificate, ca, { controller });
  return { dir, at, ca, leaf };
};
const run = (raw: object, options: Options = {}): Promise<Run> => runOnce(certificate, raw, { controller, ...options });

afterEach(() => vi.useRealTimers());

describe.for(shells)('certificate in $name', shell => {
  test('a CA and a leaf that openssl takes, and then nothing', async () => {
    // A certificate ends at a whole second: made at one, it has all of its days left for that millisecond.
    vi.setSystemTime(Math.floor(Date.now() / 1000) * 1000 + 500);
    const { dir, ca, leaf } = await setUp();
    expect((await run(ca, { shell })).changes).toEqual([]);
    const { first, second } = await converge(certificate, leaf, { shell, controller });
    expect(keys(first)).toEqual(['key', 'mode', 'subject', 'issuer', 'ca', 'subject_alt_names', 'usages', 'days', 'expires', 'mode']);
    expect(second.changes).toEqual([]);
    expect(second.result).toEqual(first.result);

    expect(openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca.path, leaf.path)).toContain(': OK');
    expect(openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-verify_ip', 'fd00::1', '-CAfile', ca.path, leaf.path)).toContain(
      ': OK',
    );
    expect(openssl('x509', '-in', leaf.path, '-noout', '-pubkey')).toBe(openssl('pkey', '-in', leaf.key_path, '-pubout'));
    const text = openssl('x509', '-in', leaf.path, '-noout', '-text', '-nameopt', 'RFC2253');
    expect(text).toContain('Subject: CN=system:node:n1,O=system:nodes');
    expect(text).toContain('Issuer: CN=kubernetes');
    expect(text).toContain('DNS:n1, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1');
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication');
    expect(text).toContain('CA:FALSE');
    expect(text).toContain('NIST CURVE: P-256');

    const [serial, end, fingerprint] = openssl('x509', '-in', leaf.path, '-noout', '-serial', '-enddate', '-fingerprint', '-sha256')
      .split('\n')
      .map(line => line.split('=')[1]!);
    expect(first.result).toEqual({
      path: leaf.path,
      key_path: leaf.key_path,
      not_after: new Date(end!).toISOString(),
      days_left: 364,
      serial,
      fingerprint,
    });
    expect([leaf.path, leaf.key_path, ca.key_path].map(mode)).toEqual(['644', '600', '600']);
    expect(readdirSync(dir).toSorted()).toEqual(['ca.crt', 'ca.key', "it's.crt", 'leaf.key']);
  });

  test('a key of its own kind', async () => {
    const { ca, leaf } = await setUp('rsa ca', { key_type: 'RSA-2048' });
    const { second } = await converge(certificate, { ...leaf, key_type: 'RSA-2048' }, { shell, controller });
    expect(second.changes).toEqual([]);
    expect(openssl('verify', '-x509_strict', '-CAfile', ca.path, leaf.path)).toContain(': OK');
    expect(openssl('x509', '-in', leaf.path, '-noout', '-text')).toMatch(
      /Digital Signature, Key Encipherment[^]*Signature Algorithm: sha256WithRSA/,
    );
    const other = await run(leaf, { shell });
    expect(change(other, 'key')).toEqual([['RSA-2048 (old)', 'ECDSA-P256 (new)']]);
    expect((await run(leaf, { shell })).changes).toEqual([]);
  });

  test('only attributes, and a new key with those of the old one', async () => {
    const { leaf } = await setUp();
    await run(leaf, { shell });
    const before = readFileSync(leaf.key_path);
    chmodSync(leaf.key_path, 0o644);
    const narrowed = await run({ ...leaf, key_mode: '0400', mode: '0444' }, { shell });
    expect(narrowed.changes.map(({ path, key, after }) => [path, key, after])).toEqual([
      [leaf.key_path, 'mode', '0400'],
      [leaf.path, 'mode', '0444'],
    ]);
    expect([mode(leaf.key_path), mode(leaf.path), readFileSync(leaf.key_path).equals(before)]).toEqual(['400', '444', true]);
    const replaced = await run({ ...leaf, key_mode: '0400', rekey: true, days: 100 }, { shell });
    expect(keys(replaced)).toContain('key');
    expect(mode(leaf.key_path)).toBe('400');
  });
});

describe('what a certificate is replaced for', () => {
  test.for([
    ['subject', { common_name: 'n2' }, ['CN=system:node:n1, O=system:nodes', 'CN=n2, O=system:nodes']],
    ['subject', { organization: ['b', 'a'] }, ['CN=system:node:n1, O=system:nodes', 'CN=system:node:n1, O=a, O=b']],
    [
      'subject_alt_names',
      { subject_alt_names: 'IP:10.0.0.9,DNS:N1' },
      [
        ['DNS:n1', 'IP:10.0.0.1', 'IP:fd00:0000:0000:0000:0000:0000:0000:0001'],
        ['DNS:n1', 'IP:10.0.0.9'],
      ],
    ],
    ['usages', { usages: ['clientAuth'] }, [['clientAuth', 'serverAuth'], ['clientAuth']]],
    ['days', { days: 90 }, [365, 90]],
  ] as const)('%s %o', async ([name, more, sides]) => {
    const { leaf } = await setUp();
    await run(leaf);
    const key = readFileSync(leaf.key_path);
    const changed = await run({ ...leaf, ...more });
    expect(keys(changed)).toEqual([name]);
    expect(change(changed, name)).toEqual([sides]);
    expect(readFileSync(leaf.key_path).equals(key)).toBe(true);
    expect((await run({ ...leaf, ...more })).changes).toEqual([]);
  });

  test('order, case and spelling of names do not matter', async () => {
    const { leaf } = await setUp();
    await run(leaf);
    const same = ['ip:FD00:0::1', 'N1', '10.0.0.1', 'DNS:n1'];
    expect((await run({ ...leaf, subject_alt_names: same, usages: ['clientAuth', 'serverAuth'] })).changes).toEqual([]);
  });

  test('few days left', async () => {
    const { leaf } = await setUp();
    const { result } = await run(leaf);
    vi.setSystemTime(Date.now() + 335 * DAY_MS - 60_000);
    expect((await run(leaf)).changes).toEqual([]);
    vi.setSystemTime(Date.now() + 18 * DAY_MS);
    const renewed = await run(leaf);
    expect(change(renewed, 'expires')).toEqual([['in 12 days', 'in 365 days']]);
    expect(renewed.result['serial']).not.toBe(result['serial']);
    expect((await run(leaf)).changes).toEqual([]);
    vi.setSystemTime(Date.now() + 367 * DAY_MS);
    expect(change(await run(leaf, { mode: CHECK }), 'expires')).toEqual([['2 days ago', 'in 365 days']]);
  });

  test('a clock that was ahead when it was made', async () => {
    const { leaf } = await setUp();
    vi.setSystemTime(Date.now() + 3 * DAY_MS);
    await run(leaf);
    vi.useRealTimers();
    expect(keys(await run(leaf))).toEqual(['valid_from']);
  });

  test('another CA, of another name or of the same', async () => {
    const { leaf } = await setUp();
    const [foreign, alike] = [(await setUp('foreign')).ca, (await setUp()).ca];
    await run(leaf);
    const moved = await run({ ...leaf, ca_cert: foreign.path, ca_key: foreign.key_path });
    expect(change(moved, 'issuer')).toEqual([['CN=kubernetes', 'CN=foreign']]);
    expect(openssl('verify', '-CAfile', foreign.path, leaf.path)).toContain(': OK');
    await run(leaf);
    const resigned = await run({ ...leaf, ca_cert: alike.path, ca_key: alike.key_path });
    expect(change(resigned, 'signature')).toEqual([['of another CA', `of ${alike.path}`]]);
    expect(openssl('verify', '-CAfile', alike.path, leaf.path)).toContain(': OK');
  });

  test('another CA, unless that is refused', async () => {
    const { leaf } = await setUp();
    const { ca } = await setUp();
    await run(leaf);
    const raw = { ...leaf, foreign: 'refuse' };
    expect((await run(raw)).changes).toEqual([]);
    await expect(run({ ...raw, ca_cert: ca.path, ca_key: ca.key_path }, { mode: CHECK })).rejects.toMatchObject({ code: 'E_STATE' });
  });

  test('a CA that openssl made, with names and a key id of its own', async () => {
    const { at, leaf, ca } = await setUp();
    const config = at('ca.cnf');
    writeFileSync(
      config,
      '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=v3\n[dn]\nC=DE\nO=Über, Inc.\nCN=old root\n[v3]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=0102030405\n',
    );
    openssl(
      'req',
      '-x509',
      '-utf8',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-config',
      config,
      '-keyout',
      ca.key_path,
      '-out',
      ca.path,
      '-days',
      '90',
    );
    const { first, second } = await converge(certificate, leaf, { controller });
    expect(first.changes.find(({ key }) => key === 'issuer')?.after).toBe('C=DE, CN=old root, O=Über, Inc.');
    expect(second.changes).toEqual([]);
    expect(openssl('verify', '-x509_strict', '-CAfile', ca.path, leaf.path)).toContain(': OK');
    expect(openssl('x509', '-in', leaf.path, '-noout', '-ext', 'authorityKeyIdentifier')).toContain('01:02:03:04:05');
  });

  test('a certificate that openssl made for this CA stays', async () => {
    const { at, leaf, ca } = await setUp();
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      leaf.key_path,
      '-out',
      at('csr'),
      '-subj',
      '/CN=system:node:n1/O=system:nodes',
    );
    writeFileSync(at('ext'), 'subjectAltName=IP:fd00::1,DNS:n1,IP:10.0.0.1\nextendedKeyUsage=clientAuth,serverAuth\n');
    openssl(
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      ca.path,
      '-CAkey',
      ca.key_path,
      '-days',
      '365',
      '-extfile',
      at('ext'),
      '-out',
      leaf.path,
    );
    chmodSync(leaf.path, 0o644);
    expect((await run(leaf)).changes).toEqual([]);
  });
});

describe('the key', () => {
  test('of another certificate stays, and the certificate is made for it', async () => {
    const { at, leaf } = await setUp();
    await run(leaf);
    await run({ ...leaf, path: at('other.crt'), key_path: at('other.key') });
    copyFileSync(at('other.key'), leaf.key_path);
    const mended = await run(leaf);
    expect(change(mended, 'public_key')).toEqual([['of another key', `of ${leaf.key_path}`]]);
    expect(readFileSync(leaf.key_path, 'utf8')).toBe(readFileSync(at('other.key'), 'utf8'));
    expect((await run(leaf)).changes).toEqual([]);
  });

  test.for([
    ['gone', undefined, null],
    ['no key', 'rubbish', 'no private key'],
  ] as const)('that is %s is made anew, with its certificate', async ([, text, before]) => {
    const { leaf } = await setUp();
    await run(leaf);
    if (text === undefined) rmSync(leaf.key_path);
    else writeFileSync(leaf.key_path, text);
    const mended = await run(leaf);
    expect(change(mended, 'key')).toEqual([[before, 'ECDSA-P256 (new)']]);
    expect(keys(mended)).toContain('public_key');
    expect((await run(leaf)).changes).toEqual([]);
  });

  test.for([0, 1, 2, 3])("is the certificate's after a run that was killed behind step %i, and the next", async count => {
    const { leaf, ca } = await setUp();
    for (const raw of [leaf, { ...leaf, rekey: true, days: 99 }]) {
      const ready = await certificate.prepare(certificate.args.parse(raw), {
        ...controller,
        check: false,
        diff: false,
        render: fail,
        decrypt: fail,
        once: (_key, make) => make(),
      });
      const mode = { check: false, diff: false };
      const seen = certificate.observe(ready, mode).map(probe => probe && look(probe as Probe)) as unknown as Seen;
      const steps = certificate.act(ready, seen, certificate.analyze(ready, seen, mode), true);
      for (const { script, stdin } of steps.slice(0, count)) execute(dash, script, stdin as Buffer);
      const { second } = await converge(certificate, raw, { controller });
      expect([steps.length, second.changes]).toEqual([3, []]);
      expect(openssl('verify', '-CAfile', ca.path, leaf.path)).toContain(': OK');
      expect(openssl('x509', '-in', leaf.path, '-noout', '-pubkey')).toBe(openssl('pkey', '-in', leaf.key_path, '-pubout'));
    }
  });

  test('with a passphrase is left alone', async () => {
    const { leaf } = await setUp();
    await run(leaf);
    const locked = createPrivateKey(readFileSync(leaf.key_path)).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    writeFileSync(leaf.key_path, locked);
    await expect(run(leaf)).rejects.toMatchObject({ code: 'E_STATE' });
  });

  test('is new with every certificate that rekey asks for, and only then', async () => {
    const { leaf } = await setUp();
    await run(leaf);
    const key = readFileSync(leaf.key_path);
    expect((await run({ ...leaf, rekey: true })).changes).toEqual([]);
    expect(keys(await run({ ...leaf, rekey: true, usages: [] }))).toEqual(['key', 'usages']);
    expect(readFileSync(leaf.key_path).equals(key)).toBe(false);
    expect((await run({ ...leaf, usages: [] })).changes).toEqual([]);
  });

  test('shows in no change and no result', async () => {
    const { ca, leaf } = await setUp();
    const runs = [
      await run(leaf, { mode: CHECK }),
      await run(leaf, { mode: { check: false, diff: true } }),
      await run({ ...leaf, rekey: true, days: 99 }),
    ];
    const lines = [ca.key_path, leaf.key_path].flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => line.length > 8),
    );
    for (const line of [...lines, 'PRIVATE']) expect(JSON.stringify(runs)).not.toContain(line);
  });
});

describe('a CA', () => {
  test('is renewed with its key, so that what it issued holds', async () => {
    const { ca, leaf } = await setUp();
    await run(leaf);
    const key = readFileSync(ca.key_path);
    vi.setSystemTime(Date.now() + 3640 * DAY_MS);
    await run(leaf);
    expect(keys(await run(ca))).toEqual(['expires']);
    vi.useRealTimers();
    expect(readFileSync(ca.key_path).equals(key)).toBe(true);
    expect(openssl('verify', '-no_check_time', '-CAfile', ca.path, leaf.path)).toContain(': OK');
  });

  test('that others made stays, whatever its key and its extensions', async () => {
    const { at, ca } = await setUp();
    rmSync(ca.path);
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:3072',
      '-nodes',
      '-subj',
      '/CN=kubernetes',
      '-addext',
      'subjectAltName=DNS:kubernetes',
      '-days',
      '900',
      '-keyout',
      ca.key_path,
      '-out',
      ca.path,
    );
    expect((await run(ca)).changes).toEqual([]);
    vi.setSystemTime(Date.now() + 880 * DAY_MS);
    expect(keys(await run(ca))).toEqual(['expires']);
    vi.useRealTimers();
    openssl('req', '-new', '-key', ca.key_path, '-subj', '/CN=kubernetes', '-out', at('csr'));
    writeFileSync(at('ext'), 'basicConstraints=critical,CA:true\n');
    const root = await setUp('root');
    openssl(
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      root.ca.path,
      '-CAkey',
      root.ca.key_path,
      '-days',
      '900',
      '-extfile',
      at('ext'),
      '-out',
      ca.path,
    );
    expect((await run(ca)).changes).toEqual([]);
    vi.setSystemTime(Date.now() + 880 * DAY_MS);
    await expect(run(ca)).rejects.toMatchObject({ code: 'E_STATE' });
  });

  test('is not replaced in place', async () => {
    const { ca } = await setUp();
    const other = await setUp('other');
    await expect(run({ ...ca, common_name: 'renamed' })).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(run({ ...ca, key_path: other.ca.key_path })).rejects.toMatchObject({ code: 'E_STATE' });
    rmSync(ca.key_path);
    await expect(run(ca)).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(run(ca, { mode: CHECK })).rejects.toMatchObject({ code: 'E_STATE' });
  });
});

test('check mode tells of a leaf whose CA is still to be made, and makes nothing', async () => {
  const { dir, leaf } = await setUp();
  const raw = { ...leaf, ca_cert: join(dir, 'none/ca.crt'), ca_key: join(dir, 'none/ca.key'), path: join(dir, 'none/leaf.crt') };
  const checked = await run(raw, { mode: CHECK, controller: { find, ...CHECK } });
  expect(change(checked, 'subject')).toEqual([[null, 'CN=system:node:n1, O=system:nodes']]);
  expect(checked.result).toEqual({ path: raw.path, key_path: raw.key_path });
  expect(existsSync(leaf.key_path)).toBe(false);
  await expect(run(raw)).rejects.toMatchObject({ code: 'E_FILE' });
});

describe('bad input', () => {
  test.for([
    { ca_key: undefined },
    { ca: true },
    { common_name: '' },
    { days: 20 },
    { renew_days: -1 },
    { subject_alt_names: ['URI:x'] },
    { subject_alt_names: ['IP:10.0.0.256'] },
    { subject_alt_names: ['DNS:a b'] },
    { usages: ['codeSigning'] },
    { key_type: 'DSA' },
    { mode: 'preserve' },
    { colour: 'red' },
  ])('%o', async more => {
    const { leaf } = await setUp();
    expect(certificate.args.safeParse({ ...leaf, ...more }).success).toBe(false);
  });

  test('a CA that is none, whose key is another, or that has expired', async () => {
    const { at, ca, leaf } = await setUp();
    await run(leaf);
    const [other, as] = [await setUp('other'), { path: at('x.crt'), key_path: at('x.key') }];
    await expect(run({ ...leaf, ...as, ca_cert: leaf.path, ca_key: leaf.key_path })).rejects.toMatchObject({ code: 'E_ARGS' });
    await expect(run({ ...leaf, ...as, ca_key: other.ca.key_path })).rejects.toMatchObject({ code: 'E_ARGS' });
    await expect(run({ ...leaf, ...as, ca_key: ca.path })).rejects.toMatchObject({ code: 'E_FILE' });
    await expect(run({ ...leaf, ...as, ca_cert: ca.key_path })).rejects.toMatchObject({ code: 'E_FILE' });
    vi.setSystemTime(Date.now() + 4000 * DAY_MS);
    await expect(run({ ...leaf, ...as })).rejects.toMatchObject({ code: 'E_ARGS' });
  });

  test('a folder that is not there, or in the way', async () => {
    const { dir, leaf } = await setUp();
    await expect(run({ ...leaf, path: join(dir, 'none/x.crt') })).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(run({ ...leaf, key_path: dir })).rejects.toMatchObject({ code: 'E_STATE' });
  });
});
