/**
 * How far ahead it pays to look. An act voids what was seen of what follows, so where everything acts, looking at more than the next
 * execution is wasted; where nothing acts, one look takes all. A cost only: what is used is decided in each task's own turn.
 */
export class Horizon {
  #executions = Number.POSITIVE_INFINITY;

  /** A difference was found and acted on. */
  acted(): void {
    this.#executions = 1;
  }
  /** How many executions (of tasks, or of loop items) to look at now; four times as many with each look that no act comes after. */
  next(): number {
    const executions = this.#executions;
    this.#executions *= 4;
    return executions;
  }
}
