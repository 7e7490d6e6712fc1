/**
 * A client that knows nothing of kplay: asks an address five times a second, each time over a connection of its own, until stdin ends. Then prints
 * what it saw, as JSON.
 *
 *   node test/cluster/probe.ts https://10.89.1.100:8443/readyz
 */
import { request } from 'node:https';

const TICK_MS = 200;
const url = process.argv[2] ?? '';

/** Times in milliseconds. */
export interface Seen {
  readonly asked: number;
  /** When, after the start, and what was wrong. */
  readonly failed: readonly string[];
  /** Between two good answers. */
  readonly longestGapMs: number;
}

const started = performance.now();
let lastGood = started;
let longestGapMs = 0;
let asked = 0;
const failed: string[] = [];

const ask = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { agent: false as const, rejectUnauthorized: false, signal: AbortSignal.timeout(3_000) };
    request(url, options, answer => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)))
      .on('error', reject)
      .end();
  });
const probe = async (): Promise<void> => {
  const at = performance.now();
  asked += 1;
  try {
    const status = await ask();
    if (status !== 200) throw new Error(String(status));
    longestGapMs = Math.max(longestGapMs, performance.now() - lastGood);
    lastGood = performance.now();
  } catch (error) {
    failed.push(`${Math.round(at - started)}: ${(error as Error).message}`);
  }
};

const inFlight = new Set<Promise<void>>();
const timer = setInterval(() => {
  const running = probe().finally(() => inFlight.delete(running));
  inFlight.add(running);
}, TICK_MS);
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  await Promise.all(inFlight);
  const seen: Seen = { asked, failed, longestGapMs: Math.max(longestGapMs, performance.now() - lastGood) };
  console.log(JSON.stringify(seen));
});
