import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../src/model/event.ts';
import type { Place } from './sshd.ts';
import { median } from './table.ts';

/** h00001 at 127.1.0.1, and so on: every address of 127.0.0.0/8 is this machine's. */
export const fleetOf = (count: number): readonly Place[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `h${String(i + 1).padStart(5, '0')}`,
    address: `127.1.${Math.floor(i / 250)}.${(i % 250) + 1}`,
  }));

/** What kplay made of one host's tree, for another host, whose name and address stand in contents and links as well. */
export const replicate = (from: string, to: string, one: Place, other: Place): void => {
  const of = (text: string): string => text.replaceAll(one.name, other.name).replaceAll(`${one.address}:`, `${other.address}:`);
  const info = lstatSync(from);
  if (info.isSymbolicLink()) symlinkSync(of(readlinkSync(from)), to);
  else if (info.isDirectory()) {
    mkdirSync(to);
    for (const entry of readdirSync(from)) replicate(join(from, entry), join(to, entry), one, other);
  } else writeFileSync(to, of(readFileSync(from, 'utf8')));
  lchownSync(to, info.uid, info.gid);
  if (!info.isSymbolicLink()) chmodSync(to, info.mode & 0o7777);
};

/** What the events of a run with --profile say of its hosts. */
export interface Spread {
  /** Seconds in which the hosts were worked on, each from when it got a fork, over all tasks. */
  readonly median: number;
  readonly slowest: number;
  /** Requests sent to a host, those ahead among them, on average. */
  readonly requests: number;
}
export const spreadOf = (stdout: string): Spread => {
  const begun = new Map<string, number>();
  const spent = new Map<string, number>();
  let requests = 0;
  for (const line of stdout.trim().split('\n')) {
    const event = JSON.parse(line) as Event;
    if (event.type === 'host-start') begun.set(event.host, Date.parse(event.time));
    if (event.type === 'spent' && !event.joined && event.on !== 'connect' && event.on !== 'wait') requests += 1;
    if (event.type !== 'outcome') continue;
    const { host } = event.outcome;
    spent.set(host, (spent.get(host) ?? 0) + (Date.parse(event.time) - begun.get(host)!) / 1000);
  }
  const each = [...spent.values()];
  return { median: median(each), slowest: Math.max(...each), requests: requests / spent.size };
};

/** Least squares: what the first host costs beyond what each one more does. */
export const fit = (points: readonly (readonly [x: number, y: number])[]): { readonly base: number; readonly each: number } => {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const each = mean(points.map(([x, y]) => (x - mx) * (y - my))) / mean(points.map(([x]) => (x - mx) ** 2));
  return { base: my - each * mx, each };
};
