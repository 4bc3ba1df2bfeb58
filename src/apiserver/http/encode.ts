/**
 * From an outcome to bytes on the wire: objects, lists in slices, tables, metadata only, watch frames.
 * Nothing here holds the event loop for long: lists are encoded a chunk at a time, and a slow reader is
 * waited for, not buffered.
 */

import { nextTurn } from '../../base/turn.ts';
import { type ApiError, expiredError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { ListResult, Outcome, WatchBatch, WatchFrame } from '../../client/operation.ts';
import { partialMetadata, renderTable, type IncludeObject } from '../table/table.ts';
import type { Exchange, Headers, ResponseStream } from './exchange.ts';
import type { View } from './media-type.ts';

/** Objects encoded before other work gets a turn: some 3 ms of pods. */
const LIST_CHUNK = 500;
const JSON_TYPE = 'application/json';
/** Announces end of history, as the annotation upstream puts on the bookmark after the initial events. */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

export interface ResponseShape {
  readonly view: View;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  /** Headers that every answer carries, warnings among them. */
  readonly headers: () => Headers;
}

export function respondJson(exchange: Exchange, status: number, body: unknown, headers: Headers = {}): void {
  exchange.respond(status, { 'content-type': JSON_TYPE, ...headers }, JSON.stringify(body));
}

export function respondError(exchange: Exchange, error: ApiError, headers: Headers = {}): void {
  const retry = error.details?.retryAfterSeconds;
  const extra = retry === undefined ? {} : { 'retry-after': String(retry) };
  respondJson(exchange, error.code, error.toStatus(), { ...headers, ...extra });
}

export async function respondOutcome(
  exchange: Exchange,
  outcome: Outcome,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  switch (outcome.type) {
    case 'object':
      return respondObject(exchange, outcome, resource, shape);
    case 'status':
      return respondJson(
        exchange,
        outcome.status['code'] === 201 ? 201 : 200,
        outcome.status,
        shape.headers(),
      );
    case 'list':
      return respondList(exchange, outcome.list, resource, shape);
    case 'watch':
      return respondWatch(exchange, outcome.batches, resource, shape);
  }
}

function respondObject(
  exchange: Exchange,
  outcome: Extract<Outcome, { type: 'object' }>,
  resource: Resource,
  shape: ResponseShape,
): void {
  const body =
    shape.view === 'object' && outcome.bytes !== undefined
      ? outcome.bytes()
      : JSON.stringify(viewOf(outcome.object, resource, shape));
  exchange.respond(outcome.created ? 201 : 200, { 'content-type': JSON_TYPE, ...shape.headers() }, body);
}

function viewOf(object: KubernetesObject, resource: Resource, shape: ResponseShape): unknown {
  switch (shape.view) {
    case 'object':
      return object;
    case 'partial':
      return partialMetadata(object);
    case 'table':
      return renderTable(
        resource,
        [object],
        tableMeta(object),
        { includeObject: shape.includeObject, headers: true },
        shape.nowMs,
      );
  }
}

function tableMeta(object: KubernetesObject): JsonObject {
  return { resourceVersion: object.metadata.resourceVersion };
}

async function respondList(
  exchange: Exchange,
  list: ListResult,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  const metadata: JsonObject = {
    resourceVersion: list.resourceVersion,
    ...(list.continue === '' ? {} : { continue: list.continue }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
  if (shape.view === 'table') {
    const options = { includeObject: shape.includeObject, headers: true };
    respondJson(
      exchange,
      200,
      renderTable(resource, list.items, metadata, options, shape.nowMs),
      shape.headers(),
    );
    return;
  }
  const partial = shape.view === 'partial';
  const head = partial
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
    : { kind: listKindOf(resource), apiVersion: resource.apiVersion, metadata };
  const start = `${JSON.stringify(head).slice(0, -1)},"items":[`;
  // Custom resources keep their kind in lists, as upstream's untyped objects do.
  const whole = resource.stored === undefined ? withoutKind : (o: KubernetesObject): unknown => o;
  const encode = partial ? (o: KubernetesObject): unknown => partialMetadata(o) : whole;
  if (list.items.length <= LIST_CHUNK) {
    const items = list.items.map((item) => JSON.stringify(encode(item))).join(',');
    exchange.respond(200, { 'content-type': JSON_TYPE, ...shape.headers() }, `${start}${items}]}\n`);
    return;
  }
  const stream = exchange.startStream(200, { 'content-type': JSON_TYPE, ...shape.headers() });
  stream.write(start);
  for (let i = 0; i < list.items.length && !exchange.signal.aborted; i += LIST_CHUNK) {
    const chunk = list.items.slice(i, i + LIST_CHUNK);
    const text = chunk.map((item) => JSON.stringify(encode(item))).join(',');
    if (stream.write(i === 0 ? text : `,${text}`)) await nextTurn();
    else await stream.drained();
  }
  stream.write(']}\n');
  stream.end();
}

export function listKindOf({ definition }: Resource): string {
  return definition.listKind ?? `${definition.kind}List`;
}

/** Items of a list carry no kind of their own, since the list names it (as upstream's typed lists). */
function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: KubernetesObject): unknown {
  return rest;
}

async function respondWatch(
  exchange: Exchange,
  batches: AsyncIterable<WatchBatch>,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  const headers = { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private', ...shape.headers() };
  const stream = exchange.startStream(200, headers);
  const encoder = new FrameEncoder(resource, shape);
  for await (const batch of batches) {
    if (exchange.signal.aborted) break;
    if (!encoder.write(stream, batch)) await stream.drained();
  }
  stream.end();
}

const FRAME_HEADS = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const FRAME_TAIL = Buffer.from('}\n');

class FrameEncoder {
  readonly #resource: Resource;
  readonly #shape: ResponseShape;
  #headersDue = true;

  constructor(resource: Resource, shape: ResponseShape) {
    this.#resource = resource;
    this.#shape = shape;
  }

  /** False when the client is slow: wait before writing more. */
  write(stream: ResponseStream, batch: WatchBatch): boolean {
    switch (batch.type) {
      case 'frames': {
        // One write for a batch: system calls, not bytes, bound the fan-out.
        const parts = batch.frames.flatMap((frame) => this.#frame(frame));
        return stream.write(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
      }
      case 'bookmark':
        return stream.write(`${JSON.stringify({ type: 'BOOKMARK', object: this.#bookmark(batch) })}\n`);
      case 'expired': {
        const object = expiredError(batch.message).toStatus();
        return stream.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      }
    }
  }

  #frame(frame: WatchFrame): Uint8Array[] {
    if (this.#shape.view === 'object') return [FRAME_HEADS[frame.type], frame.bytes(), FRAME_TAIL];
    return [Buffer.from(`${JSON.stringify({ type: frame.type, object: this.#view(frame.object) })}\n`)];
  }

  #view(object: KubernetesObject): unknown {
    if (this.#shape.view === 'partial') return partialMetadata(object);
    const options = { includeObject: this.#shape.includeObject, headers: this.#headersDue };
    this.#headersDue = false;
    return renderTable(this.#resource, [object], tableMeta(object), options, this.#shape.nowMs);
  }

  #bookmark(batch: Extract<WatchBatch, { type: 'bookmark' }>): unknown {
    const object = {
      kind: this.#resource.definition.kind,
      apiVersion: this.#resource.apiVersion,
      metadata: {
        resourceVersion: batch.resourceVersion,
        ...(batch.initialEventsEnd ? { annotations: INITIAL_EVENTS_END } : {}),
      },
    };
    return this.#shape.view === 'object' ? object : this.#view(object);
  }
}
