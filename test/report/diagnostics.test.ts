import { expect, test } from 'vitest';
import { diagnosticsText } from '../../src/report/diagnostics.ts';

const at = { file: 'site.yml', line: 2, col: 4 };

test('a finding has its place, its line, a caret and a hint; all are counted', () => {
  const text = diagnosticsText(
    [
      { severity: 'error', code: 'E_ARGS', message: 'unknown argument pth', at, hint: 'did you mean path?' },
      { severity: 'warning', code: 'E_SYNTAX', message: 'odd', at: { file: 'gone.yml', line: 1, col: 1 } },
    ],
    file => (file === 'site.yml' ? 'one\n\t- pth: x\n' : undefined),
    false,
  );
  expect(text).toBe(
    'site.yml:2:4: ERROR! unknown argument pth\n    2 | \t- pth: x\n      | \t  ^\n  hint: did you mean path?\n\ngone.yml:1:1: [WARNING]: odd\n\n1 error, 1 warning\n',
  );
});
