/** What a splitter meets, in the order of the stream. */
export interface Frames {
  begin(id: number, pid: number): void;
  end(id: number, rc: number, bytes: Buffer): void;
}

const MARK = /^([BE]) (\d+) (\d+)$/;

/** Cuts one output stream of the loop into the bytes of each request. Bytes outside a frame (late daemons, greetings) are dropped. */
export class Splitter {
  readonly #mark: Buffer;
  readonly #frames: Frames;
  #tail: Buffer = Buffer.alloc(0);
  #kept: Buffer[] | undefined;
  constructor(nonce: string, frames: Frames) {
    this.#mark = Buffer.from(`\n${nonce} `);
    this.#frames = frames;
  }

  push(chunk: Buffer): void {
    let bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    for (;;) {
      const at = bytes.indexOf(this.#mark);
      const end = at < 0 ? -1 : bytes.indexOf('\n', at + this.#mark.length);
      if (end < 0) {
        const safe = at < 0 ? Math.max(0, bytes.length - this.#mark.length + 1) : at;
        this.#kept?.push(bytes.subarray(0, safe));
        this.#tail = bytes.subarray(safe);
        return;
      }
      this.#kept?.push(bytes.subarray(0, at));
      this.#meet(bytes.toString('latin1', at + this.#mark.length, end));
      bytes = bytes.subarray(end + 1);
    }
  }

  #meet(line: string): void {
    const [, kind, id, value] = MARK.exec(line) ?? [];
    if (kind === 'B') {
      this.#kept = [];
      this.#frames.begin(Number(id), Number(value));
    } else if (kind === 'E') {
      const bytes = Buffer.concat(this.#kept ?? []);
      this.#kept = undefined;
      this.#frames.end(Number(id), Number(value), bytes);
    }
  }
}
