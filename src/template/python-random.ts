import { createHash } from 'node:crypto';
import { str } from '../value/repr.ts';
import { Float, type Value } from '../value/value.ts';

const N = 624;
const M = 397;

/** The 32-bit words of a seed, least significant first. */
const words = (seed: bigint): number[] => {
  const parts: number[] = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) parts.push(Number(rest & 0xffffffffn));
  return parts.length > 0 ? parts : [0];
};
const seedNumber = (seed: Value): bigint => {
  if (typeof seed === 'number' || typeof seed === 'bigint' || typeof seed === 'boolean') {
    const value = BigInt(seed);
    return value < 0n ? -value : value;
  }
  // Python hashes a float with its own modulus; a whole one hashes to its value.
  if (seed instanceof Float) return BigInt(Math.abs(Math.trunc(seed.value)));
  const bytes = Buffer.from(str(seed));
  return BigInt(`0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`);
};

/** CPython's random.Random for a given seed (MT19937, seeding version 2): `random(seed=inventory_hostname)` must not move. */
export class PythonRandom {
  readonly #state = new Uint32Array(N);
  #at = N;
  constructor(seed: Value) {
    this.#fill(19650218);
    this.#mix(words(seedNumber(seed)));
  }

  #fill(seed: number): void {
    this.#state[0] = seed;
    for (let at = 1; at < N; at++) {
      const before = this.#state[at - 1] ?? 0;
      this.#state[at] = Math.imul(1812433253, before ^ (before >>> 30)) + at;
    }
  }
  #mix(key: readonly number[]): void {
    const state = this.#state;
    let [at, from] = [1, 0];
    const advance = (): void => {
      at++;
      if (at < N) return;
      state[0] = state[N - 1] ?? 0;
      at = 1;
    };
    const blended = (factor: number): number => {
      const before = state[at - 1] ?? 0;
      return (state[at] ?? 0) ^ Math.imul(before ^ (before >>> 30), factor);
    };
    for (let left = Math.max(N, key.length); left > 0; left--) {
      state[at] = blended(1664525) + (key[from] ?? 0) + from;
      from = (from + 1) % key.length;
      advance();
    }
    for (let left = N - 1; left > 0; left--) {
      state[at] = blended(1566083941) - at;
      advance();
    }
    state[0] = 0x80000000;
  }
  #twist(): void {
    const state = this.#state;
    for (let at = 0; at < N; at++) {
      const joined = ((state[at] ?? 0) & 0x80000000) | ((state[(at + 1) % N] ?? 0) & 0x7fffffff);
      state[at] = (state[(at + M) % N] ?? 0) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
  #word(): number {
    if (this.#at >= N) this.#twist();
    let word = this.#state[this.#at++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** Random bits, at most 53: the words of a longer number come lowest first. */
  #bits(count: number): number {
    if (count <= 32) return this.#word() >>> (32 - count);
    const low = this.#word();
    return this.#bits(count - 32) * 2 ** 32 + low;
  }
  /** A whole number from 0 up to, without, `limit` (at most 2^53). */
  below(limit: number): number {
    const bits = limit.toString(2).length;
    for (;;) {
      const value = this.#bits(bits);
      if (value < limit) return value;
    }
  }
}
