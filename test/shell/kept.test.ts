import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kept, Keeping } from '../../src/shell/kept.ts';

const line = fc.constantFrom('', 'echo a', '#', '#.', '#kept', ' #kept', 'x=1 #.', 'y');

test('what is cut and put together again is the script but for the marks', () => {
  const part = fc.tuple(fc.boolean(), fc.array(line, { minLength: 1, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 4 }), scripts => {
      const [keeping, held] = [new Keeping(), new Map<number, string>()];
      for (const parts of scripts) {
        const script = parts.map(([constant, lines]) => (constant ? kept(lines.join('\n')) : `${lines.join('\n')}\n`)).join('');
        const whole = keeping.cut(script).map(piece => {
          if ('kept' in piece) return held.get(piece.kept);
          if (piece.keep !== undefined) held.set(piece.keep, piece.text);
          return piece.text;
        });
        const unmarked = (text: string): string => text.replaceAll(/^#(?:kept|\.)\n/gm, '');
        expect(unmarked(whole.join(''))).toBe(unmarked(script));
      }
    }),
  );
});

test('there is an end to what is kept', () => {
  const keeping = new Keeping();
  const pieces = Array.from({ length: 200 }, (_, id) => keeping.cut(kept(`echo ${id}`)));
  expect(pieces.filter(([piece]) => piece !== undefined && 'keep' in piece)).toHaveLength(128);
  expect(keeping.cut(kept('echo 199'))).toEqual([{ text: 'echo 199\n' }]);
  expect(keeping.cut(kept('echo 0'))).toEqual([{ kept: 1 }]);
});
