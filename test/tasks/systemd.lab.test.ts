import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unit } from '../../src/probes/unit.ts';
import { service, systemd } from '../../src/tasks/systemd.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell } from './_lab.ts';

const shell = labShell('h4');
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
};
const run = async (args: object, check = false) => runOnce(systemd, args, { shell, mode: { check, diff: false } });
const UNIT = 'kplay-test.service';

beforeAll(() => {
  on(`printf '%s\\n' '[Service]' 'ExecStart=/bin/sleep 1000' 'ExecReload=/bin/true' '[Install]' WantedBy=multi-user.target >/etc/systemd/system/${UNIT}
printf '%s\\n' '[Service]' 'ExecStart=/bin/sleep 100%i' >/etc/systemd/system/kplay-test@.service
systemctl daemon-reload`);
});
afterAll(() => {
  on(`systemctl stop kplay-test 'kplay-test@*'; systemctl unmask kplay-test; systemctl disable kplay-test
rm -f /etc/systemd/system/kplay-test*; systemctl daemon-reload`);
});

describe('on a host with systemd', () => {
  test('a unit is started and enabled once', async () => {
    const first = await run({ name: 'kplay-test', state: 'started', enabled: true });
    expect(first.changes.map(({ key }) => key)).toEqual(['enabled', 'state']);
    expect(first.result).toMatchObject({ changed: true, enabled: true, state: 'started', name: 'kplay-test' });
    expect(on(`systemctl is-active ${UNIT}; systemctl is-enabled ${UNIT}`)).toBe('active\nenabled');
    const second = await run({ name: UNIT, state: 'started', enabled: true });
    expect(second).toMatchObject({ changes: [], result: { changed: false, status: { ActiveState: 'active', Id: UNIT } } });
  });

  test('restarted and reloaded act every time, and start what does not run', async () => {
    const pid = (): string => on(`systemctl show -P MainPID ${UNIT}`);
    const before = pid();
    expect((await run({ name: UNIT, state: 'reloaded' })).result).toMatchObject({ changed: true, state: 'started' });
    expect(pid()).toBe(before);
    await run({ name: UNIT, state: 'restarted' });
    expect(pid()).not.toBe(before);
    expect((await run({ name: UNIT, state: 'stopped' })).result).toMatchObject({ changed: true, state: 'stopped' });
    expect((await run({ name: UNIT, state: 'stopped' })).changes).toEqual([]);
    await run({ name: UNIT, state: 'reloaded' });
    expect(pid()).not.toBe('0');
  });

  test('check mode changes nothing', async () => {
    expect((await run({ name: UNIT, state: 'stopped', enabled: false }, true)).result).toMatchObject({ changed: true, enabled: false });
    expect(on(`systemctl is-active ${UNIT}; systemctl is-enabled ${UNIT}`)).toBe('active\nenabled');
  });

  test('what is enabled is read from the disk', async () => {
    on(`rm /etc/systemd/system/multi-user.target.wants/${UNIT}`);
    expect((await run({ name: UNIT, enabled: true })).result).toMatchObject({ changed: true });
    expect((await run({ name: UNIT, enabled: true })).changes).toEqual([]);
    await run({ name: UNIT, enabled: false });
    expect(on(`systemctl is-enabled ${UNIT} || :`)).toBe('disabled');
  });

  test('masking', async () => {
    await run({ name: 'kplay-mask.service', masked: true });
    expect((await run({ name: 'kplay-mask.service', masked: true })).changes).toEqual([]);
    expect((await run({ name: 'kplay-mask.service', state: 'started' })).result).toEqual({
      changed: false,
      failed: true,
      msg: expect.stringMatching(/^Unable to start service kplay-mask.service: .*masked/),
    });
    await run({ name: 'kplay-mask.service', masked: false });
    expect((await run({ name: 'kplay-mask.service', masked: false })).changes).toEqual([]);
  });

  test('instances of templates', async () => {
    expect((await run({ name: 'kplay-test@1', state: 'started' })).result).toMatchObject({ changed: true });
    expect((await run({ name: 'kplay-test@1.service', state: 'started' })).changes).toEqual([]);
  });

  test('one program answers for many units, a bare template and a missing one among them', () => {
    const names = [UNIT, 'kplay-test@.service', 'kplay-none', 'kplay-test@7.service', 'multi-user.target'];
    const ask = (subjects: readonly string[]): readonly unknown[] => {
      const { rc, stdout } = execute(shell, unit.system.script(subjects));
      expect(rc).toBe(0);
      return unit.system.parse(stdout, subjects).map(seen => (seen instanceof Error ? seen : [seen.found, seen.status['Id']]));
    };
    const rest = [
      [false, 'kplay-none.service'],
      [true, 'kplay-test@7.service'],
      [true, 'multi-user.target'],
    ];
    expect(ask(names)).toEqual([[true, UNIT], [true, undefined], ...rest]);
    expect(ask(names.toSpliced(1, 1))).toEqual([[true, UNIT], ...rest]);
  });

  test('daemon_reload reads changed files first and is no change by itself', async () => {
    on(`printf '%s\\n' '[Service]' 'ExecStart=/bin/sleep 2000' >/etc/systemd/system/kplay-test-late.service`);
    expect((await run({ daemon_reload: true })).result).toEqual({ name: null, changed: false, status: {} });
    expect((await run({ name: 'kplay-test-late', daemon_reload: true, state: 'started' })).result).toMatchObject({ changed: true });
    on('systemctl stop kplay-test-late');
  });

  test('a unit that systemd could not load is read again before it is judged', async () => {
    const write = (line: string): string => `printf '%s\\n' '[Service]' '${line}' >/etc/systemd/system/kplay-test-unfit.service`;
    on(`${write('Type=simple')}; systemctl daemon-reload`);
    const wanted = { name: 'kplay-test-unfit', state: 'started' };
    await expect(run(wanted)).rejects.toMatchObject({ message: expect.stringContaining("Error loading unit file 'kplay-test-unfit'") });
    on(write('ExecStart=/bin/sleep 3000'));
    expect((await run({ ...wanted, daemon_reload: true })).result).toMatchObject({ changed: true });
    on('systemctl stop kplay-test-unfit');
  });

  test('a missing unit, a broken act', async () => {
    const missing = { code: 'E_STATE', message: 'Could not find the requested service kplay-none: host' };
    await expect(run({ name: 'kplay-none', state: 'started' })).rejects.toMatchObject(missing);
    await expect(run({ name: 'kplay-none', enabled: false })).rejects.toMatchObject(missing);
    expect((await run({ name: 'kplay-none', state: 'started', daemon_reload: true })).result).toMatchObject({
      failed: true,
      msg: missing.message,
    });
    on(
      `printf '%s\\n' '[Service]' 'Type=oneshot' 'ExecStart=/bin/false' >/etc/systemd/system/kplay-test-bad.service; systemctl daemon-reload`,
    );
    const { result } = await run({ name: 'kplay-test-bad', state: 'started' });
    expect(result).toMatchObject({ failed: true, msg: expect.stringMatching(/^Unable to start service kplay-test-bad: Job for/) });
  });

  test('service is the same module', async () => {
    const { result } = await runOnce(service, { name: 'ssh', state: 'started', arguments: '-x', sleep: 3 }, { shell });
    expect(result).toMatchObject({ changed: false, name: 'ssh', state: 'started', status: { Id: 'ssh.service' } });
  });
});

test.for([{ state: 'started' }, { enabled: true }, { name: 'a*', state: 'started' }, { name: 'a', state: 'running' }])(
  '%o is refused',
  args => {
    expect(systemd.args.safeParse(args).success).toBe(false);
  },
);
