/**
 * What the scheduler has decided to write, over what the API says. An assumption holds for as long as the
 * object is still the version from which it was made: whatever comes after is newer than the decision.
 *
 * Example: volume v (version 5) is assumed to belong to claim c. `over(v@5)` is v with the claim; once the
 * write, or anybody else's, has made it v@6, `over(v@6)` is v@6.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';

export class Assumptions<T extends KubernetesObject> {
  readonly #assumed = new Map<string, T>();

  get size(): number {
    return this.#assumed.size;
  }

  /** `assumed` has the version of the object from which it was made. */
  assume(key: string, assumed: T): void {
    this.#assumed.set(key, assumed);
  }

  /** The API's word holds again. */
  forget(key: string): void {
    this.#assumed.delete(key);
  }

  over(key: string, present: T | undefined): T | undefined {
    const assumed = this.#assumed.size === 0 ? undefined : this.#assumed.get(key);
    if (assumed === undefined) return present;
    if (present?.metadata.resourceVersion === assumed.metadata.resourceVersion) return assumed;
    this.#assumed.delete(key);
    return present;
  }
}
