import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { changedBy, changedCounts, everywhere, kplay, type Member, MEMBERS, NOTHING, on, told } from './_cluster.ts';

vi.setConfig({ testTimeout: 240_000 });
const [first, second, third] = MEMBERS;
const folder = mkdtempSync(join(tmpdir(), 'kplay-damage-'));
// In no group that is guarded: nothing here is a part of etcd.
const inventory = join(folder, 'hosts');
writeFileSync(
  inventory,
  `${MEMBERS.join('\n')}
[all:vars]
ansible_user=root
ansible_ssh_private_key_file=/var/lib/kplay-lab/id_ed25519
ansible_ssh_common_args=-o UserKnownHostsFile=/var/lib/kplay-lab/known_hosts
`,
);
const repair = (...args: readonly string[]) => kplay('-i', inventory, 'test/etcd/damage.yaml', ...args);
const clean = (): void => {
  everywhere(`docker rm -f kplay-damage-flag kplay-damage-stopped kplay-damage-image >/dev/null 2>&1
systemctl disable --now kplay-damage >/dev/null 2>&1
rm -rf /opt/kplay-damage /etc/systemd/system/kplay-damage.service; systemctl daemon-reload`);
};

const BUSYBOX = '10.89.0.1:10500/root/busybox:1';
/** What is done by hand, where, and the task that must repair it. */
const DAMAGE: readonly (readonly [member: Member, script: string, task: string])[] = [
  [first, 'echo tampered >> /opt/kplay-damage/content', 'content'],
  [second, 'chmod 644 /opt/kplay-damage/mode', 'mode'],
  [third, 'chown root:root /opt/kplay-damage/owner', 'owner'],
  [first, 'ln -sfn /etc/passwd /opt/kplay-damage/link', 'link'],
  [second, 'sed -i s/value/other/ /opt/kplay-damage/lines', 'line'],
  [third, 'sed -i s/infinity/1000/ /etc/systemd/system/kplay-damage.service', 'unit'],
  [first, 'systemctl disable -q kplay-damage', 'enablement'],
  [second, 'systemctl stop kplay-damage', 'running'],
  [
    third,
    `docker rm -f kplay-damage-flag >/dev/null; docker run -d --restart=always --name kplay-damage-flag -e LEVEL=2 ${BUSYBOX} sleep 100000 >/dev/null`,
    'flag',
  ],
  [first, 'docker stop -t 0 kplay-damage-stopped >/dev/null', 'container'],
  [
    second,
    'docker rm -f kplay-damage-image >/dev/null; docker run -d --name kplay-damage-image kplay-damage-other sleep 100000 >/dev/null',
    'image',
  ],
  [third, 'chmod 700 /opt/kplay-damage', 'folder'],
];

beforeAll(async () => {
  clean();
  on(second, `printf 'FROM ${BUSYBOX}\\nENV OTHER=1\\n' | docker build -q -t kplay-damage-other - >/dev/null`);
  const run = await repair();
  if (run.rc !== 0) throw new Error(told(run));
});
afterAll(() => {
  clean();
  on(second, 'docker rmi -f kplay-damage-other >/dev/null 2>&1 || :');
  rmSync(folder, { recursive: true });
});

test('converged hosts stay untouched', async () => {
  const run = await repair();
  expect(run.outcomes.length).toBeGreaterThan(30);
  expect(changedCounts(run), told(run)).toEqual(NOTHING);
});

test('what was damaged by hand is told and repaired, and nothing else', async () => {
  for (const [member, script] of DAMAGE) on(member, script);
  const wanted = DAMAGE.map(([member, , task]) => `${member} ${task}`).toSorted();
  const seen = await repair('--check');
  expect(changedBy(seen).toSorted(), told(seen)).toEqual(wanted);
  const run = await repair();
  expect(changedBy(run).toSorted(), told(run)).toEqual(wanted);
  expect(on(third, 'systemctl show -p NeedDaemonReload kplay-damage')).toBe('NeedDaemonReload=no');
  expect(changedCounts(await repair())).toEqual(NOTHING);
  expect(on(third, 'docker exec kplay-damage-flag env | grep LEVEL')).toBe('LEVEL=1');
  expect(everywhere('systemctl is-active kplay-damage; systemctl is-enabled kplay-damage')).toEqual([
    'active\nenabled',
    'active\nenabled',
    'active\nenabled',
  ]);
});
