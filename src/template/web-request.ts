import { spawnSync } from 'node:child_process';
import { evaluationError } from '../value/errors.ts';
import type { WebRequest, WebResponse } from './host.ts';

/** Asks in a process of its own, as a template cannot wait. */
const SCRIPT = `
const files = require('node:fs');
const { url, headers, redirects, timeoutMs } = JSON.parse(files.readFileSync(0, 'utf8'));
const told = error => (error.cause ?? error).message || String(error.cause?.code ?? error);
fetch(url, { headers, redirect: redirects === 'all' ? 'follow' : 'manual', signal: AbortSignal.timeout(timeoutMs) })
  .then(async response => ({ status: response.status, body: await response.text() }), error => ({ error: told(error) }))
  .then(answer => files.writeFileSync(1, JSON.stringify(answer)));
`;
/** The process ends by itself at the request's limit; this is for one that does not. */
const GRACE_MS = 5000;

/** One GET; E_TEMPLATE when there is no answer. */
export const webRequest = (request: WebRequest, env: Readonly<Record<string, string | undefined>>): WebResponse => {
  const { verify, proxy, authority, timeoutMs, url } = request;
  const done = spawnSync(process.execPath, ['--no-warnings', '-e', SCRIPT], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    timeout: timeoutMs + GRACE_MS,
    maxBuffer: 1 << 28,
    env: {
      ...env,
      ...(!verify && { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }),
      ...(proxy && { NODE_USE_ENV_PROXY: '1' }),
    },
  });
  if (done.error || done.status !== 0) throw evaluationError(`Failed lookup url for ${url} : ${done.error?.message ?? done.stderr}`);
  // The script above wrote it.
  const answer = JSON.parse(done.stdout) as WebResponse | { readonly error: string };
  if ('error' in answer) throw evaluationError(`Failed lookup url for ${url} : ${answer.error}`);
  return answer;
};
