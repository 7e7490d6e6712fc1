import { expect, test } from 'vitest';
import { changedInRecap } from '../../bench/ansible.ts';
import { type Case, FLOOR, table } from '../../bench/table.ts';
import { changedInTotal } from '../../bench/tools.ts';

const rows: Case['rows'] = [
  { tool: 'kplay', seconds: [2, 1.5, 4], load: [1, 3, 2], changed: 0 },
  { tool: 'pyinfra', seconds: [1], load: [5], changed: 8, files: 'same' },
  { tool: FLOOR, seconds: [0.5, 0.3], load: [2, 2] },
];

test('medians are told over those of kplay and of the floor, and a faster tool is shown like any other', () => {
  expect(table({ name: 'files-first', title: 'files.yml, first', rows, commandsSeconds: 0 }).split('\n')).toEqual([
    '| tool | runs | min s | median s | max s | load | changed | files | over kplay | over floor |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |',
    '| kplay | 3 | 1.50 | 2.00 | 4.00 | 2.0 | 0 |  |  | 5.0 × |',
    '| pyinfra | 1 | 1.00 | 1.00 | 1.00 | 5.0 | 8 | same | 0.5 × | 2.5 × |',
    '| ssh2 floor | 2 | 0.30 | 0.40 | 0.50 | 2.0 |  |  | 0.2 × |  |',
  ]);
});

test('what the commands take is in no ratio, and the floor runs none', () => {
  const lines = table({ name: 'mixed-first', title: 'mixed.yml, first', rows, commandsSeconds: 0.5 }).split('\n');
  expect(lines.slice(2).map(line => line.split(' | ').slice(5, 6).concat(line.split(' | ').slice(-2)))).toEqual([
    ['1.50', '', '3.8 × |'],
    ['0.50', '0.3 ×', '1.3 × |'],
    ['', '0.3 ×', ' |'],
  ]);
});

test('a column that nothing is in is left out', () => {
  const [head] = table({ name: 'facts', title: 'facts', rows: [{ tool: 'kplay', seconds: [1], load: [1] }], commandsSeconds: 0 }).split(
    '\n',
  );
  expect(head).toBe('| tool | runs | min s | median s | max s | load |');
});

test('changes are counted over all hosts', () => {
  const recap = 'PLAY RECAP ***\nh1   : ok=33   changed=18   unreachable=0    failed=0\nh2 : ok=33 changed=1 unreachable=0\n';
  expect(changedInRecap(recap)).toBe(19);
  const results = '--> Results:\n    Operation     Hosts   Success   Error   No Change   \n    Grand total   150     147       -       3\n';
  expect(changedInTotal(results)).toBe(147);
  expect(changedInTotal('    Grand total   150     -         -       150\n')).toBe(0);
});
