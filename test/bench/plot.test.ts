import { expect, test } from 'vitest';
import { plot, ticksFor } from '../../bench/plot.ts';

const rows = [
  { tool: 'kplay', seconds: [1, 0.5, 2], load: [] },
  { tool: 'a <b>', seconds: [10], load: [] },
];
const drawn = plot({ title: 'files.yml, first', rows });
/** Where the texts of the axis are. */
const at = (seconds: number): number => Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${seconds}</text>`).exec(drawn)?.[1]);

test('the axis begins below all values and ends above them', () => {
  expect(ticksFor(0.72, 118)).toEqual([0.5, 1, 2, 5, 10, 20, 50, 100, 200]);
  expect(ticksFor(1, 2)).toEqual([0.5, 1, 2, 5]);
});

test('equal ratios are equal lengths', () => {
  expect(at(1) - at(0.5)).toBeCloseTo(at(2) - at(1), 0);
  expect(at(10) - at(1)).toBeGreaterThan(at(5) - at(1));
});

test('a bar ends at the median, its whisker at the shortest and the longest run', () => {
  const [bar] = /<path d="M[\d.]+ \d+H([\d.]+)v/.exec(drawn)?.slice(1) ?? [];
  expect(Number(bar)).toBe(at(1));
  const [from, to] = /<path d="M([\d.]+) \d+H([\d.]+)M/.exec(drawn)?.slice(1).map(Number) ?? [];
  expect([from, to]).toEqual([at(0.5), at(2)]);
});

test('it is one element whose texts are escaped', () => {
  expect(drawn).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title>files\.yml, first<\/title>/);
  expect(drawn).toContain('>a &lt;b></text>');
  expect(drawn.trimEnd()).toMatch(/<\/svg>$/);
});
