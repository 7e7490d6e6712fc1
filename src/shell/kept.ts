import { hash, randomUUID } from 'node:crypto';

/** Never leaves this process, so no text of a playbook holds it. */
const MARK = randomUUID();
const PIECE = new RegExp(`(?<=^|\\n)#kept ${MARK}\\n([^]*?\\n)#end ${MARK}\\n`, 'g');

/** Shell text that many scripts have in common; whole lines. A loop is sent it once; to whom it is not cut for the marks are comments. */
export const kept = (text: string): string => `#kept ${MARK}\n${text}\n#end ${MARK}\n`;

/** A piece of a script: sent, sent and kept under a number, or kept before. */
export type Piece = { readonly text: string; readonly keep?: number } | { readonly kept: number };

/** All that is kept is a constant of this program, so there is an end to it; were it not, what is beyond this would be sent each time. */
const MOST_KEPT = 128;

/** What one loop keeps. A script that was cut must be sent: the next one counts on it. */
export class Keeping {
  readonly #numbers = new Map<string, number>();

  cut(script: string): readonly Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    for (const { 0: whole, 1: text = '', index } of script.matchAll(PIECE)) {
      if (index > from) pieces.push({ text: script.slice(from, index) });
      pieces.push(this.#piece(text));
      from = index + whole.length;
    }
    if (from < script.length) pieces.push({ text: script.slice(from) });
    return pieces;
  }

  /**
   * By a digest, so that no script stays in memory for the sake of a piece of it; of the text as it stands there, which in a script within a script is
   * quoted once more.
   */
  #piece(text: string): Piece {
    const digest = hash('sha256', text, 'base64');
    const number = this.#numbers.get(digest);
    if (number !== undefined) return { kept: number };
    if (this.#numbers.size === MOST_KEPT) return { text };
    const keep = this.#numbers.size + 1;
    this.#numbers.set(digest, keep);
    return { text, keep };
  }
}
