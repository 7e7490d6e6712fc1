import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deb822Repository } from '../../src/tasks/deb822_repository.ts';
import { busyboxRoot } from './_accounts.ts';
import { runOnce } from './_converge.ts';

describe.runIf(process.getuid?.() === 0)("apt's repositories", () => {
  const shell = busyboxRoot();
  const file = join(shell.root, 'etc/apt/sources.list.d/my-own-repo.sources');
  const key = join(shell.root, 'etc/apt/keyrings/my-own-repo.asc');
  for (const folder of ['sources.list.d', 'keyrings']) mkdirSync(join(shell.root, 'etc/apt', folder), { recursive: true });
  const run = async (args: object, check = false) =>
    runOnce(deb822Repository, { name: 'My own_repo!', ...args }, { shell, mode: { check, diff: false } });
  const wanted = {
    uris: 'https://example.org/debian',
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main'],
    check_valid_until: false,
    date_max_future: 60,
    signed_by: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n',
  };
  const text = `Check-Valid-Until: no
Components: main
Date-Max-Future: 60
X-Repolib-Name: My own_repo!
Signed-By:
    -----BEGIN PGP PUBLIC KEY BLOCK-----
    .
    abc
    -----END PGP PUBLIC KEY BLOCK-----
Suites: bookworm bookworm-updates
Types: deb
URIs: https://example.org/debian
`;

  test('are written as Ansible writes them, once', async () => {
    expect((await run(wanted, true)).changes.length).toBeGreaterThan(0);
    expect(existsSync(file)).toBe(false);
    expect((await run(wanted)).result).toMatchObject({ repo: text, dest: '/etc/apt/sources.list.d/my-own-repo.sources' });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([text, 0o644]);
    expect((await run(wanted)).changes).toEqual([]);
    expect((await run({ ...wanted, mode: '0600' })).changes.map(({ key: what }) => what)).toEqual(['mode']);
    expect((await run({ ...wanted, enabled: false, mode: '0600' })).changes.map(({ key: what }) => what)).toEqual(['sha256']);
  });

  test('and removed, with the key that was fetched for one', async () => {
    writeFileSync(key, 'key');
    expect((await run({ state: 'absent' })).changes).toHaveLength(2);
    expect([existsSync(file), existsSync(key), (await run({ state: 'absent' })).changes]).toEqual([false, false, []]);
  });
});

test.for([{}, { name: 'a', types: 'rpm' }, { name: 'a', signed_by: 'https://example.org/key' }])('refuses %o', raw => {
  expect(deb822Repository.args.safeParse(raw).success).toBe(false);
});
