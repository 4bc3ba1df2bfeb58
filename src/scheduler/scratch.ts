/**
 * Arrays for one decision, used again for the next: most decisions need three of them, and making one costs
 * as much as filling it.
 *
 * What is in them is undefined; a decision uses them before anything else may ask for them.
 */
export class Scratch {
  #places = new Int32Array(0);
  #sums = new Float64Array(0);
  #scores = new Float64Array(0);

  places(count: number): Int32Array {
    if (this.#places.length < count) this.#places = new Int32Array(count);
    return this.#places;
  }

  sums(count: number): Float64Array {
    if (this.#sums.length < count) this.#sums = new Float64Array(count);
    return this.#sums;
  }

  scores(count: number): Float64Array {
    if (this.#scores.length < count) this.#scores = new Float64Array(count);
    return this.#scores;
  }
}
