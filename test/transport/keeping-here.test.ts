import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/model/session.ts';
import { KeyRing } from '../../src/transport/credentials.ts';
import { HostKeys } from '../../src/transport/host-keys.ts';
import { KeepingHere } from '../../src/transport/keeping-here.ts';
import { Shelf } from '../../src/transport/shelf.ts';
import type { ConnectorOptions } from '../../src/transport/connector.ts';
import { HandClock } from './_clock.ts';
import { addressOf, canServe, known, knownFile, type Sshd, startProxy, startSshd, trusting } from './_sshd.ts';

const MINUTE_MS = 60_000;
const say = async (connection: Connection, script: string): Promise<string> => (await connection.run({ script })).stdout.toString().trim();

describe.runIf(canServe)('connections of runs in one process', () => {
  let sshd: Sshd;
  let file: string;
  beforeAll(async () => {
    sshd = await startSshd();
    file = knownFile(sshd.dir, known(sshd));
  });
  afterAll(() => sshd.stop());

  /** Each call is a run: its connection to the host. */
  const process = async () => {
    const { ssh2 } = await import('../../src/transport/ssh2.ts');
    const clock = new HandClock();
    const shelf = new Shelf(clock, () => undefined);
    const here: NonNullable<ConnectorOptions['keeper']>['here'] = ask =>
      new KeepingHere(shelf, { ssh2, clock, hostKeys: new HostKeys(), ring: new KeyRing(ssh2, ask) });
    const place = () => {
      throw new Error('no other process is wanted');
    };
    const keeper = { place, here, keepMs: MINUTE_MS, warn: (message: string) => expect.unreachable(message) };
    onTestFinished(async () => {
      clock.pass(MINUTE_MS);
      await expect.poll(() => shelf.isEmpty).toBe(true);
    });
    const connect = (more: Partial<ConnectorOptions> = {}, address = addressOf(sshd)): Promise<Connection> =>
      trusting([sshd], { keeper, knownHostsFiles: [file], ...more }).connect(address);
    return { connect, clock, shelf };
  };

  test('go on with the login, and with the shell of the login user', async () => {
    const { connect } = await process();
    const first = await connect();
    const shell = await say(first, 'echo $$ $SSH_CONNECTION; cd /; umask 0; trap : EXIT; X=1');
    await first.close(true);
    const second = await connect();
    expect(await say(second, 'echo $$ $SSH_CONNECTION')).toBe(shell);
    expect(await say(second, 'echo $X; pwd; umask')).not.toMatch(/1|\/$|0000/m);
    await second.close(true);
  });

  test('end the shells of users that were become', async () => {
    const { connect } = await process();
    const become = { method: 'su', user: 'nobody', flags: '-s /bin/sh' } as const;
    const pid = async (connection: Connection): Promise<string> => (await connection.run({ script: 'echo $$', become })).stdout.toString();
    const first = await connect();
    const before = await pid(first);
    await first.close(true);
    const second = await connect();
    expect(await pid(second)).not.toBe(before);
    await second.close(true);
  });

  test('are made anew after a run that gave something up, and after their time', async () => {
    const { connect, clock, shelf } = await process();
    const port = async (keep: boolean): Promise<string> => {
      const connection = await connect();
      const said = await say(connection, 'echo $SSH_CONNECTION');
      await connection.close(keep);
      return said;
    };
    const first = await port(true);
    expect(await port(false)).toBe(first);
    const second = await port(true);
    expect(second).not.toBe(first);
    clock.pass(MINUTE_MS - 1);
    expect(await port(true)).toBe(second);
    clock.pass(MINUTE_MS);
    await expect.poll(() => shelf.isEmpty).toBe(true);
    expect(await port(true)).not.toBe(second);
  });

  test('whose host went away without a word are made anew', async () => {
    const { connect, clock } = await process();
    const proxy = await startProxy(sshd.port);
    const way = { knownHostsFiles: [knownFile(sshd.dir, known({ ...sshd, port: proxy.port }))] };
    const address = addressOf(sshd, { port: proxy.port });
    const first = await connect(way, address);
    const before = await say(first, 'echo $SSH_CONNECTION');
    await first.close(true);
    proxy.freeze();
    const coming = connect(way, address);
    await expect.poll(() => clock.awaits(10_000)).toBe(true);
    clock.pass(10_000);
    const second = await coming;
    expect(await say(second, 'echo $SSH_CONNECTION')).not.toBe(before);
    await second.close();
    proxy.stop();
  });
});
