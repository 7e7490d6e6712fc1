import { type Case, median, OWN, type Row } from './table.ts';

const WIDTH = 760;
/** Where bars begin and end; beside them is room for names and numbers. */
const [LEFT, RIGHT] = [190, 690];
const [TOP, STEP, BAR] = [44, 28, 16];
/** Legible on white and on black. */
const INK = '#777';
const FILL = { own: '#2f81f7', other: '#a0a0a0' };

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** 1, 2 and 5 times powers of ten: the largest below all values, the smallest above them, and those between. */
export const ticksFor = (low: number, high: number): readonly number[] => {
  const all = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap(exponent => [1, 2, 5].map(digit => Number(`${digit}e${exponent}`)));
  const first = all.findLastIndex(tick => tick < low);
  const last = all.findIndex(tick => tick > high);
  return all.slice(first, last + 1);
};

/** A bar chart of seconds on a logarithmic axis, as SVG: bars to the median, whiskers from the shortest to the longest run. */
export const plot = ({ title, rows }: Pick<Case, 'title' | 'rows'>): string => {
  const all = rows.flatMap(({ seconds }) => seconds);
  const ticks = ticksFor(Math.min(...all), Math.max(...all));
  const [low, high] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)];
  const x = (seconds: number): string => (LEFT + ((Math.log(seconds) - low) / (high - low)) * (RIGHT - LEFT)).toFixed(1);
  const bottom = TOP + rows.length * STEP;

  const tick = (seconds: number): string =>
    `<path d="M${x(seconds)} ${TOP - 6}V${bottom}" stroke="${INK}" stroke-opacity=".3"/>` +
    `<text x="${x(seconds)}" y="${bottom + 16}" text-anchor="middle">${seconds}</text>`;
  const bar = ({ tool, seconds }: Row, i: number): string => {
    const y = TOP + i * STEP;
    const [from, to, middle] = [Math.min(...seconds), Math.max(...seconds), median(seconds)];
    const line = y + BAR / 2;
    return [
      `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escaped(tool)}</text>`,
      `<path d="M${LEFT} ${y}H${x(middle)}v${BAR}H${LEFT}z" fill="${tool.startsWith(OWN) ? FILL.own : FILL.other}" fill-opacity=".65"/>`,
      `<path d="M${x(from)} ${line}H${x(to)}M${x(from)} ${line - 4}v8M${x(to)} ${line - 4}v8" stroke="${INK}" stroke-width="1.5"/>`,
      `<text x="${Number(x(to)) + 6}" y="${y + 12}">${middle.toFixed(2)}</text>`,
    ].join('\n');
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 44}" role="img" font-family="sans-serif" font-size="12" fill="${INK}">
<title>${escaped(title)}</title>
<text x="${LEFT}" y="20" font-size="15">${escaped(title)}</text>
${ticks.map(tick).join('\n')}
${rows.map(bar).join('\n')}
<text x="${LEFT}" y="${bottom + 36}">seconds, logarithmic; bars: median, whiskers: shortest and longest run</text>
</svg>
`;
};
