import { afterEach, expect, test, vi } from 'vitest';
import { requireMachine } from '../../src/lab/machine.ts';

afterEach(() => vi.restoreAllMocks());
const as = (uid: number): void => void vi.spyOn(process, 'getuid').mockReturnValue(uid);

test('a machine that lacks programs is told their packages, each once', async () => {
  as(0);
  await expect(requireMachine(['systemd-nspawn', 'ssh', 'ssh-keygen'], '/nowhere')).rejects.toMatchObject({
    code: 'E_LAB',
    message: 'this machine lacks systemd-container, openssh-client',
    hint: 'apt-get install systemd-container openssh-client',
  });
});
test('other users than root are told so', async () => {
  as(1000);
  await expect(requireMachine([])).rejects.toMatchObject({ code: 'E_LAB', message: expect.stringContaining('root') });
});
