import { expect, test } from 'vitest';
import { withLock } from '../../src/lab/lock.ts';

const name = `test-${process.pid}`;

test('one at a time, and free again afterwards, even after a failure', async () => {
  await expect(withLock(name, () => withLock(name, () => Promise.resolve()))).rejects.toMatchObject({ code: 'E_LAB' });
  await expect(withLock(name, () => Promise.resolve('done'))).resolves.toBe('done');
});
