/**
 * The protobuf codec: objects of the API as upstream's clients in Go send and read them.
 *
 * On the wire an object is an envelope: the four bytes `k8s\0`, then `runtime.Unknown` with apiVersion,
 * kind and the message. Input and output: decoded objects (see decode.ts). Encoding gives the very bytes of
 * upstream; decoding gives the stored form, whatever the sender left out.
 */

import { decodeObject, type Decoded } from './decode.ts';
import { readMessage } from './protobuf-decode.ts';
import type { ListPieces } from './list-pieces.ts';
import { encodeMessage, listItemEncoder } from './protobuf-encode.ts';
import { ProtobufError, ProtobufReader } from './protobuf-reader.ts';
import { ReverseWriter } from './protobuf-writer.ts';
import type { JsonObject, MessageSchema } from './schema.ts';

const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** What an envelope holds: the message still encoded, since only its kind tells which schema reads it. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  /** Empty for protobuf, `application/json` where a sender wraps JSON. */
  readonly contentType: string;
}

export function isEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => byte === bytes[i]);
}

export function encodeProtobuf(message: MessageSchema, object: JsonObject): Uint8Array {
  return writeEnvelope({ ...typeMetaOf(object), raw: encodeMessage(message, object), contentType: '' });
}

function typeMetaOf({ apiVersion, kind }: JsonObject): Pick<Envelope, 'apiVersion' | 'kind'> {
  return {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
    kind: typeof kind === 'string' ? kind : '',
  };
}

export function writeEnvelope(envelope: Envelope): Uint8Array {
  const out = new ReverseWriter(envelope.raw.length + 128);
  writeAfterRaw(envelope.contentType, out);
  out.bytes(envelope.raw);
  writeBeforeRaw(envelope, envelope.raw.length, out);
  return out.finish();
}

/** `contentType` and an empty `contentEncoding`. */
function writeAfterRaw(contentType: string, out: ReverseWriter): void {
  writeText(contentType, 4, out);
  writeText('', 3, out);
}

function writeBeforeRaw(
  { apiVersion, kind }: Pick<Envelope, 'apiVersion' | 'kind'>,
  rawBytes: number,
  out: ReverseWriter,
): void {
  out.unsigned(rawBytes);
  out.tag(2, 2);
  const beforeType = out.position;
  writeText(kind, 2, out);
  writeText(apiVersion, 1, out);
  out.lengthAndTag(1, beforeType);
  out.bytes(MAGIC);
}

function writeText(value: string, number: number, out: ReverseWriter): void {
  const before = out.position;
  out.text(value);
  out.lengthAndTag(number, before);
}

/**
 * A list in pieces: the same bytes as `encodeProtobuf(message, { ...head, items })`. The envelope says first
 * how long the message is, so items are encoded twice, once for their size. Undefined for what is no list.
 */
export function protobufList(message: MessageSchema, head: JsonObject): ListPieces | undefined {
  const encodeItem = listItemEncoder(message);
  if (encodeItem === undefined) return undefined;
  const beforeItems = encodeMessage(message, head);
  const scratch = new ReverseWriter(16 * 1024);
  const write = (item: JsonObject): ReverseWriter => {
    scratch.reset();
    encodeItem(item, scratch);
    return scratch;
  };
  return {
    sizeOf: (item) => write(item).position,
    start: (itemBytes) => {
      const out = new ReverseWriter(beforeItems.length + 128);
      out.bytes(beforeItems);
      writeBeforeRaw(typeMetaOf(head), beforeItems.length + itemBytes, out);
      return out.finish();
    },
    item: (item) => write(item).finish(),
    end: () => {
      const out = new ReverseWriter(16);
      writeAfterRaw('', out);
      return out.finish();
    },
  };
}

/** Undefined when the bytes are no envelope. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (!isEnvelope(bytes)) return undefined;
  const reader = new ProtobufReader(bytes.subarray(MAGIC.length));
  const envelope: { -readonly [K in keyof Envelope]: Envelope[K] } = {
    apiVersion: '',
    kind: '',
    raw: new Uint8Array(),
    contentType: '',
  };
  try {
    for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
      if (tag.number === 1) reader.nested(() => readTypeMeta(reader, envelope));
      else if (tag.number === 2) envelope.raw = reader.bytes();
      else if (tag.number === 4) envelope.contentType = reader.text();
      else reader.skip(tag.wireType);
    }
  } catch (thrown) {
    if (thrown instanceof ProtobufError) return undefined;
    throw thrown;
  }
  return envelope;
}

function readTypeMeta(reader: ProtobufReader, target: { apiVersion: string; kind: string }): void {
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.number === 1) target.apiVersion = reader.text();
    else if (tag.number === 2) target.kind = reader.text();
    else reader.skip(tag.wireType);
  }
}

/** Decodes the message of an envelope. Protobuf has no unknown fields to report: they are skipped. */
export function decodeProtobuf(message: MessageSchema, envelope: Envelope): Decoded {
  const { apiVersion, kind, raw } = envelope;
  const typeMeta: JsonObject = {
    ...(kind === '' ? {} : { kind }),
    ...(apiVersion === '' ? {} : { apiVersion }),
  };
  try {
    return decodeObject(message, { ...typeMeta, ...readMessage(message, new ProtobufReader(raw)) });
  } catch (thrown) {
    if (thrown instanceof ProtobufError) return { ok: false, error: thrown.message };
    throw thrown;
  }
}

/** One event of a watch stream (without the frame's length): the type and the enveloped object. */
export function encodeWatchEvent(type: string, object: Uint8Array): Uint8Array {
  const out = new ReverseWriter(object.length + 64);
  out.bytes(object);
  out.lengthAndTag(1, 0);
  out.lengthAndTag(2, 0);
  const before = out.position;
  out.text(type);
  out.lengthAndTag(1, before);
  return out.finish();
}
