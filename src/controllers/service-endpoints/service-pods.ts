/**
 * Which pods stand behind each Service, kept by deltas: a pod that comes or changes costs as much as it has
 * Services, and a Service as much as it has pods, however many others there are.
 *
 * Tells, by its key, of every Service whose endpoints may have to change.
 *
 * Bound: a key for every pod and Service that selects it.
 */

import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import { remembered } from '../../base/remembered.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { servicesSelecting } from '../../client/informer/services-selecting.ts';
import { changesEndpoints, selectsPods } from './service-endpoints.ts';

/** Pods with the same labels have the same list of Services. */
const LISTS_MAX = 1024;

export class ServicePods {
  readonly #pods: Informer<Pod>;
  readonly #servicesOf: (pod: Pod) => readonly Service[];
  readonly #keysOfAll = remembered(LISTS_MAX, (selecting: readonly Service[]) =>
    selecting.filter(selectsPods).map(objectKey),
  );
  /** Keys of pods by the key of the Service. */
  readonly #members = new Map<string, Set<string>>();

  constructor(informers: Informers, onChange: (serviceKey: string) => void) {
    this.#pods = informers.of(pods);
    this.#servicesOf = servicesSelecting(informers);
    informers.of(services).subscribe((next, old, key) => {
      this.#onService(next, old, key);
      onChange(key);
    });
    this.#pods.subscribe((next, old, key) => {
      const concerned = this.#onPod(next, old, key);
      if (changesEndpoints(next, old)) for (const service of concerned) onChange(service);
    });
  }

  /** The pods that the Service selects now. */
  behind(serviceKey: string): readonly Pod[] {
    const keys = [...(this.#members.get(serviceKey) ?? [])];
    return keys.map((key) => this.#pods.getByKey(key)).filter((pod) => pod !== undefined);
  }

  #onService(next: Service | undefined, old: Service | undefined, key: string): void {
    if (next === undefined || !selectsPods(next)) {
      this.#members.delete(key);
      return;
    }
    const isKnown = old !== undefined && selectsPods(old);
    if (isKnown && deepEqual(next.spec.selector, old.spec.selector)) return;
    const selector = Object.entries(next.spec.selector ?? {});
    const selected = this.#pods
      .list(next.metadata.namespace)
      .filter(({ metadata: { labels = {} } }) => selector.every(([k, value]) => labels[k] === value));
    this.#members.set(key, new Set(selected.map(objectKey)));
  }

  /** The Services that select the pod, or did. */
  #onPod(next: Pod | undefined, old: Pod | undefined, key: string): readonly string[] {
    const before = this.#keysOf(old);
    const now = next?.metadata.labels === old?.metadata.labels ? before : this.#keysOf(next);
    for (const service of now) this.#members.get(service)?.add(key);
    if (now === before) return now;
    const left = before.filter((service) => !now.includes(service));
    for (const service of left) this.#members.get(service)?.delete(key);
    return [...now, ...left];
  }

  #keysOf(pod: Pod | undefined): readonly string[] {
    return pod === undefined ? NONE : this.#keysOfAll(this.#servicesOf(pod));
  }
}

const NONE: readonly string[] = [];
