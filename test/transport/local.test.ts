import { expect, test } from 'vitest';
import { connector } from '../../src/transport/connector.ts';
import { clock } from './_shells.ts';

test('the local connection runs programs as ssh would', async () => {
  const way = connector({ clock, hostKeyPolicy: 'strict', keepaliveMs: 0, sshConfigFile: 'none' });
  const address = { name: 'localhost', connection: 'local', host: 'localhost', timeoutMs: 10_000 } as const;
  const connection = await way.connect(address);
  // Pipes, not Node's sockets: a socket cannot be opened again by its name in /dev.
  const script = 'echo out >/dev/stdout; echo err >/dev/stderr; cat; exit 6';
  const { rc, stdout, stderr } = await connection.run({ script, stdin: Buffer.from('in') });
  expect([rc, stdout.toString(), stderr.toString()]).toEqual([6, 'out\nin', 'err\n']);
  const other = await way.connect(address);
  expect(other.target).toBe(connection.target);
  await Promise.all([connection.close(), other.close()]);
  await expect(connection.run({ script: 'true' })).rejects.toMatchObject({ code: 'E_LINK_LOST', started: false });
});
