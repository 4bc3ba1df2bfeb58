/** The pods that each autoscaler counts, and which autoscalers count the same ones. */

import { matches, type Selector } from '../../api/labels/selector.ts';
import { splitKey } from '../../api/meta/object.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';

export class SelectedPods {
  readonly #pods: Informer<Pod>;
  /** By the autoscaler's key. */
  readonly #selectors = new Map<string, Selector>();

  constructor(pods: Informer<Pod>) {
    this.#pods = pods;
  }

  of(key: string, namespace: string, selector: Selector): readonly Pod[] {
    this.#selectors.set(key, selector);
    return this.#pods.list(namespace).filter(({ metadata }) => matches(selector, metadata.labels));
  }

  forget(key: string): void {
    this.#selectors.delete(key);
  }

  /** Keys of the autoscalers that select any of these pods. */
  scalersOf(namespace: string, selected: readonly Pod[]): readonly string[] {
    return [...this.#selectors]
      .filter(([key]) => splitKey(key).namespace === namespace)
      .filter(([, selector]) => selected.some(({ metadata }) => matches(selector, metadata.labels)))
      .map(([key]) => key)
      .toSorted();
  }
}
