/** The formats of answers: JSON, YAML, protobuf and CBOR, each for whole documents and for watch streams. */

import { cborList, encodeCbor, encodeCborEvent } from '../../api/cbor/cbor.ts';
import { notAcceptableError } from '../../api/meta/api-error.ts';
import type { ListPieces } from '../../api/schema/list-pieces.ts';
import { messageOfKind } from '../../api/schema/message-of-kind.ts';
import { encodeProtobuf, encodeWatchEvent, protobufList } from '../../api/schema/protobuf.ts';
import type { GroupVersionSchema, JsonObject, MessageSchema } from '../../api/schema/schema.ts';
import { renderYaml } from '../../api/yaml/yaml.ts';
import { TurnMemo } from '../../base/turn-memo.ts';
import { MEDIA_TYPES, TOLD_MEDIA_TYPES, TOLD_STREAM_TYPES, type Format } from './media-type.ts';

export interface Codec {
  readonly format: Format;
  readonly mediaType: string;
  /** Of watch streams; undefined where the format has none. */
  readonly watchType: string | undefined;
  /** An object that says its kind. */
  encode(value: JsonObject): Uint8Array | string | Promise<string>;
  /** A list in pieces, without its items given; undefined where the format wants it whole. */
  list?(head: JsonObject, count: number): ListPieces | undefined;
  /** One event of a watch. `json` gives the object's JSON, where that is there already. */
  event(type: string, object: JsonObject, json?: () => Uint8Array): EventFrame;
}

/** The bytes of an event in pieces, one of which may be the object's own bytes, shared with the store. */
export type EventFrame = readonly Uint8Array[];

export type Codecs = { readonly [F in Format]: Codec };

const EVENT_TAIL = Buffer.from('}\n');

export const jsonCodec: Codec = {
  format: 'json',
  mediaType: MEDIA_TYPES.json,
  watchType: MEDIA_TYPES.json,
  encode: (value) => JSON.stringify(value),
  list: (head) => ({
    start: () => `${JSON.stringify(head).slice(0, -1)},"items":[`,
    item: (item, index) => `${index > 0 ? ',' : ''}${JSON.stringify(item)}`,
    end: () => ']}\n',
  }),
  event: (type, object, json) => {
    if (json === undefined) return [Buffer.from(`${JSON.stringify({ type, object })}\n`)];
    return jsonEvent(type, json());
  },
};

/** Events by the JSON of their object: the watchers of a change share one frame, as they share its JSON. */
const jsonEvents = new TurnMemo<Uint8Array, { readonly type: string; readonly event: EventFrame }>();

function jsonEvent(type: string, json: Uint8Array): EventFrame {
  const known = jsonEvents.get(json);
  if (known?.type === type) return known.event;
  const event = [Buffer.from(`{"type":"${type}","object":`), json, EVENT_TAIL];
  jsonEvents.set(json, { type, event });
  return event;
}

const yamlCodec: Codec = {
  format: 'yaml',
  mediaType: MEDIA_TYPES.yaml,
  watchType: undefined,
  encode: renderYaml,
  event: () => {
    throw notAcceptableError(TOLD_STREAM_TYPES);
  },
};

const cborCodec: Codec = {
  format: 'cbor',
  mediaType: MEDIA_TYPES.cbor,
  watchType: `${MEDIA_TYPES.cbor}-seq`,
  encode: encodeCbor,
  list: cborList,
  event: (type, object) => [encodeCborEvent(type, object)],
};

export function createCodecs(schemas: ReadonlyMap<string, GroupVersionSchema>): Codecs {
  return { json: jsonCodec, yaml: yamlCodec, cbor: cborCodec, protobuf: protobufCodec(schemas) };
}

/** Events are framed by their length in four bytes, the most significant first. */
function protobufCodec(schemas: ReadonlyMap<string, GroupVersionSchema>): Codec {
  const find = messageOfKind(schemas);
  const messageOf = ({ apiVersion = '', kind = '' }: JsonObject): MessageSchema => {
    // Both versions of metadata say the same.
    const version = String(apiVersion).replace(/^meta\.k8s\.io\/v1beta1$/, 'meta.k8s.io/v1');
    const message = find(version, String(kind));
    if (message !== undefined) return message;
    throw notAcceptableError(TOLD_MEDIA_TYPES);
  };
  const encode = (value: JsonObject): Uint8Array => encodeProtobuf(messageOf(value), value);
  return {
    format: 'protobuf',
    mediaType: MEDIA_TYPES.protobuf,
    watchType: `${MEDIA_TYPES.protobuf};stream=watch`,
    encode,
    list: (head) => protobufList(messageOf(head), head),
    event: (type, object) => {
      const event = encodeWatchEvent(type, encode(object));
      const frame = Buffer.allocUnsafe(4 + event.length);
      frame.writeUInt32BE(event.length);
      frame.set(event, 4);
      return [frame];
    },
  };
}
