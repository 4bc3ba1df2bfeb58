/**
 * Shared informers over any `Client`: list, then watch from exactly there, for ever. One stream per type and
 * process, however many components look at it.
 *
 * After a stream ends it is resumed from the last version seen; when history no longer reaches that far, the
 * collection is listed again and the differences are reported as ordinary changes.
 */

import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { Clock } from '../../host/host.ts';
import type { Client, Selection, WatchEvent } from '../client.ts';
import { IndexedCache } from './indexed-cache.ts';
import type { ChangeHandler, IndexFunction, Informer, Informers } from './informer.ts';

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 30_000;
/**
 * A stream that broke after so long was a good one: the next try does not wait for the sins of former ones.
 */
const FORGIVE_AFTER_MS = 120_000;
/** Objects per page while listing. */
const PAGE = 5_000;

export interface SharedInformersOptions {
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

type AnyInformer = SharedInformer<KubernetesObject>;

export class SharedInformers implements Informers {
  readonly #options: SharedInformersOptions;
  readonly #waits = new WeakMap<AbortSignal, { readonly informers: number; readonly done: Promise<void> }>();
  readonly #informers = new Map<string, AnyInformer>();
  #signal: AbortSignal | undefined;

  constructor(options: SharedInformersOptions) {
    this.#options = options;
  }

  of<T extends KubernetesObject>(type: ResourceType<T>): Informer<T> {
    return this.#get(type);
  }

  index<T extends KubernetesObject>(type: ResourceType<T>, name: string, keys: IndexFunction<T>): void {
    this.#get(type).cache.addIndex(name, keys);
  }

  /** Starts every stream asked for so far, and later ones when they are asked for, until `signal` aborts. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const informer of this.#informers.values()) informer.start(signal);
  }

  /** Controllers start together: those that wait for the same informers wait once. */
  waitForSync(signal: AbortSignal): Promise<void> {
    const known = this.#waits.get(signal);
    if (known?.informers === this.#informers.size) return known.done;
    const done = this.#waitForAll(signal);
    this.#waits.set(signal, { informers: this.#informers.size, done });
    return done;
  }

  async #waitForAll(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const open = [...this.#informers.values()].filter((informer) => !informer.synced());
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    // One listener for all: a signal compares every listener that is added with every one it has.
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([Promise.all(open.map((informer) => informer.firstSync)), stopped.promise]);
    signal.removeEventListener('abort', stop);
  }

  #get<T extends KubernetesObject>(type: ResourceType<T>): SharedInformer<T> {
    const key = `${type.group}/${type.plural}`;
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      const selection = this.#options.selections?.get(key) ?? {};
      const made = new SharedInformer<T>(type, selection, this.#options);
      informer = made as unknown as AnyInformer;
      this.#informers.set(key, informer);
      if (this.#signal !== undefined) made.start(this.#signal);
    }
    return informer as unknown as SharedInformer<T>;
  }
}

class SharedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly cache = new IndexedCache<T>();
  readonly #type: ResourceType<T>;
  readonly #selection: Selection;
  readonly #options: SharedInformersOptions;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #firstSync = Promise.withResolvers<void>();
  #started = false;
  #synced = false;
  /** Empty: list first. */
  #version = '';
  /** The last known one, also while a new list is under way. */
  #current = '0';

  constructor(type: ResourceType<T>, selection: Selection, options: SharedInformersOptions) {
    this.#type = type;
    this.#selection = selection;
    this.#options = options;
  }

  get(namespace: string, name: string): T | undefined {
    return this.cache.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  getByKey(key: string): T | undefined {
    return this.cache.get(key);
  }

  list(namespace = ''): readonly T[] {
    return namespace === '' ? this.cache.all() : this.cache.inNamespace(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.cache.byIndex(index, value);
  }

  get size(): number {
    return this.cache.size;
  }

  get revision(): number {
    return Number(this.#current);
  }

  synced(): boolean {
    return this.#synced;
  }

  subscribe(onChange: ChangeHandler<T>): () => void {
    this.#handlers.add(onChange);
    this.cache.forEach((object, key) => onChange(object, undefined, key));
    return () => this.#handlers.delete(onChange);
  }

  get firstSync(): Promise<void> {
    return this.#firstSync.promise;
  }

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
    const seen = new Set<string>();
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
      for (const object of page.items) {
        seen.add(objectKey(object));
        this.#put(object);
      }
    } while (token !== undefined);
    for (const key of [...this.cache.keys()]) if (!seen.has(key)) this.#remove(key);
    this.#moveTo(version);
    this.#synced = true;
    this.#firstSync.resolve();
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
    if (event.type === 'DELETED') this.#remove(objectKey(event.object));
    else this.#put(event.object);
  }

  #moveTo(version: string): void {
    this.#version = version;
    this.#current = version;
  }

  #put(object: T): void {
    const key = objectKey(object);
    const old = this.cache.get(key);
    if (
      old?.metadata.resourceVersion === object.metadata.resourceVersion &&
      old?.metadata.uid === object.metadata.uid
    )
      return;
    this.cache.set(object, key);
    this.#tell(object, old, key);
  }

  #remove(key: string): void {
    const old = this.cache.remove(key);
    if (old !== undefined) this.#tell(undefined, old, key);
  }

  #tell(next: T | undefined, old: T | undefined, key: string): void {
    for (const handler of this.#handlers) handler(next, old, key);
  }
}
