const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const BOX = 256;
const WORDS = P_WORDS + 4 * BOX;

/** arctan(1/n), scaled. */
const arctanOfInverse = (n: bigint, scale: bigint): bigint => {
  const square = n * n;
  let [sum, power] = [0n, scale / n];
  for (let odd = 1n; power > 0n; odd += 2n) {
    sum += odd % 4n === 1n ? power / odd : -power / odd;
    power /= square;
  }
  return sum;
};
/** Blowfish begins with the fraction of pi (Machin's formula), which is shorter than a table of it. */
const digitsOfPi = (): Int32Array => {
  const [bits, guard] = [BigInt(32 * WORDS), 64n];
  const scale = 1n << (bits + guard);
  const pi = 4n * (4n * arctanOfInverse(5n, scale) - arctanOfInverse(239n, scale));
  const fraction = Buffer.from(((pi - 3n * scale) >> guard).toString(16).padStart(8 * WORDS, '0'), 'hex');
  return Int32Array.from({ length: WORDS }, (_, at) => fraction.readInt32BE(4 * at));
};

/** Schneier's Blowfish with the key schedules that bcrypt (Provos and Mazières) repeats. */
export class Blowfish {
  /** P, then the four S boxes. */
  readonly #state = digitsOfPi();
  readonly #half = new Int32Array(2);

  /** Mixes a key into P, and a salt, if there is one, into what fills P and S anew. */
  expand(key: Int32Array, salt: Int32Array = new Int32Array(4)): void {
    const [state, half] = [this.#state, this.#half];
    for (let at = 0; at < P_WORDS; at++) state[at] = (state[at] ?? 0) ^ (key[at % key.length] ?? 0);
    half.fill(0);
    for (let at = 0; at < WORDS; at += 2) {
      half[0] = (half[0] ?? 0) ^ (salt[at % 4] ?? 0);
      half[1] = (half[1] ?? 0) ^ (salt[(at + 1) % 4] ?? 0);
      this.encrypt(half);
      state[at] = half[0] ?? 0;
      state[at + 1] = half[1] ?? 0;
    }
  }

  /** Two words in their place. */
  encrypt(block: Int32Array, at = 0): void {
    // Plain variables throughout: bcrypt comes here some four million times.
    const state = this.#state;
    let left = block[at] ?? 0;
    let right = block[at + 1] ?? 0;
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = left ^ (state[round] ?? 0);
      const sum = (state[P_WORDS + (mixed >>> 24)] ?? 0) + (state[P_WORDS + BOX + ((mixed >>> 16) & 255)] ?? 0);
      const blend = (sum ^ (state[P_WORDS + 2 * BOX + ((mixed >>> 8) & 255)] ?? 0)) + (state[P_WORDS + 3 * BOX + (mixed & 255)] ?? 0);
      left = right ^ blend;
      right = mixed;
    }
    block[at] = right ^ (state[ROUNDS + 1] ?? 0);
    block[at + 1] = left ^ (state[ROUNDS] ?? 0);
  }
}
