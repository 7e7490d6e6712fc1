import { randomBytes } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Become } from '../model/session.ts';
import type { Channel } from '../shell/channel.ts';
import { findReady, loopCommand, type Ready } from '../shell/loop.ts';
import { asksPassword, becomeCommand, becomeFailure } from './become.ts';

export interface Opening {
  readonly host: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly start: (command: string) => Promise<Channel>;
}

/** Starts the loop for one identity and waits until it is ready. Fails with E_BECOME, or E_CONNECT for the login user itself. */
export const openLoop = async (opening: Opening, become: Become | undefined): Promise<{ channel: Channel; ready: Ready }> => {
  const marker = `kplay-${randomBytes(9).toString('hex')}`;
  const prompt = `[kplay ${randomBytes(9).toString('hex')}] password: `;
  const channel = await opening.start(become ? becomeCommand(become, prompt, marker) : loopCommand(marker));
  try {
    const ready = await greet(opening, channel, become, { marker, prompt });
    if (ready.missing.length === 0) return { channel, ready };
    const message = `${opening.host} lacks what kplay's shell needs: ${ready.missing.join(', ')}.`;
    throw new KplayError('E_CONNECT', message, { hint: 'Install coreutils and util-linux, or busybox.' });
  } catch (error) {
    channel.close();
    throw error;
  }
};

/** Listens until the loop announces itself, and answers one password prompt. */
const greet = async (
  { host, clock, timeoutMs }: Opening,
  channel: Channel,
  become: Become | undefined,
  { marker, prompt }: { readonly marker: string; readonly prompt: string },
): Promise<Ready> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const stop = new AbortController();
  const said = { out: Buffer.alloc(0), err: Buffer.alloc(0) };
  const seen = { out: 0, err: 0 };
  let answered = false;
  const fail = (why: string, refused = become?.method === 'su' && answered): void => {
    const text = Buffer.concat([said.err, said.out]).toString().replaceAll(prompt, '');
    reject(refusal(host, become, text, why, refused));
  };
  // sudo asks on stderr, and so does su, except busybox's, which asks on stdout.
  const hear = (stream: 'out' | 'err', chunk: Buffer): void => {
    said[stream] = Buffer.concat([said[stream], chunk]);
    const ready = stream === 'out' ? findReady(said.out, marker) : undefined;
    if (ready) return resolve(ready);
    if (become?.password === undefined || !asksPassword(become, prompt, said[stream].toString('utf8', seen[stream]))) return;
    if (answered) return fail('it asked again', true);
    answered = true;
    seen[stream] = said[stream].length;
    channel.stdin.write(`${become.password}\n`);
  };
  const onOut = (chunk: Buffer): void => hear('out', chunk);
  const onErr = (chunk: Buffer): void => hear('err', chunk);
  const onError = (error: Error): void => fail(error.message);
  channel.stdout.on('data', onOut);
  channel.stderr.on('data', onErr);
  channel.stdin.on('error', onError);
  void channel.closed.then(why => fail(why));
  clock.wait(timeoutMs, stop.signal).then(
    () => fail(`no answer within ${timeoutMs / 1000} s`),
    () => undefined,
  );
  try {
    return await promise;
  } finally {
    stop.abort();
    channel.stdout.pause().off('data', onOut);
    channel.stderr.pause().off('data', onErr);
    channel.stdin.off('error', onError);
  }
};

const refusal = (host: string, become: Become | undefined, said: string, why: string, refused: boolean): KplayError => {
  if (!become) {
    const hint = 'The login user needs a POSIX shell at /bin/sh and a login shell that runs commands.';
    return new KplayError('E_CONNECT', `Logged in to ${host}, but no shell came up (${why}).`, { detail: said, hint });
  }
  const { message, hint } = becomeFailure(become, said || why, refused);
  return new KplayError('E_BECOME', message, { detail: said || why, ...(hint === undefined ? {} : { hint }) });
};
