/** Agreements and disagreements about one kind of thing. */
export class Tally {
  readonly kind: string;
  readonly #write: (line: string) => void;
  #same = 0;
  #failed = 0;
  #different = 0;
  #wavering = 0;
  readonly #missing = new Map<string, number>();
  constructor(kind: string, write: (line: string) => void) {
    this.kind = kind;
    this.#write = write;
  }

  /** Both fail is no agreement worth counting: their reasons are not compared. */
  agree(good: boolean): void {
    if (good) this.#same += 1;
    else this.#failed += 1;
  }
  /** Ansible itself answers one time this and one time that. */
  waver(): void {
    this.#wavering += 1;
  }
  differ(what: string, ansible: string, kplay: string): void {
    this.#different += 1;
    this.#write(`${this.kind} ${what}\n  ansible ${excerpt(ansible, kplay)}\n  kplay   ${excerpt(kplay, ansible)}\n`);
  }

  /** Something that kplay has not got, and how often one of those compared asks for it. */
  miss(name: string, count: number): void {
    this.#missing.set(name, Math.max(this.#missing.get(name) ?? 0, count));
  }

  get clean(): boolean {
    return this.#different === 0;
  }
  toString(): string {
    const compared = this.#same + this.#different;
    const share = compared === 0 ? 100 : (100 * this.#same) / compared;
    const missing = [...this.#missing]
      .map(([name, count]) => `${name} (${count})`)
      .toSorted()
      .join(', ');
    const sum = `${this.kind}: ${this.#same} of ${compared} agree (${share.toFixed(2)} %), ${this.#failed} fail on both sides, ${this.#wavering} differ from one run of Ansible to the next`;
    return missing === '' ? sum : `${sum}\n  missing: ${missing}`;
  }
}

const WIDTH = 160;
/** One line from where two texts part. */
const excerpt = (text: string, other: string): string => {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const from = at < WIDTH / 2 ? 0 : at - WIDTH / 4;
  return `${from > 0 ? '…' : ''}${text.slice(from, from + WIDTH).replaceAll('\n', '\\n')}`;
};
