/** Watch streams on the wire: frames of events in the client's format. A slow reader is waited for. */

import { expiredError, notAcceptableError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { TurnMemo } from '../../base/turn-memo.ts';
import type { WatchBatch } from '../../client/operation.ts';
import { viewOf, type ObjectShape, type ResponseShape } from './answer.ts';
import type { EventFrame } from './codecs.ts';
import type { Exchange, ResponseStream } from './exchange.ts';
import { TOLD_STREAM_TYPES } from './media-type.ts';

/** Announces end of history, as the annotation upstream puts on the bookmark after the initial events. */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

/** Resolves when the watch has ended. What lasts as long holds nothing of the request but where to write. */
export function respondWatch(
  exchange: Exchange,
  batches: AsyncIterable<WatchBatch>,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  const { watchType } = shape.codec;
  if (watchType === undefined) throw notAcceptableError(TOLD_STREAM_TYPES);
  const headers = { 'content-type': watchType, 'cache-control': 'no-cache, private', ...shape.headers() };
  const stream = exchange.startStream(200, headers);
  return sendAll(batches, stream, new EventEncoder(resource, shape), shape.signal);
}

async function sendAll(
  batches: AsyncIterable<WatchBatch>,
  stream: ResponseStream,
  encoder: EventEncoder,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const batch of batches) {
      if (signal.aborted) break;
      if (!encoder.write(stream, batch)) await stream.drained();
    }
    stream.end();
  } catch (error) {
    // The client sees that it missed something, and begins anew.
    stream.destroy();
    throw error;
  }
}

const joined = new TurnMemo<
  EventFrame,
  { readonly events: readonly EventFrame[]; readonly bytes: Uint8Array }
>();

/** The watchers of a collection get the same events in the same batches: joined once for all of them. */
function join(events: readonly EventFrame[]): Uint8Array {
  const [first] = events;
  if (first === undefined) return new Uint8Array();
  const known = joined.get(first);
  if (known?.events.length === events.length && known.events.every((event, i) => event === events[i])) {
    return known.bytes;
  }
  const bytes = Buffer.concat(events.flat());
  joined.set(first, { events, bytes });
  return bytes;
}

class EventEncoder {
  readonly #resource: Resource;
  readonly #shape: ObjectShape;
  #headersDue = true;

  constructor(resource: Resource, { codec, view, metaVersion, includeObject, nowMs }: ObjectShape) {
    this.#resource = resource;
    this.#shape = { codec, view, metaVersion, includeObject, nowMs };
  }

  /** False when the client is slow: wait before writing more. */
  write(stream: ResponseStream, batch: WatchBatch): boolean {
    const { codec } = this.#shape;
    switch (batch.type) {
      case 'frames': {
        // One write for a batch: system calls, not bytes, bound the fan-out.
        const events = batch.frames.map(({ type, object, bytes }) =>
          this.#shape.view === 'object'
            ? codec.event(type, viewOf(object, this.#resource, this.#shape), bytes)
            : this.#event(type, object),
        );
        return stream.write(join(events));
      }
      case 'bookmark':
        return stream.write(join([this.#event('BOOKMARK', this.#bookmark(batch))]));
      case 'expired':
        return stream.write(
          join([codec.event('ERROR', expiredError(batch.message).toStatus() as unknown as JsonObject)]),
        );
    }
  }

  #event(type: string, object: KubernetesObject): EventFrame {
    const view = viewOf(object, this.#resource, this.#shape, this.#headersDue);
    this.#headersDue = false;
    return this.#shape.codec.event(type, view);
  }

  #bookmark({
    resourceVersion,
    initialEventsEnd,
  }: Extract<WatchBatch, { type: 'bookmark' }>): KubernetesObject {
    return {
      kind: this.#resource.definition.kind,
      apiVersion: this.#resource.apiVersion,
      metadata: { resourceVersion, ...(initialEventsEnd ? { annotations: INITIAL_EVENTS_END } : {}) },
    };
  }
}
