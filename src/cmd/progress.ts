/** Progress on a terminal: one line per step, with its time. Plain lines when the output is no terminal. */

export class Progress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  async step<T>(title: string, run: () => Promise<T>): Promise<T> {
    const startedMs = this.#now();
    try {
      const result = await run();
      this.#write(`  ✓ ${title} (${((this.#now() - startedMs) / 1000).toFixed(1)} s)\n`);
      return result;
    } catch (error) {
      this.#write(`  ✗ ${title}\n`);
      throw error;
    }
  }

  say(text: string): void {
    this.#write(`${text}\n`);
  }
}
