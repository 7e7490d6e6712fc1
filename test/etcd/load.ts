/**
 * A client that knows nothing of kplay: writes to etcd ten times a second and asks every member for its health as often, over the
 * members' own HTTP gateway, until stdin ends. Then prints what it saw, as JSON.
 *
 *   node test/etcd/load.ts http://10.89.0.11:2379 http://10.89.0.12:2379 http://10.89.0.13:2379
 *
 * Members that speak TLS are asked with ca.crt, client.crt and client.key of the folder LOAD_TLS.
 */
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { join } from 'node:path';

const TICK_MS = 100;
const members = process.argv.slice(2);
const prefix = `load/${process.pid}/`;

/** What the run looked like to a client. Times in milliseconds. */
export interface Report {
  readonly acknowledged: number;
  /** Acknowledged writes that cannot be read back from one member or another. */
  readonly lost: readonly string[];
  /** Between two acknowledged writes. */
  readonly longestGapMs: number;
  readonly samples: number;
  /** Members down at the same moment. */
  readonly mostDown: number;
  /** What each member said at every moment at which more than one was not well, an election among them. */
  readonly together: readonly string[];
  /** By member: for how long at a stretch it was seen down. */
  readonly longestDownMs: Readonly<Record<string, number>>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}
const folder = process.env['LOAD_TLS'];
const pem = (file: string): Buffer | undefined => (folder === undefined ? undefined : readFileSync(join(folder, file)));
const login = { ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') };
const ask = (url: string, timeoutMs: number, body?: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestSecure : requestPlain;
    const signal = AbortSignal.timeout(timeoutMs);
    const asked = request(url, { method: body ? 'POST' : 'GET', agent: false, signal, ...login }, async answer => {
      const text = (await answer.setEncoding('utf8').toArray()).join('');
      resolve({ status: answer.statusCode ?? 0, text });
    });
    asked.on('error', reject).end(body && JSON.stringify(body));
  });

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const post = async (member: string, path: string, body: object, timeoutMs: number): Promise<unknown> => {
  const { status, text } = await ask(`${member}/v3/kv/${path}`, timeoutMs, body);
  if (status !== 200) throw new Error(`${status}`);
  return JSON.parse(text) as unknown;
};

const acknowledged = new Map<string, string>();
let lastAck = performance.now();
let longestGapMs = 0;
let turn = 0;
/** As a client library does: the next member where one does not answer. */
const write = async (): Promise<void> => {
  const number = turn++;
  const [key, value] = [`${prefix}${number}`, `${Date.now()}`];
  for (let attempt = 0; attempt < members.length; attempt++) {
    try {
      await post(members[(number + attempt) % members.length]!, 'put', { key: base64(key), value: base64(value) }, 2_000);
    } catch {
      continue;
    }
    acknowledged.set(key, value);
    longestGapMs = Math.max(longestGapMs, performance.now() - lastAck);
    lastAck = performance.now();
    return;
  }
};

interface Health {
  readonly isUp: boolean;
  /** It answered: it runs, but at this moment knows no leader. */
  readonly isLeaderless: boolean;
  readonly said: string;
}
/** A linearizable read on the member; slow is not down, but silent for five seconds is. */
const healthOf = async (member: string): Promise<Health> => {
  try {
    const { status, text } = await ask(`${member}/health`, 5_000);
    return { isUp: status === 200, isLeaderless: status === 503, said: `${status} ${text.trim()}` };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { isUp: false, isLeaderless: false, said: code ?? message };
  }
};

interface Moment {
  readonly at: number;
  /** In the order of `members`. */
  readonly states: readonly Health[];
}
const moments: Moment[] = [];
const sample = async (): Promise<void> => {
  const at = performance.now();
  moments.push({ at, states: await Promise.all(members.map(healthOf)) });
};

/**
 * A leader that hands over leaves everyone without one for some milliseconds. A member that says so once, and is well a tenth of a second
 * before and after, has not been down.
 */
const isDown = (index: number, member: number): boolean => {
  const state = moments[index]!.states[member]!;
  const isWell = (moment: Moment | undefined): boolean => moment?.states[member]!.isUp ?? false;
  return !state.isUp && !(state.isLeaderless && isWell(moments[index - 1]) && isWell(moments[index + 1]));
};

const downtime = (): Pick<Report, 'mostDown' | 'together' | 'longestDownMs'> => {
  moments.sort((a, b) => a.at - b.at);
  const downAt = moments.map((_, index) => members.filter((_member, member) => isDown(index, member)));
  const longest = (member: string): number => {
    let since: number | undefined;
    let most = 0;
    for (const [index, { at }] of moments.entries()) {
      since = downAt[index]!.includes(member) ? (since ?? at) : undefined;
      if (since !== undefined) most = Math.max(most, (moments[index + 1]?.at ?? at) - since);
    }
    return most;
  };
  return {
    mostDown: Math.max(0, ...downAt.map(({ length }) => length)),
    together: moments
      .filter(({ states }) => states.filter(({ isUp }) => !isUp).length > 1)
      .map(({ at, states }) => `${Math.round(at)}: ${states.map(({ said }) => said).join('; ')}`),
    longestDownMs: Object.fromEntries(members.map(member => [member, longest(member)])),
  };
};

const lost = async (): Promise<string[]> => {
  const missing: string[] = [];
  for (const member of members) {
    const { kvs = [] } = (await post(member, 'range', { key: base64(prefix), range_end: base64('load0') }, 30_000)) as {
      kvs?: { key: string; value: string }[];
    };
    const there = new Map(kvs.map(({ key, value }) => [Buffer.from(key, 'base64').toString(), Buffer.from(value, 'base64').toString()]));
    for (const [key, value] of acknowledged) if (there.get(key) !== value) missing.push(`${member} ${key}`);
  }
  return missing;
};

const inFlight = new Set<Promise<void>>();
const start = (work: () => Promise<void>): void => {
  const running = work().finally(() => inFlight.delete(running));
  inFlight.add(running);
};
const timer = setInterval(() => {
  start(write);
  start(sample);
}, TICK_MS);
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  await Promise.all(inFlight);
  longestGapMs = Math.max(longestGapMs, performance.now() - lastAck);
  const report: Report = { acknowledged: acknowledged.size, lost: await lost(), longestGapMs, samples: moments.length, ...downtime() };
  console.log(JSON.stringify(report));
});
