/**
 * For tests: what happens to controllers between them and the API server. Writes lose races, the process dies
 * at a call, watch streams break, and everything is heard of late.
 */

import { conflictError, expiredError } from '../api/meta/api-error.ts';
import type { Client } from '../client/client.ts';
import type { DirectClient } from '../client/direct/direct-client.ts';
import type { Clock } from '../host/host.ts';

/** How late controllers hear of every change; of a kind, by its plural, when it differs. */
export type Lag = number | { readonly [plural: string]: number };

/** One process of controllers: its calls are answered for as long as it lives. */
export class Life {
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }
}

/** A process that died waits for answers for ever. */
const NO_ANSWER = new Promise<never>(() => {});

export class Trouble {
  writesLeft = Infinity;
  refusals = 0;
  /** What `afterWrite` said first. */
  failure: unknown;
  /** Set while a kill is planned. */
  kill: { callsLeft: number; readonly lands: boolean; readonly replace: () => void } | undefined;
  readonly #afterWrite: (() => Promise<void>) | undefined;
  /** Open streams, and the plural of what they are about. */
  readonly #streams = new Map<AbortController, string>();
  readonly #broken = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(afterWrite: (() => Promise<void>) | undefined) {
    this.#afterWrite = afterWrite;
  }

  /** Whether a stream broke and was not opened again yet. */
  get isDeaf(): boolean {
    return this.#broken.size > 0;
  }

  /** Every stream ends now; with `isHistoryGone` none of them can be resumed where it ended. */
  breakStreams(isHistoryGone: boolean): void {
    const error = isHistoryGone ? expiredError('too old resource version') : new Error('connection reset');
    for (const [stream, plural] of this.#streams) {
      this.#broken.add(plural);
      stream.abort(error);
    }
    this.#streams.clear();
  }

  /** Those of a process that is gone are missed by nobody. */
  forgetStreams(): void {
    this.#streams.clear();
    this.#broken.clear();
  }

  streamOpened(stream: AbortController, plural: string): void {
    this.#streams.set(stream, plural);
    this.#broken.delete(plural);
  }

  streamClosed(stream: AbortController): void {
    this.#streams.delete(stream);
  }

  async call<R>(life: Life, isWrite: boolean, work: () => Promise<R>): Promise<R> {
    if (life.isOver) return NO_ANSWER;
    if (this.kill !== undefined && --this.kill.callsLeft <= 0) {
      const { lands, replace } = this.kill;
      this.kill = undefined;
      life.end();
      // One that is dead already writes nothing more.
      if (lands && this.writesLeft > 0) await this.#land(isWrite, work);
      // Server and controllers live in one process: no call of a dead one arrives after its successor looked.
      await Promise.allSettled(this.#underWay);
      replace();
      return NO_ANSWER;
    }
    const answer = isWrite ? this.#write(work) : work();
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  async #land(isWrite: boolean, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      if (isWrite) await this.#check();
    } catch {
      // A refusal is an answer, too: nobody hears it.
    }
  }

  async #write<R>(work: () => Promise<R>): Promise<R> {
    if (this.writesLeft <= 0) throw new Error('the controller is dead');
    if (this.refusals > 0) {
      this.refusals--;
      throw conflictError({ group: '', resource: 'test' }, 'any', 'somebody else was faster');
    }
    const result = await work();
    await this.#check();
    if (--this.writesLeft <= 0) throw new Error('the controller died');
    return result;
  }

  async #check(): Promise<void> {
    try {
      await this.#afterWrite?.();
    } catch (error) {
      this.failure ??= error;
    }
  }
}

/** The same client, whose calls meet with what a test has in store. */
export function troubled(client: DirectClient, trouble: Trouble, life: Life): Client {
  const read = <R>(work: () => Promise<R>): Promise<R> => trouble.call(life, false, work);
  const write = <R>(work: () => Promise<R>): Promise<R> => trouble.call(life, true, work);
  const proxy = Object.create(client) as Client;
  proxy.get = (...call) => read(() => client.get(...call));
  proxy.list = (type, request) => read(() => client.list(type, request));
  proxy.create = (...call) => write(() => client.create(...call));
  proxy.update = (...call) => write(() => client.update(...call));
  proxy.patch = (...call) => write(() => client.patch(...call));
  proxy.delete = (...call) => write(() => client.delete(...call));
  proxy.deleteCollection = (...call) => write(() => client.deleteCollection(...call));
  proxy.createSubresource = (...call) => write(() => client.createSubresource(...call));
  return proxy;
}

/**
 * The same client, whose watches deliver late and break, and cost nothing while nothing happens: no
 * bookmarks.
 */
export function watching(client: DirectClient, clock: Clock, lagMs: Lag, trouble: Trouble): Client {
  const proxy = Object.create(client) as Client;
  proxy.get = (...call) => client.get(...call);
  proxy.list = (type, request) => client.list(type, request);
  proxy.watch = async function* (type, request, signal) {
    const stream = new AbortController();
    const either = AbortSignal.any([signal, stream.signal]);
    trouble.streamOpened(stream, type.plural);
    try {
      for await (const batch of client.watch(type, { ...request, allowWatchBookmarks: false }, either)) {
        const lateMs = typeof lagMs === 'number' ? lagMs : (lagMs[type.plural] ?? 0);
        if (lateMs > 0) await clock.sleep(lateMs, either);
        if (stream.signal.aborted) break;
        yield batch;
      }
      if (stream.signal.aborted && !signal.aborted) throw stream.signal.reason;
    } finally {
      trouble.streamClosed(stream);
    }
  };
  return proxy;
}
