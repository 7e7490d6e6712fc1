import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Splitter } from '../../src/shell/splitter.ts';

const NONCE = 'b9c1';
/** Text that likes to look like a marker. */
const bytes = fc
  .array(fc.constantFrom('\n', NONCE, ' ', 'E 1 0', 'B 2 5', `\n${NONCE}`, `\n${NONCE.slice(0, 2)}`, 'x', '\0\xff'), { maxLength: 12 })
  .map(parts => parts.join(''))
  .filter(text => !text.includes(`\n${NONCE} `));

const split = (chunks: readonly Buffer[]): string[] => {
  const seen: string[] = [];
  const splitter = new Splitter(NONCE, {
    begin: (id, pid) => seen.push(`begin ${id} ${pid}`),
    end: (id, rc, printed) => seen.push(`end ${id} ${rc} ${printed.toString('latin1')}`),
  });
  for (const chunk of chunks) splitter.push(chunk);
  return seen;
};

test('finds every frame, byte for byte, wherever the stream is cut', () => {
  const request = fc.record({ before: bytes, printed: bytes, rc: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), fc.array(fc.nat(400), { maxLength: 20 }), (requests, cuts) => {
      const stream = requests.map(
        ({ before, printed, rc }, i) => `${before}\n${NONCE} B ${i} ${i + 100}\n${printed}\n${NONCE} E ${i} ${rc}\n`,
      );
      const whole = Buffer.from(stream.join(''), 'latin1');
      const at = [0, ...cuts.filter(cut => cut < whole.length).toSorted((a, b) => a - b), whole.length];
      const chunks = at.slice(1).map((end, i) => whole.subarray(at[i], end));
      expect(split(chunks)).toEqual(requests.flatMap(({ printed, rc }, i) => [`begin ${i} ${i + 100}`, `end ${i} ${rc} ${printed}`]));
    }),
  );
});
