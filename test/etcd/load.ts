/**
 * A client that knows nothing of kplay: writes to etcd ten times a second and asks every member for its health as often, over the
 * members' own HTTP gateway, until stdin ends. Then prints what it saw, as JSON.
 *
 *   node test/etcd/load.ts http://10.89.0.11:2379 http://10.89.0.12:2379 http://10.89.0.13:2379
 */
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
  /** By member: for how long at a stretch it was seen down. */
  readonly longestDownMs: Readonly<Record<string, number>>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const post = async (member: string, path: string, body: object, timeoutMs: number): Promise<unknown> => {
  const answer = await fetch(`${member}/v3/kv/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
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

let samples = 0;
let mostDown = 0;
const downSince = new Map<string, number>();
const longestDownMs: Record<string, number> = Object.fromEntries(members.map(member => [member, 0]));
/** A linearizable read on each member; slow is not down, but silent for five seconds is. */
const sample = async (): Promise<void> => {
  const asked = performance.now();
  const states = await Promise.all(
    members.map(
      async member => (await fetch(`${member}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined))?.ok ?? false,
    ),
  );
  samples++;
  mostDown = Math.max(mostDown, states.filter(isUp => !isUp).length);
  for (const [index, member] of members.entries()) {
    if (states[index]) downSince.delete(member);
    else {
      if (!downSince.has(member)) downSince.set(member, asked);
      longestDownMs[member] = Math.max(longestDownMs[member]!, performance.now() - downSince.get(member)!);
    }
  }
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
  const report: Report = { acknowledged: acknowledged.size, lost: await lost(), longestGapMs, samples, mostDown, longestDownMs };
  console.log(JSON.stringify(report));
});
