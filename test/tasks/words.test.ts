import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinWords } from '../../src/tasks/program.ts';
import { splitWords, wordsOf } from '../../src/tasks/words.ts';

test.for([
  ['a  b\tc\n d', ['a', 'b', 'c', 'd']],
  [`a'b c'd "e \\"f\\" \\g"`, ['ab cd', 'e "f" \\g']],
  [`x '' ""`, ['x', '', '']],
  ['a\\ b \\\\ c#d', ['a b', '\\', 'c#d']],
  ['a \\\nb', ['a', '\nb']],
  ['', []],
] as const)('%j splits as shlex does', ([line, words]) => {
  expect(wordsOf(line)).toEqual(words);
});

test.for(['a "b', "a 'b", 'a \\'])('%j is refused', line => {
  expect(() => wordsOf(line)).toThrow(expect.objectContaining({ code: 'E_ARGS' }));
});

test('words that are joined and split again are the same words', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), words => {
      expect(wordsOf(joinWords(words))).toEqual(words);
    }),
  );
});

test('a word says where it ends', () => {
  expect(splitWords(`'a b'.sh  -x`)[0]).toEqual({ value: 'a b.sh', end: 8 });
});
