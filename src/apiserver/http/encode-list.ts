/**
 * Lists on the wire. They go out in slices, so that a long list neither holds the event loop nor ever
 * stands whole in memory; a slow reader is waited for. Only YAML and pretty JSON, for people, are sent whole.
 */

import { whenAborted } from '../../base/abort.ts';
import { nextTurn } from '../../base/turn.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { ListPieces, Piece } from '../../api/schema/list-pieces.ts';
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
    const { metaVersion, includeObject } = shape;
    const options = { metaVersion, includeObject, headers: true };
    const table = renderTable(resource, list.items, metadata, options, shape.nowMs);
    return respondValue(exchange, 200, table, shape);
  }
  const isPartial = shape.view === 'partial';
  const head = isPartial
    ? { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${shape.metaVersion}`, metadata }
    : { kind: listKindOf(resource), apiVersion: resource.apiVersion, metadata };
  const view = (item: KubernetesObject): JsonObject =>
    isPartial ? partialMetadata(item, shape.metaVersion) : itemOf(resource, item);
  // Nobody reads thousands of lines that line breaks would make for.
  const isWhole = shape.pretty && shape.codec.format === 'json' && list.items.length <= SLICE_ITEMS;
  const pieces = isWhole ? undefined : shape.codec.list?.(head, list.items.length);
  if (pieces === undefined) {
    const viewed: JsonValue[] = [];
    for (const item of list.items) {
      viewed.push(view(item));
      if (viewed.length % SLICE_ITEMS === 0) await nextTurn('request');
    }
    return respondValue(exchange, 200, { ...head, items: viewed }, shape);
  }
  const stored = isPartial || shape.codec.format !== 'json' ? undefined : storedJson(resource, list);
  const encode: EncodeItem = (item, i) => stored?.(item, i) ?? pieces.item(view(item), i);
  return respondPieces(exchange, { items: list.items, pieces, view, encode }, shape);
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

type EncodeItem = (item: KubernetesObject, index: number) => Piece;

const FIRST = Buffer.from('{');
const NEXT = Buffer.from(',{');

/** The bytes that the store keeps, where it does, without the kind that they begin with. */
function storedJson(
  resource: Resource,
  { hotBytes }: ListResult,
): ((item: KubernetesObject, index: number) => Uint8Array | undefined) | undefined {
  if (resource.stored !== undefined || hotBytes === undefined) return undefined;
  const kind = { kind: resource.definition.kind, apiVersion: resource.apiVersion };
  const start = Buffer.from(`${JSON.stringify(kind).slice(0, -1)},`);
  return (item, i) => {
    const bytes = hotBytes(item);
    if (bytes === undefined || start.compare(bytes, 0, start.length) !== 0) return undefined;
    return Buffer.concat([i === 0 ? FIRST : NEXT, bytes.subarray(start.length)]);
  };
}

/** Joins pieces to what one write takes. */
class Slice {
  #pieces: Piece[] = [];
  size = 0;

  add(piece: Piece): void {
    this.#pieces.push(piece);
    this.size += piece.length;
  }

  take(): Piece {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.size = 0;
    if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
    return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
  }
}

interface ListInPieces {
  readonly items: readonly KubernetesObject[];
  readonly pieces: ListPieces;
  readonly view: (item: KubernetesObject) => JsonObject;
  readonly encode: EncodeItem;
}

async function respondPieces(exchange: Exchange, list: ListInPieces, shape: ResponseShape): Promise<void> {
  const { items, pieces, encode } = list;
  const headers = { 'content-type': shape.codec.mediaType, ...shape.headers() };
  const slice = new Slice();
  const itemBytes = await measure(exchange, list, shape);
  if (isOver(exchange, shape)) return;
  slice.add(pieces.start(itemBytes));
  let next = 0;
  const fill = (): void => {
    for (
      const end = next + SLICE_ITEMS;
      next < items.length && next < end && slice.size < SLICE_BYTES;
      next++
    ) {
      const item = items[next];
      if (item !== undefined) slice.add(encode(item, next));
    }
    if (next >= items.length) slice.add(pieces.end());
  };
  fill();
  if (next >= items.length) return respondCompressed(exchange, 200, headers, slice.take());
  const stream = acceptsGzip(exchange)
    ? startCompressedStream(exchange, 200, headers)
    : exchange.startStream(200, headers);
  const stopListening = whenAborted(shape.signal, () => stream.destroy());
  while (!isOver(exchange, shape)) {
    const isLast = next >= items.length;
    if (stream.write(slice.take())) await nextTurn('request');
    else await stream.drained();
    if (isLast) break;
    fill();
  }
  stopListening();
  // Whole, or recognizably not.
  if (!shape.signal.aborted) stream.end();
}

/** The bytes of all items, in turns as long as a slice takes. Objects do not change, so they stay right. */
async function measure(
  exchange: Exchange,
  { items, pieces: { sizeOf }, view }: ListInPieces,
  shape: ResponseShape,
): Promise<number> {
  if (sizeOf === undefined) return 0;
  let sum = 0;
  let turnStart = 0;
  for (const [i, item] of items.entries()) {
    sum += sizeOf(view(item));
    if (i % SLICE_ITEMS !== SLICE_ITEMS - 1 && sum - turnStart < SLICE_BYTES) continue;
    turnStart = sum;
    await nextTurn('request');
    if (isOver(exchange, shape)) break;
  }
  return sum;
}

function isOver(exchange: Exchange, shape: ResponseShape): boolean {
  return exchange.signal.aborted || shape.signal.aborted;
}
