import { afterAll, beforeAll, expect, test } from 'vitest';
import { apt, packageModule } from '../../src/tasks/apt.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell, SPARE_HOST } from './_lab.ts';

const shell = labShell(SPARE_HOST);
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
};
const run = async (args: object, check = false) => runOnce(apt, args, { shell, mode: { check, diff: false } });
const changes = async (args: object): Promise<unknown> => (await run(args)).changes.map(({ key, before, after }) => [key, before, after]);
const installed = (name: string): string => on(`dpkg-query -W -f '\${db:Status-Status} \${Version}' ${name} 2>/dev/null || :`);

/** A repository of packages made on the host: nothing is fetched from anywhere. */
const REPOSITORY = `set -e
rm -rf /srv/kplay-apt; mkdir -p /srv/kplay-apt
make() { # name version fields
  d=/srv/kplay-apt/$1; mkdir -p $d/DEBIAN $d/etc
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: kplay <k@example.org>\\nDescription: test\\n%b' "$1" "$2" "$3" >$d/DEBIAN/control
  echo /etc/$1.conf >$d/DEBIAN/conffiles; echo $2 >$d/etc/$1.conf
  dpkg-deb --root-owner-group -b $d /srv/kplay-apt/$1_$2.deb >/dev/null; rm -r $d
}
index() {
  cd /srv/kplay-apt
  for f in *.deb; do
    dpkg-deb -f $f; echo "Filename: ./$f"; echo "Size: $(stat -c %s $f)"; echo "SHA256: $(sha256sum $f | cut -d' ' -f1)"; echo
  done >Packages
}`;
const LISTS = '/var/lib/apt/lists';
const clean = (): string =>
  on(`dpkg --purge kplay-one kplay-two kplay-dep >/dev/null 2>&1; rm -rf /srv/kplay-apt
if [ -e ${LISTS}.kplay ]; then rm -rf ${LISTS}; mv ${LISTS}.kplay ${LISTS}; fi
if [ -e /etc/apt/sources.list.kplay ]; then mv /etc/apt/sources.list.kplay /etc/apt/sources.list; fi`);

beforeAll(() => {
  clean();
  on(`${REPOSITORY}
make kplay-one 1.0; make kplay-one 1.5; make kplay-two 2 'Depends: kplay-dep\\nProvides: kplay-virtual\\n'; make kplay-dep 1; index
mv ${LISTS} ${LISTS}.kplay; mkdir -p ${LISTS}/partial
mv /etc/apt/sources.list /etc/apt/sources.list.kplay
echo 'deb [trusted=yes] file:/srv/kplay-apt ./' >/etc/apt/sources.list`);
});
afterAll(clean);

test('lists are fetched once in a while', async () => {
  await expect(run({ package: 'kplay-one' })).rejects.toMatchObject({
    code: 'E_STATE',
    message: expect.stringMatching(/No package matching/),
  });
  expect((await run({ update_cache: true }, true)).result).toMatchObject({ changed: true, cache_updated: true });
  on(`touch -d '1 hour ago' ${LISTS}`);
  expect((await run({ update_cache: true, cache_valid_time: 3000 })).result).toMatchObject({ changed: true, cache_updated: true });
  expect(await changes({ update_cache: true, cache_valid_time: 3000 })).toEqual([]);
});

test('a version is installed, upgraded, downgraded and removed', async () => {
  expect(await changes({ package: 'kplay-one=1.0*' })).toEqual([['kplay-one', null, '1.0']]);
  expect(await changes({ package: 'kplay-one' })).toEqual([]);
  expect((await run({ package: 'kplay-one', state: 'latest' }, true)).result).toMatchObject({ changed: true });
  expect(installed('kplay-one')).toBe('installed 1.0');
  expect(await changes({ package: ['kplay-one>=1.2'] })).toEqual([['kplay-one', '1.0', '1.5']]);
  expect(await changes({ package: 'kplay-one', state: 'latest' })).toEqual([]);
  expect((await run({ package: 'kplay-one=1.0' })).result).toMatchObject({ failed: true, msg: expect.stringMatching(/downgrade/) });
  expect((await run({ package: 'kplay-one=1.0', allow_downgrade: true })).result).toMatchObject({ changed: true });
  expect(installed('kplay-one')).toBe('installed 1.0');
  expect(await changes({ package: 'kplay-one', state: 'absent' })).toEqual([['kplay-one', '1.0', null]]);
  expect(await changes({ package: 'kplay-one', state: 'absent' })).toEqual([]);
  expect(installed('kplay-one')).toBe('config-files 1.0');
  expect(await changes({ package: 'kplay-one', state: 'absent', purge: true })).toEqual([['kplay-one', 'config-files', null]]);
  expect(await changes({ package: 'kplay-one', state: 'absent', purge: true })).toEqual([]);
});

test('what was installed for others goes, unless somebody asks for it', async () => {
  expect(await changes({ package: 'kplay-virtual' })).toEqual([['kplay-virtual', null, 'present']]);
  expect(await changes({ package: 'kplay-virtual' })).toEqual([]);
  expect((await run({ package: 'kplay-dep' })).result).toMatchObject({ changed: false });
  expect(await changes({ package: 'kplay-dep' })).toEqual([]);
  on('apt-mark auto kplay-dep');
  await run({ package: 'kplay-two', state: 'absent' });
  expect(await changes({ autoremove: true })).toEqual([['kplay-dep', '1', null]]);
  expect([await changes({ autoremove: true }), installed('kplay-dep')]).toEqual([[], 'config-files 1']);
});

test('a file, and everything that is newer', async () => {
  const file = { deb: '/srv/kplay-apt/kplay-one_1.0.deb' };
  expect(await changes(file)).toEqual([['kplay-one', null, '1.0']]);
  expect(await changes(file)).toEqual([]);
  expect(await changes({ upgrade: 'dist' })).toEqual([['kplay-one', '1.0', '1.5']]);
  expect(await changes({ upgrade: 'dist' })).toEqual([]);
  expect(await changes({ package: '*', state: 'latest' })).toEqual([]);
  await expect(run({ deb: '/srv/none.deb' })).rejects.toMatchObject({ code: 'E_STATE' });
});

test('lists that are fetched tell of newer versions', async () => {
  on(`${REPOSITORY.replace('rm -rf /srv/kplay-apt;', '')}\nmake kplay-one 3.0; index`);
  const { result } = await run({ package: 'kplay-one', state: 'latest', update_cache: true, policy_rc_d: 101 });
  expect(result).toMatchObject({ changed: true });
  expect([installed('kplay-one'), on('ls /usr/sbin/policy-rc.d 2>/dev/null || :')]).toEqual(['installed 3.0', '']);
  expect((await run({ package: 'kplay-one', state: 'latest', update_cache: true })).result).toMatchObject({ changed: false });
});

test('package is apt', async () => {
  expect((await runOnce(packageModule, { package: 'kplay-one', use: 'auto' }, { shell })).changes).toEqual([]);
});
