/** One line of a table, one bar of a plot: how long some runs of one tool took. */
export interface Row {
  readonly tool: string;
  readonly seconds: readonly number[];
  /** The machine's load average (1 minute) when each of them started. */
  readonly load: readonly number[];
  /** Tasks that changed something, over all hosts, in the last of the runs. */
  readonly changed?: number;
  /** Whether the hosts hold the files that kplay left there. */
  readonly files?: string;
}

/** What was done, and how long each tool took for it. */
export interface Case {
  /** Names its plot's file. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** What the playbook's commands take on the hosts, whoever runs them; 0 where it has none. */
  readonly commandsSeconds: number;
}

/** The row that the others are compared with, and what none can undercut; there may be more floors, whose names begin so. */
export const OWN = 'kplay';
export const FLOOR = 'ssh2 floor';

export const isFloor = ({ tool }: Row): boolean => tool.startsWith(FLOOR);

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;

type Column = readonly [name: string, cell: (row: Row) => string];

const columnsOf = ({ rows, commandsSeconds }: Case): readonly Column[] => {
  const seconds = (value: number): string => value.toFixed(2);
  /** Without what takes the same time whoever asks for it; the floor asks for nothing of it. */
  const net = (row: Row): number => median(row.seconds) - (isFloor(row) ? 0 : commandsSeconds);
  const over = (name: string): Column => {
    const base = rows.find(({ tool }) => tool === name);
    return [`over ${name === FLOOR ? 'floor' : name}`, row => (base && row !== base ? times(net(row) / net(base)) : '')];
  };
  return [
    ['tool', row => row.tool],
    ['runs', row => String(row.seconds.length)],
    ['min s', row => seconds(Math.min(...row.seconds))],
    ['median s', row => seconds(median(row.seconds))],
    ['max s', row => seconds(Math.max(...row.seconds))],
    ['without commands s', row => (commandsSeconds > 0 && !isFloor(row) ? seconds(net(row)) : '')],
    ['load', row => median(row.load).toFixed(1)],
    ['changed', row => String(row.changed ?? '')],
    ['files', row => row.files ?? ''],
    over(OWN),
    over(FLOOR),
  ];
};

/** Markdown, without the columns that nothing is in. Ratios are of medians, less what the commands themselves take. */
export const table = (of: Case): string => {
  const columns = columnsOf(of).filter(([, cell]) => of.rows.some(row => cell(row) !== ''));
  const lines = [
    columns.map(([name]) => name),
    columns.map(([name]) => (name === 'tool' || name === 'files' ? '---' : '---:')),
    ...of.rows.map(row => columns.map(([, cell]) => cell(row))),
  ];
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
};
