/** Edits between two words: insert, delete, replace, swap neighbours (optimal string alignment). */
const distance = (left: string, right: string): number => {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const edits = Math.min(cell(row, j) + 1, cell(next, j - 1) + 1, cell(row, j - 1) + (same ? 0 : 1));
      next.push(swapped ? Math.min(edits, cell(before, j - 2) + 1) : edits);
    }
    before = row;
    row = next;
  }
  return cell(row, right.length);
};
const cell = (row: readonly number[], at: number): number => row[at] ?? Number.POSITIVE_INFINITY;

/** The known word that somebody who wrote `word` most likely meant: at most a third of its letters differ. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least && edits < word.length) [best, least] = [candidate, edits];
  }
  return best;
};

/** A hint for a message about an unknown word, when there is one to give. */
export const didYouMean = (word: string, known: Iterable<string>): string | undefined => {
  const found = nearest(word, known);
  return found === undefined ? undefined : `did you mean "${found}"?`;
};
