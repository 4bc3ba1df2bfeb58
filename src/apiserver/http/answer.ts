/** Answers of one piece: errors, documents, objects as the client wants to see them. */

import type { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { partialMetadata, renderTable, type IncludeObject, type MetaVersion } from '../table/table.ts';
import { jsonCodec, type Codec } from './codecs.ts';
import { respondCompressed } from './compress.ts';
import type { Exchange, Headers } from './exchange.ts';
import type { View } from './media-type.ts';

/** How an object is shown. */
export interface ObjectShape {
  readonly codec: Codec;
  readonly view: View;
  readonly metaVersion: MetaVersion;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

export interface ResponseShape extends ObjectShape {
  /** JSON for people: with line breaks. */
  readonly pretty: boolean;
  /** Aborts when the time for the answer is over. */
  readonly signal: AbortSignal;
  /** Headers that every answer carries, warnings among them. */
  readonly headers: () => Headers;
}

export function respondJson(exchange: Exchange, status: number, body: unknown, headers: Headers = {}): void {
  exchange.respond(status, { 'content-type': jsonCodec.mediaType, ...headers }, JSON.stringify(body));
}

/** In the client's format where that can say it. */
export function respondError(
  exchange: Exchange,
  error: ApiError,
  headers: Headers = {},
  codec: Codec = jsonCodec,
): void {
  const retry = error.details?.retryAfterSeconds;
  const extra = retry === undefined ? {} : { 'retry-after': String(retry) };
  const body = codec.encode(error.toStatus() as unknown as JsonObject);
  if (body instanceof Promise)
    return respondJson(exchange, error.code, error.toStatus(), { ...headers, ...extra });
  exchange.respond(error.code, { 'content-type': codec.mediaType, ...headers, ...extra }, body);
}

/** A whole document in the client's format. */
export async function respondValue(
  exchange: Exchange,
  status: number,
  value: JsonObject,
  shape: ResponseShape,
): Promise<void> {
  const { codec, pretty } = shape;
  const body =
    pretty && codec.format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : await codec.encode(value);
  await respondCompressed(exchange, status, { 'content-type': codec.mediaType, ...shape.headers() }, body);
}

/** The object as the client wants to see it. `headers`: tables say what their columns are. */
export function viewOf(
  object: KubernetesObject,
  resource: Resource,
  shape: ObjectShape,
  headers = true,
): JsonObject {
  switch (shape.view) {
    case 'object':
      return object as unknown as JsonObject;
    case 'partial':
      return partialMetadata(object, shape.metaVersion);
    case 'table': {
      const meta = { resourceVersion: object.metadata.resourceVersion };
      const options = { metaVersion: shape.metaVersion, includeObject: shape.includeObject, headers };
      return renderTable(resource, [object], meta, options, shape.nowMs);
    }
  }
}
