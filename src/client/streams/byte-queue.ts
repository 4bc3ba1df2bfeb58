/** A bounded hand-over between a producer that is called back and a consumer that iterates. */

export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  readonly #limit: number;
  #bytes = 0;
  #ended = false;
  #waiting: (() => void) | undefined;
  #onRoom: () => void = () => {};

  /** `onRoom` is called when the queue, having been full, has room again. */
  constructor(limitBytes: number, onRoom: () => void = () => {}) {
    this.#limit = limitBytes;
    this.#onRoom = onRoom;
  }

  /** False when the queue is full: the producer must pause until `onRoom`. */
  push(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#wake();
    return this.#bytes < this.#limit;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        const wasFull = this.#bytes >= this.#limit;
        this.#bytes -= chunk.length;
        if (wasFull && this.#bytes < this.#limit) this.#onRoom();
        yield chunk;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
