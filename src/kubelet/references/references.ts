/**
 * The ConfigMaps and Secrets that the node's pods refer to: each is watched by itself from its first use
 * until its last user goes, so that a node needs no access to anything else.
 *
 * Invariant: `onChange` is called with every pod that has asked for an object which changed, appeared or
 * went.
 */

import type { Logger } from '../../base/log.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { Client, Selection } from '../../client/client.ts';
import { SharedInformers } from '../../client/informer/shared-informers.ts';
import type { Clock } from '../../host/host.ts';

/** Longer than a server takes; what does not answer by then is an error of this attempt. */
const FIRST_ANSWER_MS = 10_000;

interface Watched {
  readonly informers: SharedInformers;
  readonly stop: AbortController;
  readonly users: Set<string>;
}

export interface ReferencesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: (podUid: string) => void;
}

export class References {
  readonly #options: ReferencesOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #byPod = new Map<string, Set<string>>();

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /** Undefined when there is no such object; rejects when the server does not answer. */
  async get<T extends KubernetesObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
    podUid: string,
  ): Promise<T | undefined> {
    const { informers, stop } = this.#watch(type, namespace, name, podUid);
    const informer = informers.of(type);
    if (!informer.synced()) {
      const limit = this.#options.clock.sleep(FIRST_ANSWER_MS, stop.signal);
      await Promise.race([informers.waitForSync(stop.signal), limit]);
      if (!informer.synced())
        throw new Error(
          `failed to sync ${type.kind.toLowerCase()} cache: timed out waiting for the condition`,
        );
    }
    return informer.get(namespace, name);
  }

  /** The pod has gone: what only it used is followed no longer. */
  release(podUid: string): void {
    for (const key of this.#byPod.get(podUid) ?? []) {
      const watched = this.#watched.get(key);
      watched?.users.delete(podUid);
      if (watched?.users.size !== 0) continue;
      watched.stop.abort();
      this.#watched.delete(key);
    }
    this.#byPod.delete(podUid);
  }

  stop(): void {
    for (const { stop } of this.#watched.values()) stop.abort();
    this.#watched.clear();
  }

  #watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
    podUid: string,
  ): Watched {
    const key = `${type.plural}/${namespace}/${name}`;
    const keys = this.#byPod.get(podUid) ?? new Set();
    this.#byPod.set(podUid, keys.add(key));
    const known = this.#watched.get(key);
    known?.users.add(podUid);
    if (known !== undefined) return known;
    const { client, clock, logger, onChange } = this.#options;
    const selection: Selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const selections = new Map([[`${type.group}/${type.plural}`, selection]]);
    const informers = new SharedInformers({ client, clock, logger, selections });
    const watched: Watched = { informers, stop: new AbortController(), users: new Set([podUid]) };
    this.#watched.set(key, watched);
    const informer = informers.of(type);
    informers.start(watched.stop.signal);
    informer.subscribe(() => {
      // The first answer goes to those who wait for it.
      if (informer.synced()) for (const user of watched.users) onChange(user);
    });
    return watched;
  }
}
