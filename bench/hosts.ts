import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import ssh2 from 'ssh2';

export interface Host {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly keyFile: string;
}

/**
 * ssh2 and nothing else: logs in, runs one script in a shell, says goodbye. Resolves with what the script prints. As ssh2 connects by itself, the
 * kernel keeps small packets back while others are not acknowledged; `atOnce` has it send them.
 */
const ask = (host: Host, script: string, atOnce: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () =>
      client.exec('exec /bin/sh', (error, channel) => {
        if (error) return reject(error);
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        channel.on('data', (chunk: Buffer) => out.push(chunk));
        channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
        channel.on('close', (code: number) => {
          client.end();
          if (code === 0) resolve(Buffer.concat(out).toString());
          else reject(new Error(`${host.name}: status ${code}: ${Buffer.concat(err).toString()}`));
        });
        channel.end(script);
      }),
    );
    client.connect({
      ...(atOnce ? { sock: connect({ host: host.address, port: 22, noDelay: true }) } : { host: host.address }),
      username: host.user,
      privateKey: readFileSync(host.keyFile),
    });
  });

export const askAll = (hosts: readonly Host[], script: string, atOnce = false): Promise<readonly string[]> =>
  Promise.all(hosts.map(host => ask(host, script, atOnce)));
