/**
 * How long refused clients of a priority level should stay away: doubled while many are refused, and a second
 * less when few are. Numbers and rules are upstream's.
 *
 * Example: three refused in one second make it 2 from the next second on; six in the following two seconds
 * make it 4; when then less than four are refused within four seconds, it goes down to 3.
 */

const RETRY_MAX_S = 32;

export class RetryAfter {
  #seconds = 1;
  #raisedAt = 0;
  /** Per second, oldest first; the last one is under way. At most `RETRY_MAX_S` of them matter. */
  #refused: { readonly second: number; count: number }[] = [];

  get seconds(): number {
    return this.#seconds;
  }

  /** `nowMs`: wall time. */
  refused(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const last = this.#refused.at(-1);
    if (last?.second === second) return void last.count++;
    this.#refused = this.#refused.filter((entry) => second - entry.second <= RETRY_MAX_S);
    this.#adjust(second);
    this.#refused.push({ second, count: 1 });
  }

  #adjust(second: number): void {
    let recent = 0;
    for (const entry of this.#refused) if (second - entry.second <= this.#seconds) recent += entry.count;
    if (second - this.#raisedAt >= this.#seconds && recent >= 3 * this.#seconds) {
      this.#seconds = Math.min(this.#seconds * 2, RETRY_MAX_S);
      this.#raisedAt = second;
    } else if (recent < this.#seconds && this.#seconds > 1) this.#seconds--;
  }
}
