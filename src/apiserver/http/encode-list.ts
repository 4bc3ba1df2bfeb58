/**
 * Lists on the wire. JSON goes out in slices, so that a long list neither holds the event loop nor ever
 * stands whole in memory; a slow reader is waited for. Other formats need to know their length first.
 */

import { nextTurn } from '../../base/turn.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { ListResult } from '../../client/operation.ts';
import { partialMetadata, renderTable } from '../table/table.ts';
import { acceptsGzip, respondCompressed, startCompressedStream } from './compress.ts';
import { respondValue, type ResponseShape } from './answer.ts';
import type { Exchange } from './exchange.ts';

/** Bounds of a slice: some milliseconds of work, and what one write may hold in memory. */
const SLICE_ITEMS = 500;
const SLICE_BYTES = 256 * 1024;

export async function respondList(
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
    const table = renderTable(resource, list.items, metadata, options, shape.nowMs);
    return respondValue(exchange, 200, table, shape);
  }
  const isPartial = shape.view === 'partial';
  const head = isPartial
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
    : { kind: listKindOf(resource), apiVersion: resource.apiVersion, metadata };
  // Nobody reads thousands of lines that line breaks would make for.
  if (shape.codec.format !== 'json' || (shape.pretty && list.items.length <= SLICE_ITEMS)) {
    const items: JsonValue[] = [];
    for (const [i, item] of list.items.entries()) {
      items.push(isPartial ? partialMetadata(item) : itemOf(resource, item));
      if (i % SLICE_ITEMS === SLICE_ITEMS - 1) await nextTurn();
    }
    return respondValue(exchange, 200, { ...head, items }, shape);
  }
  const encode = isPartial
    ? (item: KubernetesObject): string => JSON.stringify(partialMetadata(item))
    : itemEncoder(resource, list);
  return respondJsonList(exchange, list.items, head, encode, shape);
}

export function listKindOf({ definition }: Resource): string {
  return definition.listKind ?? `${definition.kind}List`;
}

/**
 * Items carry no kind of their own, since the list names it (as upstream's typed lists); custom resources keep
 * theirs.
 */
function itemOf(resource: Resource, object: KubernetesObject): JsonObject {
  if (resource.stored !== undefined) return object as unknown as JsonObject;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest as unknown as JsonObject;
}

type EncodeItem = (item: KubernetesObject) => Uint8Array | string;

const BRACE = Buffer.from('{');

/** Takes the bytes that the store keeps where it does, without the kind that they begin with. */
function itemEncoder(resource: Resource, { hotBytes }: ListResult): EncodeItem {
  const kind = { kind: resource.definition.kind, apiVersion: resource.apiVersion };
  const start = Buffer.from(`${JSON.stringify(kind).slice(0, -1)},`);
  return (item) => {
    const bytes = resource.stored === undefined ? hotBytes?.(item) : undefined;
    if (bytes === undefined || start.compare(bytes, 0, start.length) !== 0) {
      return JSON.stringify(itemOf(resource, item));
    }
    return Buffer.concat([BRACE, bytes.subarray(start.length)]);
  };
}

/** Joins pieces, commas between the items, to what one write takes. */
class Slice {
  #pieces: (Uint8Array | string)[] = [];
  size = 0;

  add(piece: Uint8Array | string): void {
    this.#pieces.push(piece);
    this.size += piece.length;
  }

  take(): Uint8Array | string {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.size = 0;
    if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
    return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
  }
}

async function respondJsonList(
  exchange: Exchange,
  items: readonly KubernetesObject[],
  head: JsonObject,
  encode: EncodeItem,
  shape: ResponseShape,
): Promise<void> {
  const headers = { 'content-type': shape.codec.mediaType, ...shape.headers() };
  const slice = new Slice();
  slice.add(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  let next = 0;
  const fill = (): void => {
    for (
      const end = next + SLICE_ITEMS;
      next < items.length && next < end && slice.size < SLICE_BYTES;
      next++
    ) {
      const item = items[next];
      if (item === undefined) continue;
      if (next > 0) slice.add(',');
      slice.add(encode(item));
    }
    if (next >= items.length) slice.add(']}\n');
  };
  fill();
  if (next >= items.length) return respondCompressed(exchange, 200, headers, slice.take());
  const stream = acceptsGzip(exchange)
    ? startCompressedStream(exchange, 200, headers)
    : exchange.startStream(200, headers);
  const breakOff = (): void => stream.destroy();
  shape.signal.addEventListener('abort', breakOff, { once: true });
  while (!exchange.signal.aborted && !shape.signal.aborted) {
    const isLast = next >= items.length;
    if (stream.write(slice.take())) await nextTurn();
    else await stream.drained();
    if (isLast) break;
    fill();
  }
  shape.signal.removeEventListener('abort', breakOff);
  // Whole, or recognizably not.
  if (!shape.signal.aborted) stream.end();
}
