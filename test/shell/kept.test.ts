import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kept, Keeping } from '../../src/shell/kept.ts';

const line = fc.constantFrom('', 'echo a', '#', '#.', '#kept', '#end', ' #kept x', 'a\r#kept', '\u2028', 'y');

test('what is cut and put together again is the script but for the marks, whatever is in it', () => {
  const part = fc.tuple(fc.boolean(), fc.array(line, { minLength: 1, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 4 }), scripts => {
      const [keeping, held] = [new Keeping(), new Map<number, string>()];
      for (const parts of scripts) {
        const texts = parts.map(([constant, lines]) => ({ constant, text: lines.join('\n') }));
        const pieces = keeping.cut(texts.map(({ constant, text }) => (constant ? kept(text) : `${text}\n`)).join(''));
        const whole = pieces.map(piece => {
          if ('kept' in piece) return held.get(piece.kept);
          if (piece.keep !== undefined) held.set(piece.keep, piece.text);
          return piece.text;
        });
        expect(whole.join('')).toBe(texts.map(({ text }) => `${text}\n`).join(''));
        expect(pieces.filter(piece => 'kept' in piece || 'keep' in piece)).toHaveLength(texts.filter(({ constant }) => constant).length);
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
