import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** Starts a web server (_server.cjs) that ends with the test file; its address on the loopback. */
export const webServer = async (): Promise<string> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('_server.cjs', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  afterAll(() => void child.kill());
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return `http://127.0.0.1:${chunk.toString().trim()}`;
};
