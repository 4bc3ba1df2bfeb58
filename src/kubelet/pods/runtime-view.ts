/**
 * What the runtime holds, per pod, kept current: the kubelet's PLEG.
 *
 * Runtimes with events are asked again for the pods that changed, and relisted rarely; the others are
 * relisted every second, two calls for the whole node, and only pods with a changed state are asked for
 * details.
 *
 * Invariant: `refresh` after an own operation always sees that operation's result.
 */

import { errorText, type Logger } from '../../base/log.ts';
import type { Clock } from '../../host/host.ts';
import { CriError, isNotFound, type ContainerRuntime } from '../cri/cri.ts';
import type { Container, ContainerEvent, PodSandbox, PodSandboxStatus } from '../cri/messages.ts';
import { newestFirst, nothingObserved, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL, type PodName } from './pod-names.ts';

const RELIST_MS = 1_000;
/** Older relists than this make the node not ready (upstream `relistThreshold`). */
const HEALTHY_MS = 3 * 60_000;

interface Entry {
  readonly signature: string;
  readonly pod: ObservedPod;
}

interface Listed {
  readonly sandboxes: PodSandbox[];
  readonly containers: Container[];
}

export interface RuntimeViewOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two looks at everything, with a runtime that tells of every change. */
  readonly relistMs: number;
  readonly onChange: (uid: string) => void;
}

export class RuntimeView {
  readonly #options: RuntimeViewOptions;
  readonly #pods = new Map<string, Entry>();
  #relistedAtMs: number | undefined;
  #hasEvents = false;
  #eventsLost = new AbortController();

  constructor(options: RuntimeViewOptions) {
    this.#options = options;
  }

  get(name: PodName): ObservedPod {
    return this.#pods.get(name.uid)?.pod ?? nothingObserved(name);
  }

  uids(): readonly string[] {
    return [...this.#pods.keys()];
  }

  pods(): readonly ObservedPod[] {
    return [...this.#pods.values()].map(({ pod }) => pod);
  }

  /** Why the view is stale; undefined while it is healthy. */
  problem(): string | undefined {
    const { clock } = this.#options;
    if (this.#relistedAtMs === undefined) return 'pleg has yet to be successful';
    const ageMs = clock.monotonicMs() - this.#relistedAtMs;
    const limitMs = HEALTHY_MS + (this.#hasEvents ? this.#options.relistMs : 0);
    return ageMs <= limitMs ? undefined : `pleg was last seen active ${Math.round(ageMs / 1000)}s ago`;
  }

  /** The first look; rejects when the runtime does not answer. */
  async relist(): Promise<void> {
    const { runtime, clock } = this.#options;
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandbox(), runtime.listContainers()]);
    const byPod = groupByPod(sandboxes, containers);
    for (const uid of this.#pods.keys())
      if (!byPod.has(uid)) byPod.set(uid, { sandboxes: [], containers: [] });
    for (const [uid, listed] of byPod) {
      if (this.#pods.get(uid)?.signature === signatureOf(listed)) continue;
      await this.#take(uid, listed);
      this.#options.onChange(uid);
    }
    this.#relistedAtMs = clock.monotonicMs();
  }

  async refresh(name: PodName): Promise<ObservedPod> {
    const { runtime } = this.#options;
    const filter = { labelSelector: { [POD_UID_LABEL]: name.uid } };
    const [sandboxes, containers] = await Promise.all([
      runtime.listPodSandbox(filter),
      runtime.listContainers(filter),
    ]);
    await this.#take(name.uid, { sandboxes: [...sandboxes], containers: [...containers] });
    return this.get(name);
  }

  async run(signal: AbortSignal): Promise<void> {
    void this.#follow(signal);
    // A runtime without events says so within the first interval.
    for (let intervalMs = RELIST_MS; !signal.aborted; intervalMs = this.#intervalMs()) {
      await this.#options.clock.sleep(intervalMs, AbortSignal.any([signal, this.#eventsLost.signal]));
      if (signal.aborted) return;
      if (this.#eventsLost.signal.aborted) this.#eventsLost = new AbortController();
      try {
        await this.relist();
      } catch (error) {
        this.#options.logger.warn(`cannot list the runtime's containers: ${errorText(error)}`);
        await this.#options.clock.sleep(RELIST_MS, signal);
      }
    }
  }

  #intervalMs(): number {
    return this.#hasEvents ? this.#options.relistMs : RELIST_MS;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#hasEvents = true;
    try {
      await this.#options.runtime.containerEvents((event) => this.#accept(event, signal), signal);
    } catch (error) {
      const expected = error instanceof CriError && error.code === 'Unimplemented';
      if (!expected && !signal.aborted)
        this.#options.logger.warn(`the runtime's events ended: ${errorText(error)}`);
    }
    this.#hasEvents = false;
    this.#eventsLost.abort();
  }

  #accept(event: ContainerEvent, signal: AbortSignal): void {
    const labels = event.podSandboxStatus?.labels ?? event.containersStatuses[0]?.labels ?? {};
    const uid = labels[POD_UID_LABEL];
    if (uid === undefined || signal.aborted) return;
    const known = this.#pods.get(uid)?.pod;
    const name = {
      uid,
      namespace: labels[POD_NAMESPACE_LABEL] ?? known?.namespace ?? '',
      name: labels[POD_NAME_LABEL] ?? known?.name ?? '',
    };
    const before = this.#pods.get(uid)?.signature;
    this.refresh(name).then(
      () => {
        if (this.#pods.get(uid)?.signature !== before) this.#options.onChange(uid);
      },
      (error: unknown) => this.#options.logger.warn(`cannot look at pod ${uid}: ${errorText(error)}`),
    );
  }

  async #take(uid: string, listed: Listed): Promise<void> {
    if (listed.sandboxes.length === 0 && listed.containers.length === 0) {
      this.#pods.delete(uid);
      return;
    }
    const known = this.#pods.get(uid)?.pod;
    const sandboxes = await Promise.all(listed.sandboxes.map((item) => this.#sandbox(item, known)));
    const containers = await Promise.all(listed.containers.map((item) => this.#container(item, known)));
    const labels = listed.sandboxes[0]?.labels ?? listed.containers[0]?.labels ?? {};
    const pod: ObservedPod = {
      uid,
      namespace: labels[POD_NAMESPACE_LABEL] ?? '',
      name: labels[POD_NAME_LABEL] ?? '',
      sandboxes: present(sandboxes).sort(newestFirst),
      containers: present(containers).sort(newestFirst),
    };
    this.#pods.set(uid, { signature: signatureOf(listed), pod });
  }

  async #sandbox(item: PodSandbox, known: ObservedPod | undefined): Promise<PodSandboxStatus | undefined> {
    const old = known?.sandboxes.find(({ id }) => id === item.id);
    if (old?.state === item.state) return old;
    return orGone(this.#options.runtime.podSandboxStatus(item.id));
  }

  async #container(item: Container, known: ObservedPod | undefined): Promise<ObservedContainer | undefined> {
    const old = known?.containers.find(({ id }) => id === item.id);
    if (old?.state === item.state) return old;
    const status = await orGone(this.#options.runtime.containerStatus(item.id));
    return status === undefined ? undefined : { ...status, podSandboxId: item.podSandboxId };
  }
}

function groupByPod(sandboxes: readonly PodSandbox[], containers: readonly Container[]): Map<string, Listed> {
  const byPod = new Map<string, Listed>();
  const listedOf = (labels: PodSandbox['labels']): Listed | undefined => {
    const uid = labels[POD_UID_LABEL];
    if (uid === undefined) return undefined;
    const listed = byPod.get(uid) ?? { sandboxes: [], containers: [] };
    byPod.set(uid, listed);
    return listed;
  };
  for (const sandbox of sandboxes) listedOf(sandbox.labels)?.sandboxes.push(sandbox);
  for (const container of containers) listedOf(container.labels)?.containers.push(container);
  return byPod;
}

function signatureOf({ sandboxes, containers }: Listed): string {
  return [...sandboxes, ...containers]
    .map(({ id, state }) => `${id}=${state}`)
    .sort()
    .join();
}

/** Between listing and asking, things may go. */
async function orGone<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}
