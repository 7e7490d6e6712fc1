import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpClient } from '../../src/http/client.ts';
import { opener, serve, type Server } from './_server.ts';

/** Tells what it was asked; never answers to /never. */
const echo: RequestListener = (request, response) => {
  if (request.url === '/never') return;
  let body = '';
  request.on('data', chunk => (body += String(chunk)));
  request.on('end', () => {
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.end(`${request.method} ${request.url} ${request.headers['x-who']} ${body}`);
  });
};

describe.for([true, false])('over TLS: %s', secure => {
  let server: Server;
  beforeAll(async () => {
    server = await serve(echo, secure);
  });
  afterAll(() => server.stop());
  const client = (streams = opener(server.port)) => {
    const tls = server.ca === undefined ? {} : { tls: { ca: server.ca } };
    const made = new HttpClient({ host: '127.0.0.1', port: server.port, headers: { 'x-who': 'me' }, ...tls }, streams.open);
    return { client: made, ...streams };
  };

  test('asks with methods, headers and bodies', async () => {
    using made = client().client;
    expect(await made.ask({ method: 'GET', path: '/a?b=c' })).toEqual({ status: 200, body: 'GET /a?b=c me ' });
    expect(await made.ask({ method: 'GET', path: '/missing' })).toMatchObject({ status: 404 });
    for (const method of ['POST', 'PATCH', 'DELETE'])
      expect((await made.ask({ method, path: '/', body: 'bä', headers: { 'x-who': 'you' } })).body).toBe(`${method} / you bä`);
  });

  test('what is open is closed at the end, also what is under way', async () => {
    const { client: made, opened } = client();
    await made.ask({ method: 'GET', path: '/' });
    const never = made.ask({ method: 'GET', path: '/never' });
    const failed = expect(never).rejects.toThrow();
    await new Promise(resolve => setImmediate(resolve));
    made[Symbol.dispose]();
    await failed;
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('ends with the reason of its signal', async () => {
    using made = client().client;
    const stop = new AbortController();
    const never = made.ask({ method: 'GET', path: '/never', signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
    await expect(made.ask({ method: 'GET', path: '/', signal: stop.signal })).rejects.toThrow('enough');
  });

  test('says why there is no stream', async () => {
    using made = client({ open: () => Promise.reject(new Error('no channel')), opened: [] }).client;
    await expect(made.ask({ method: 'GET', path: '/' })).rejects.toThrow('no channel');
  });

  test.runIf(secure)('one stream serves one request after another, at most six side by side', async () => {
    const { client: made, opened } = client();
    for (const path of ['/1', '/2', '/3']) await made.ask({ method: 'GET', path });
    expect(opened).toHaveLength(1);
    await Promise.all(Array.from({ length: 40 }, (_, n) => made.ask({ method: 'GET', path: `/${n}` })));
    expect(opened.length).toBeLessThanOrEqual(6);
    made[Symbol.dispose]();
  });

  test.runIf(secure)('a server that nobody vouches for, or of another name, is not asked', async () => {
    const { open } = opener(server.port);
    const at = { host: '127.0.0.1', port: server.port };
    using stranger = new HttpClient({ ...at, tls: {} }, open);
    await expect(stranger.ask({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    using other = new HttpClient({ ...at, tls: { ...(server.ca && { ca: server.ca }), servername: 'other.example.com' } }, open);
    await expect(other.ask({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
