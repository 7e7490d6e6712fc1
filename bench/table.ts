/** One line of the table: how long some runs of one tool took. */
export interface Row {
  readonly tool: string;
  readonly run: string;
  readonly seconds: readonly number[];
  /** The machine's load average (1 minute) when each of them started. */
  readonly load: readonly number[];
  /** Tasks that changed something, over all hosts, in the last of the runs. */
  readonly changed?: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Markdown. `ratio` is the median over that of kplay's same run; for kplay itself `over floor` is its median over the floor's. */
export const table = (rows: readonly Row[], floor: readonly number[]): string => {
  const seconds = (value: number): string => value.toFixed(2);
  const lines = rows.map(({ tool, run, seconds: taken, load, changed }) => {
    const own = rows.find(row => row.tool === 'kplay' && row.run === run);
    const over = tool === 'ansible' && own ? `${(median(taken) / median(own.seconds)).toFixed(0)} ×` : '';
    const overFloor = tool === 'kplay' ? `${(median(taken) / median(floor)).toFixed(2)} ×` : '';
    return [
      tool,
      run,
      taken.length,
      ...[Math.min(...taken), median(taken), Math.max(...taken)].map(seconds),
      median(load).toFixed(1),
      changed ?? '',
      over,
      overFloor,
    ];
  });
  const head = ['tool', 'run', 'runs', 'min s', 'median s', 'max s', 'load', 'changed', 'over kplay', 'over floor'];
  return [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n');
};
