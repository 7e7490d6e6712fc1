import { KplayError } from '../model/errors.ts';
import type { Value } from '../value/value.ts';

/**
 * How `serial` cuts a play's hosts into batches: numbers or percentages of all its hosts, the last one repeating until none are left
 * (Ansible's docs: "Setting the batch size with serial").
 */
export const batchesOf = <Host>(hosts: readonly Host[], serial: readonly Value[]): readonly (readonly Host[])[] => {
  const sizes = serial.map(entry => sizeOf('serial', entry, hosts.length)).filter(size => size > 0);
  if (sizes.length === 0) return [hosts];
  const batches: (readonly Host[])[] = [];
  for (let from = 0, number = 0; from < hosts.length; number++) {
    const size = sizes[Math.min(number, sizes.length - 1)]!;
    batches.push(hosts.slice(from, from + size));
    from += size;
  }
  return batches;
};

/** A percentage of a few hosts is never less than one host; 0 and negative numbers mean all. */
export const sizeOf = (keyword: string, entry: Value, total: number): number => {
  const text = String(entry).trim();
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent) return Math.trunc((Number(percent[1]) / 100) * total) || 1;
  if (!/^-?\d+$/.test(text)) throw new KplayError('E_ARGS', `${keyword}: '${text}' is neither a number nor a percentage`);
  return Number(text) > 0 ? Number(text) : total;
};

/**
 * The next batch of a rolling play: the first `size` hosts, or as many of them as may be down together with those that are `down` already
 * and do not belong to them. None: those others use up all that may be down.
 */
export const nextOf = (hosts: readonly string[], size: number, mayBeDown: number, down: readonly string[]): readonly string[] => {
  for (let count = Math.min(size, hosts.length, mayBeDown); count > 0; count--) {
    const batch = hosts.slice(0, count);
    if (count + down.filter(host => !batch.includes(host)).length <= mayBeDown) return batch;
  }
  return [];
};
