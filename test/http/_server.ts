import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

export interface Server {
  readonly port: number;
  /** Its own certificate, which is to be trusted. */
  readonly ca: Buffer | undefined;
  stop(): Promise<unknown>;
}

/** A certificate for 127.0.0.1 that vouches for itself. */
const certificate = (): { readonly cert: Buffer; readonly key: Buffer } => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-http-'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key'];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-days', '2', '-out', 'cert'], { cwd: dir, stdio: 'ignore' });
  const made = { cert: readFileSync(join(dir, 'cert')), key: readFileSync(join(dir, 'key')) };
  rmSync(dir, { recursive: true });
  return made;
};

export const serve = async (listener: RequestListener, secure: boolean): Promise<Server> => {
  const pair = secure ? certificate() : undefined;
  const server = pair ? createServer(pair, listener) : createPlain(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, ca: pair?.cert, stop };
};

/** Opens streams to a port, and remembers them. */
export const opener = (port: number): { readonly open: () => Promise<Duplex>; readonly opened: Duplex[] } => {
  const opened: Duplex[] = [];
  const open = (): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      opened.push(socket);
      socket.once('connect', () => resolve(socket)).once('error', reject);
    });
  return { open, opened };
};
