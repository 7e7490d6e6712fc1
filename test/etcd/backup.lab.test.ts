import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { changedBy, ensure, everywhere, get, healthy, images, kplay, MEMBERS, on, put, statusOf, told } from './_cluster.ts';

vi.setConfig({ testTimeout: 240_000 });
const [first, second] = MEMBERS;
const folder = mkdtempSync(join(tmpdir(), 'kplay-backup-'));
const backup = () => kplay('-i', 'inventories/lab', 'etcd-backup.yaml', '-e', `etcd_backup_to=${folder}`);

beforeAll(ensure);
afterAll(() => {
  rmSync(folder, { recursive: true });
  on(second, 'docker rm -f restored >/dev/null 2>&1; rm -rf /tmp/restore');
});

/** Starts a member of its own from a snapshot, on ports of its own; gives what a reader sees there. */
const restore = (snapshot: Buffer, image: string): { revision: number; keys: string } => {
  on(
    second,
    `rm -rf /tmp/restore && mkdir /tmp/restore && base64 -d > /tmp/restore/snapshot.db <<'END'\n${snapshot.toString('base64')}\nEND`,
  );
  on(
    second,
    `docker rm -f restored >/dev/null 2>&1
docker run --rm -v /tmp/restore:/r ${image} etcdctl snapshot restore /r/snapshot.db --data-dir /r/data --name scratch \
  --initial-cluster scratch=http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster-token scratch >/dev/null 2>&1
docker run -d --name restored --net=host -v /tmp/restore:/r ${image} /usr/local/bin/etcd --name scratch --data-dir /r/data \
  --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 --listen-peer-urls http://127.0.0.1:12380 >/dev/null
for try in $(seq 60); do docker exec restored etcdctl --endpoints http://127.0.0.1:12379 endpoint health >/dev/null 2>&1 && break; sleep 1; done`,
  );
  const ask = (what: string): string => on(second, `docker exec restored etcdctl --endpoints http://127.0.0.1:12379 ${what}`);
  const [status] = JSON.parse(ask('endpoint status -w json')) as { Status: { header: { revision: number } } }[];
  return { revision: status!.Status.header.revision, keys: ask('get --prefix "" -w fields | grep -v ID') };
};

test('a backup is verified, kept off the host, and restores to the same keys and revision', async () => {
  for (let i = 0; i < 50; i++) await put(first, `backup/${i}`, `value ${i}`);
  await put(first, 'backup/0', 'written twice');
  const { header } = await statusOf(first);
  const keys = on(first, `docker exec etcd etcdctl get --prefix "" -w fields | grep -v ID`);
  const run = await backup();
  expect(run.rc, told(run)).toBe(0);
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const bytes = readFileSync(join(folder, name!));
  expect(on(first, `sha256sum < /var/etcd/backup/${name}`)).toContain(createHash('sha256').update(bytes).digest('hex'));
  expect(everywhere('ls -A /var/etcd/data').join(' ')).not.toContain('snapshot');
  await put(first, 'backup/later', 'not in it');

  const restored = restore(bytes, `10.89.0.1:10500/root/etcd:${images()[0]}`);
  expect(String(restored.revision)).toBe(header.revision);
  const body = (text: string): string => text.replace(/^"(Revision|RaftTerm)".*\n?/gm, '');
  expect(body(restored.keys)).toBe(body(keys));
  expect(await get(first, 'backup/later')).toBe('not in it');
});

test('a member that is down is not the source', async () => {
  on(first, 'docker stop -t 5 etcd >/dev/null');
  const run = await backup();
  expect(run.rc, told(run)).toBe(0);
  expect(new Set(changedBy(run).map(line => line.split(' ')[0]))).toEqual(new Set([second]));
  on(first, 'docker start etcd >/dev/null');
  await healthy(...MEMBERS);
});
