import { KplayError } from '../model/errors.ts';
import type { Value } from '../value/value.ts';

/**
 * How `serial` cuts a play's hosts into batches: numbers or percentages of all its hosts, the last one repeating until none are left
 * (Ansible's docs: "Setting the batch size with serial").
 */
export const batchesOf = <Host>(hosts: readonly Host[], serial: readonly Value[]): readonly (readonly Host[])[] => {
  const sizes = serial.map(entry => sizeOf(entry, hosts.length)).filter(size => size > 0);
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
const sizeOf = (entry: Value, total: number): number => {
  const text = String(entry).trim();
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent) return Math.trunc((Number(percent[1]) / 100) * total) || 1;
  if (!/^-?\d+$/.test(text)) throw new KplayError('E_ARGS', `serial: '${text}' is neither a number nor a percentage`);
  return Number(text) > 0 ? Number(text) : total;
};
