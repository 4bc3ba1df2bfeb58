/**
 * Shared informers over any `Client`: one stream per type and process, however many components look at it. After
 * a new list (see `reflector.ts`) the differences are reported as ordinary changes.
 */

import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import { IndexedCache } from './indexed-cache.ts';
import type { ChangeHandler, IndexFunction, Informer, Informers } from './informer.ts';
import { Reflector, type ReflectorOptions, type Sink } from './reflector.ts';

type AnyInformer = SharedInformer<KubernetesObject>;
type AnyReflector = Reflector<KubernetesObject>;

export class SharedInformers implements Informers {
  readonly #options: ReflectorOptions;
  readonly #waits = new WeakMap<AbortSignal, { readonly streams: number; readonly done: Promise<void> }>();
  readonly #informers = new Map<string, AnyInformer>();
  readonly #streams: AnyReflector[] = [];
  #signal: AbortSignal | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  of<T extends KubernetesObject>(type: ResourceType<T>): Informer<T> {
    return this.#get(type);
  }

  index<T extends KubernetesObject>(type: ResourceType<T>, name: string, keys: IndexFunction<T>): void {
    this.#get(type).cache.addIndex(name, keys);
  }

  follow<T extends KubernetesObject>(type: ResourceType<T>, heard: Sink<T>['accept']): void {
    this.#begin(new Reflector(type, this.#options, { accept: heard }));
  }

  /** Starts every stream asked for so far, and later ones when they are asked for, until `signal` aborts. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const stream of this.#streams) stream.start(signal);
  }

  /** Controllers start together: those that wait for the same informers wait once. */
  waitForSync(signal: AbortSignal): Promise<void> {
    const known = this.#waits.get(signal);
    if (known?.streams === this.#streams.length) return known.done;
    const done = this.#waitForAll(signal);
    this.#waits.set(signal, { streams: this.#streams.length, done });
    return done;
  }

  async #waitForAll(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const open = this.#streams.filter(({ synced }) => !synced);
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    // One listener for all: a signal compares every listener that is added with every one it has.
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([Promise.all(open.map(({ firstSync }) => firstSync)), stopped.promise]);
    signal.removeEventListener('abort', stop);
  }

  #get<T extends KubernetesObject>(type: ResourceType<T>): SharedInformer<T> {
    const key = `${type.group}/${type.plural}`;
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      const made = new SharedInformer<T>(type, this.#options);
      informer = made as unknown as AnyInformer;
      this.#informers.set(key, informer);
      this.#begin(made.reflector);
    }
    return informer as unknown as SharedInformer<T>;
  }

  #begin<T extends KubernetesObject>(stream: Reflector<T>): void {
    this.#streams.push(stream as unknown as AnyReflector);
    if (this.#signal !== undefined) stream.start(this.#signal);
  }
}

class SharedInformer<T extends KubernetesObject> implements Informer<T>, Sink<T> {
  readonly cache = new IndexedCache<T>();
  readonly reflector: Reflector<T>;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #whenListed: (() => void)[] = [];

  constructor(type: ResourceType<T>, options: ReflectorOptions) {
    this.reflector = new Reflector(type, options, this);
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
    return this.reflector.revision;
  }

  synced(): boolean {
    return this.reflector.synced;
  }

  subscribe(onChange: ChangeHandler<T>): () => void {
    this.#handlers.add(onChange);
    this.cache.forEach((object, key) => onChange(object, undefined, key));
    return () => this.#handlers.delete(onChange);
  }

  whenListed(run: () => void): void {
    this.#whenListed.push(run);
  }

  listed(): void {
    for (const run of this.#whenListed) run();
  }

  accept(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    if (type === 'DELETED') this.#remove(objectKey(object));
    else this.#put(object);
  }

  retain(keys: ReadonlySet<string>): void {
    for (const key of [...this.cache.keys()]) if (!keys.has(key)) this.#remove(key);
  }

  #put(object: T): void {
    const key = objectKey(object);
    const old = this.cache.get(key);
    if (
      old?.metadata.resourceVersion === object.metadata.resourceVersion &&
      old?.metadata.uid === object.metadata.uid
    )
      return;
    this.cache.set(object, key, old);
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
