/**
 * Lists a collection, then watches it from exactly there, for ever, over any `Client`.
 *
 * After a stream ends it is resumed from the last version seen; when history no longer reaches that far, the
 * collection is listed again.
 */

import { nextTurn } from '../../base/turn.ts';
import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { Clock } from '../../host/host.ts';
import type { Client, Selection, WatchEvent } from '../client.ts';

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 30_000;
/**
 * A stream that broke after so long was a good one: the next try does not wait for the sins of former ones.
 */
const FORGIVE_AFTER_MS = 120_000;
/** Objects per page while listing; whoever hears of them may have much to do, so others get a turn in between. */
const PAGE = 500;
const SLICE = 100;

export interface ReflectorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Narrows a type: a kubelet follows the pods of its node only. */
  readonly selections?: ReadonlyMap<string, Selection>;
  /**
   * Whether the server should say now and then how far it has come, which shortens what is missed when a
   * connection breaks; default true. Within one process no connection breaks.
   */
  readonly bookmarks?: boolean;
}

/** Where it goes. */
export interface Sink<T extends KubernetesObject> {
  /** What a list has was added, as far as this is told, even if it was told before. */
  accept(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** After a list: whatever has another key is gone. */
  retain?(keys: ReadonlySet<string>): void;
  /** The list has been told as a whole. */
  listed?(): void;
}

export class Reflector<T extends KubernetesObject> {
  readonly #type: ResourceType<T>;
  readonly #options: ReflectorOptions;
  readonly #selection: Selection;
  readonly #sink: Sink<T>;
  readonly #firstSync = Promise.withResolvers<void>();
  #started = false;
  #synced = false;
  /** Empty: list first. */
  #version = '';
  /** The last known one, also while a new list is under way. */
  #current = '0';

  constructor(type: ResourceType<T>, options: ReflectorOptions, sink: Sink<T>) {
    this.#type = type;
    this.#options = options;
    this.#selection = options.selections?.get(`${type.group}/${type.plural}`) ?? {};
    this.#sink = sink;
  }

  /** Up to which resource version the sink was told; 0 before the first list. */
  get revision(): number {
    return Number(this.#current);
  }

  get synced(): boolean {
    return this.#synced;
  }

  get firstSync(): Promise<void> {
    return this.#firstSync.promise;
  }

  /** Until `signal` aborts; once. */
  start(signal: AbortSignal): void {
    if (this.#started) return;
    this.#started = true;
    void this.#run(signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        if (this.#version === '') await this.#list();
        await this.#follow(signal);
        failures = 0;
      } catch (error) {
        if (isApiError(error, 'Expired') || isApiError(error, 'Gone')) this.#version = '';
        else if (!signal.aborted) {
          if (clock.monotonicMs() - startedMs > FORGIVE_AFTER_MS) failures = 0;
          const backoffMs = Math.min(RETRY_MIN_MS * 2 ** failures++, RETRY_MAX_MS);
          logger.warn(`following ${this.#type.plural} failed: ${errorText(error)}`, { backoffMs });
          await clock.sleep(backoffMs, signal);
        }
      }
    }
  }

  async #list(): Promise<void> {
    const keys = this.#sink.retain === undefined ? undefined : new Set<string>();
    let token: string | undefined;
    let version = '';
    do {
      const page = await this.#options.client.list(this.#type, {
        ...this.#selection,
        limit: PAGE,
        ...(token === undefined ? {} : { continue: token }),
      });
      version = page.resourceVersion;
      token = page.continue;
      for (const [i, object] of page.items.entries()) {
        if (i % SLICE === SLICE - 1) await nextTurn('informer');
        keys?.add(objectKey(object));
        this.#sink.accept('ADDED', object);
      }
    } while (token !== undefined);
    if (keys !== undefined) this.#sink.retain?.(keys);
    this.#moveTo(version);
    this.#synced = true;
    this.#firstSync.resolve();
    this.#sink.listed?.();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { bookmarks: allowWatchBookmarks = true } = this.#options;
    const request = { ...this.#selection, resourceVersion: this.#version, allowWatchBookmarks };
    for await (const events of this.#options.client.watch(this.#type, request, signal)) {
      for (const event of events) this.#accept(event);
    }
  }

  #accept(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#moveTo(event.resourceVersion);
      return;
    }
    this.#moveTo(event.object.metadata.resourceVersion ?? this.#version);
    this.#sink.accept(event.type, event.object);
  }

  #moveTo(version: string): void {
    this.#version = version;
    this.#current = version;
  }
}
