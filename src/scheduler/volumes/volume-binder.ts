/**
 * Gives pods their volumes: assumes what was decided, writes it, and waits until it has come about.
 *
 * A chosen volume gets the claim's name; a claim whose volume is to be made gets the node's. The rest is done
 * by those who bind claims and make volumes. What has been written is not taken back when something fails
 * later: the volume then stays with its claim, and the pod goes where the volume is.
 */

import { nodes } from '../../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import { SELECTED_NODE } from '../../api/volume-binding/annotations.ts';
import { annotated, boundVolume } from '../../api/volume-binding/binding.ts';
import type { Client } from '../../client/client.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import type { Clock } from '../../host/host.ts';
import { bindingProgress, type BindingProgress } from './binding-progress.ts';
import { claimKey } from '../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from './volume-catalog.ts';
import type { VolumePlan } from './volume-plan.ts';
import { Wakers } from './wakers.ts';

/** Whose volumes are waited for. */
export interface BindingPod {
  readonly pod: Pod;
  readonly nodeName: string;
  readonly timeoutMs: number;
}

/** What has been assumed for one pod: the objects as they are to be written. */
export interface AssumedVolumes {
  readonly bindings: {
    readonly claim: PersistentVolumeClaim;
    volume: PersistentVolume;
    isWritten: boolean;
  }[];
  readonly provisions: { claim: PersistentVolumeClaim; isWritten: boolean }[];
}

export interface VolumeBinderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly informers: Informers;
  readonly catalog: VolumeCatalog;
}

export class VolumeBinder {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #catalog: VolumeCatalog;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #wakers = new Wakers();

  constructor({ client, clock, informers, catalog }: VolumeBinderOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#catalog = catalog;
    this.#nodes = informers.of(nodes);
    this.#pods = informers.of(pods);
    informers.of(persistentVolumeClaims).subscribe((_next, _old, key) => this.#wakers.wake(`claim ${key}`));
    informers.of(persistentVolumes).subscribe((_next, _old, key) => this.#wakers.wake(`volume ${key}`));
    this.#nodes.subscribe((_next, _old, key) => this.#wakers.wake(`node ${key}`));
    this.#pods.subscribe((next, _old, key) => {
      if (next === undefined) this.#wakers.wake(`pod ${key}`);
    });
  }

  assume({ bindings, provisions }: VolumePlan, nodeName: string): AssumedVolumes {
    const { assumedClaims, assumedVolumes } = this.#catalog;
    return {
      bindings: bindings.map(({ claim, volume }) => {
        const bound = boundVolume(volume, claim);
        assumedVolumes.assume(volume.metadata.name ?? '', bound);
        return { claim, volume: bound, isWritten: bound === volume };
      }),
      provisions: provisions.map((claim) => {
        const selected = annotated(claim, SELECTED_NODE, nodeName);
        assumedClaims.assume(claimKey(claim.metadata.namespace, claim.metadata.name ?? ''), selected);
        return { claim: selected, isWritten: selected === claim };
      }),
    };
  }

  /** What was written stays assumed until the API's own word of it comes. */
  forget({ bindings, provisions }: AssumedVolumes): void {
    const { assumedClaims, assumedVolumes } = this.#catalog;
    for (const { volume, isWritten } of bindings)
      if (!isWritten) assumedVolumes.forget(volume.metadata.name ?? '');
    for (const { claim, isWritten } of provisions)
      if (!isWritten) assumedClaims.forget(claimKey(claim.metadata.namespace, claim.metadata.name ?? ''));
  }

  /** Resolves when all claims have their volumes; rejects when the pod has to be given a node anew. */
  async bind(who: BindingPod, assumed: AssumedVolumes, signal: AbortSignal): Promise<void> {
    for (const binding of assumed.bindings) {
      if (binding.isWritten) continue;
      binding.volume = await this.#client.update(persistentVolumes, binding.volume);
      binding.isWritten = true;
    }
    for (const provision of assumed.provisions) {
      if (provision.isWritten) continue;
      provision.claim = await this.#client.update(persistentVolumeClaims, provision.claim);
      provision.isWritten = true;
    }
    const { bindings } = assumed;
    const plan = { bindings, provisions: assumed.provisions.map(({ claim }) => claim) };
    await this.#untilBound(who, plan, signal);
  }

  #progress({ pod, nodeName }: BindingPod, plan: VolumePlan): BindingProgress {
    const { namespace = '', name = '', uid } = pod.metadata;
    if (this.#pods.get(namespace, name)?.metadata.uid !== uid)
      return { state: 'failed', reason: `pod does not exist any more: pod "${name}" not found` };
    const node = this.#nodes.get('', nodeName);
    if (node === undefined)
      return { state: 'failed', reason: `failed to get node "${nodeName}": node "${nodeName}" not found` };
    return bindingProgress(plan, node, this.#catalog);
  }

  #untilBound(who: BindingPod, plan: VolumePlan, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (reason?: string): void => {
        timer.cancel();
        stopWaking();
        signal.removeEventListener('abort', onAbort);
        if (reason === undefined) resolve();
        else reject(new Error(`binding volumes: ${reason}`));
      };
      const onAbort = (): void => end('context canceled');
      const look = (): void => {
        const progress = this.#progress(who, plan);
        if (progress.state === 'failed') end(progress.reason);
        else if (progress.state === 'bound') end();
      };
      const timer = this.#clock.after(who.timeoutMs, () => end('context deadline exceeded'));
      const stopWaking = this.#wakers.add(keysOf(who, plan), look);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else look();
    });
  }
}

/** Of everything on which the progress depends. A volume that is made later comes with its claim's change. */
function keysOf(
  { pod: { metadata }, nodeName }: BindingPod,
  { bindings, provisions }: VolumePlan,
): readonly string[] {
  const claims = [...bindings.map(({ claim }) => claim), ...provisions];
  return [
    `pod ${claimKey(metadata.namespace, metadata.name ?? '')}`,
    `node ${nodeName}`,
    ...bindings.map(({ volume }) => `volume ${volume.metadata.name ?? ''}`),
    ...claims.map((claim) => `claim ${claimKey(claim.metadata.namespace, claim.metadata.name ?? '')}`),
  ];
}
