import type { Counts } from '../model/event.ts';
import type { Paint, Tone } from './paint.ts';

const COLUMNS: readonly (readonly [keyof Counts, Tone])[] = [
  ['ok', 'ok'],
  ['changed', 'changed'],
  ['unreachable', 'unreachable'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['rescued', 'ok'],
  ['ignored', 'warning'],
];

/** Ansible's recap lines, hosts by name. Widths count what is seen, not the colour codes. */
export const recapLines = (hosts: Readonly<Record<string, Counts>>, paint: Paint): string[] =>
  Object.entries(hosts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, counts]) => {
      const columns = COLUMNS.map(([key, tone]) => {
        const column = `${key}=${String(counts[key]).padEnd(4)}`;
        return counts[key] === 0 ? column : paint(tone, column);
      });
      return `${paint(hostTone(counts), host.padEnd(26))} : ${columns.join(' ')}`;
    });

export const hostTone = ({ failed, unreachable, changed }: Counts): Tone => {
  if (failed > 0 || unreachable > 0) return 'failed';
  return changed > 0 ? 'changed' : 'ok';
};
