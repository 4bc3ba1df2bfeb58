/**
 * Records Events through the API. Equal events are counted on one object; writing happens in the background
 * from a bounded queue, and what does not fit is dropped: an event must never slow or fail the work it
 * reports.
 */

import { formatTime } from '../api/time/time.ts';
import { Deque } from '../base/deque.ts';
import { flat } from '../base/flat-text.ts';
import { errorText, type Logger } from '../base/log.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../api/meta/object.ts';
import type { Event, ObjectReference } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Clock, Random } from '../host/host.ts';
import type { EventRecorder, EventSubject } from './event-recorder.ts';

const EVENTS: ResourceType<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

const QUEUE_MAX = 1_000;
const SEEN_MAX = 4_096;
const WRITERS = 4;
/** Equal events further apart than this are news again (upstream's correlator). */
const COUNT_WINDOW_MS = 600_000;
const MESSAGE_MAX = 1_024;

export interface RecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node's name, for events of a kubelet. */
  readonly host?: string;
}

interface Seen {
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
  lastMs: number;
}

type Write = () => Promise<void>;

export class ApiEventRecorder implements EventRecorder {
  readonly #options: RecorderOptions;
  /** In two generations: when the young one is full, what did not come again since is forgotten. */
  #young = new Map<string, Seen>();
  #old = new Map<string, Seen>();
  readonly #queue = new Deque<Write>();
  #writers = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  record(object: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const text = flat(message.slice(0, MESSAGE_MAX));
    const about = referenceTo(object);
    const nowMs = this.#options.clock.now();
    const key = JSON.stringify([about.uid, about.fieldPath, type, reason, text]);
    const seen = this.#young.get(key) ?? this.#old.get(key);
    if (seen !== undefined && nowMs - seen.lastMs < COUNT_WINDOW_MS) {
      seen.count++;
      seen.lastMs = nowMs;
      this.#remember(key, seen);
      this.#enqueue(() => this.#count(about, seen));
      return;
    }
    const fresh = {
      name: this.#eventName(about),
      firstTimestamp: formatTime(nowMs),
      count: 1,
      lastMs: nowMs,
    };
    this.#remember(key, fresh);
    this.#enqueue(() => this.#create(about, fresh, type, reason, text));
  }

  #remember(key: string, seen: Seen): void {
    if (this.#young.size >= SEEN_MAX / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, seen);
  }

  #eventName({ name = '' }: ObjectReference): string {
    const suffix = Buffer.from(this.#options.random.bytes(8)).toString('hex');
    return flat(`${name.slice(0, 200)}.${suffix}`);
  }

  #enqueue(write: Write): void {
    if (this.#queue.length >= QUEUE_MAX) return;
    this.#queue.push(write);
    if (this.#writers < WRITERS) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writers++;
    for (let write = this.#queue.shift(); write !== undefined; write = this.#queue.shift()) {
      try {
        await write();
      } catch (error) {
        // The namespace of the object may be going away, and its events with it.
        const expected = isApiError(error, 'NotFound') || isApiError(error, 'Forbidden');
        this.#options.logger[expected ? 'debug' : 'warn'](`an event was lost: ${errorText(error)}`);
      }
    }
    this.#writers--;
  }

  async #create(
    about: ObjectReference,
    seen: Seen,
    type: string,
    reason: string,
    message: string,
  ): Promise<void> {
    const { client, component, host } = this.#options;
    const source = { component, ...(host === undefined ? {} : { host }) };
    // In the schema's order, so that it is taken as it is.
    await client.create(EVENTS, {
      metadata: { name: seen.name, namespace: eventNamespace(about) },
      involvedObject: about,
      reason,
      message,
      source,
      firstTimestamp: seen.firstTimestamp,
      lastTimestamp: seen.firstTimestamp,
      count: 1,
      type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
  }

  async #count(about: ObjectReference, seen: Seen): Promise<void> {
    const ref = { namespace: eventNamespace(about), name: seen.name };
    const body = { count: seen.count, lastTimestamp: formatTime(seen.lastMs) };
    await this.#options.client.patch(EVENTS, ref, { type: 'merge', body });
  }
}

function referenceTo({ apiVersion, kind, metadata, fieldPath }: EventSubject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

/** Events about cluster-scoped objects lie in `default`, as upstream's do. */
function eventNamespace({ namespace = '' }: ObjectReference): string {
  return namespace === '' ? 'default' : namespace;
}

/** For callers that name a kind without an object at hand. */
export function objectOf(type: ResourceType, namespace: string, name: string, uid: string): KubernetesObject {
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { namespace, name, uid } };
}
