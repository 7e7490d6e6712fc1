import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeGlob, expanded, expandedGlob } from '../../src/shell/expand.ts';

const env = { HOME: '/home/h', A: "it's *", EMPTY: '', PATH: process.env['PATH'] ?? '' };
const shells = [['/bin/dash'], ['busybox', 'sh'], ['bash']] as const;
const print = (shell: readonly string[], program: string): string => {
  const [file = '', ...rest] = shell;
  const { stdout, stderr } = spawnSync(file, [...rest, '-c', program], { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
};

describe.for(shells)('%s', shell => {
  test.for([
    ['~/x y', '/home/h/x y'],
    ['~', '/home/h'],
    ['~root/a', '/root/a'],
    ['~no-such-user/a b', '~no-such-user/a b'],
    ['a~/b', 'a~/b'],
    ['$A/${A}b', "it's */it's *b"],
    ['$NONE ${NONE} ${a-b} $ $1 $(id) `id`', '$NONE ${NONE} ${a-b} $ $1 $(id) `id`'],
    ['[$EMPTY]', '[]'],
    ['$IFS$PPID', '$IFS$PPID'],
    ['', ''],
  ] as const)('%j becomes %j', ([text, wanted]) => {
    expect(print(shell, `printf %s ${expanded(text)}`)).toBe(wanted);
  });
});

test('text without variables or a tilde stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter(text => !/[$~\0]/.test(text)),
      text => {
        expect(print(['/bin/dash'], `printf %s ${expanded(text)}`)).toBe(text);
        expect(print(['/bin/dash'], `IFS=; set -f; printf %s ${expandedGlob(escapeGlob(text)).replaceAll(/\[([*?[])\]/g, "'$1'")}`)).toBe(
          text,
        );
      },
    ),
    { numRuns: 40 },
  );
});
