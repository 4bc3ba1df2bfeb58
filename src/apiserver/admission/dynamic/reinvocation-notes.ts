/**
 * Which invocations of mutating policies come again when the plugins are asked a second time: those whose
 * policy wants it, and after which something was changed. As upstream's `policy/mutating/reinvocationcontext.go`.
 *
 * Example: `a` wants to see what others do, `b` changes the object after it: in the second round `a` is asked
 * again, `b` is not.
 */

import { deepEqual } from '../../../api/meta/equal.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';

export class ReinvocationNotes {
  #invoked = new Set<string>();
  readonly #again = new Set<string>();
  #output: KubernetesObject | undefined;

  /** Called when a round begins, with the object as it comes. */
  begin(object: KubernetesObject): void {
    if (this.#output !== undefined && !deepEqual(this.#output, object)) this.changed();
  }

  /** Called when a round ends, with the object as it leaves. */
  end(object: KubernetesObject): void {
    this.#output = object;
  }

  /** Something is different from what those saw that were invoked so far. */
  changed(): void {
    for (const key of this.#invoked) this.#again.add(key);
    this.#invoked = new Set();
  }

  /** An invocation that wants to come again was made. */
  invoked(key: string): void {
    this.#invoked.add(key);
  }

  comesAgain(key: string): boolean {
    return this.#again.has(key);
  }
}
