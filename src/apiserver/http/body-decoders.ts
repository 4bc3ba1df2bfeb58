/** Bodies that are not JSON: YAML and protobuf, turned into the JSON values that everything behind reads. */

import { badRequestError } from '../../api/meta/api-error.ts';
import { decodeProtobuf, readEnvelope } from '../../api/schema/protobuf.ts';
import type { GroupVersionSchema, JsonValue, MessageSchema } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/yaml/yaml.ts';
import type { BodyDecoders } from './decode-operation.ts';

export function bodyDecoders(schemas: ReadonlyMap<string, GroupVersionSchema>): BodyDecoders {
  const byApiVersion = new Map<string, GroupVersionSchema>();
  for (const schema of schemas.values()) {
    // meta/v1 shares the name `v1` with the core group and is looked up last.
    const name = schema.group === '' ? schema.version : `${schema.group}/${schema.version}`;
    if (schema.group !== 'meta') byApiVersion.set(name, schema);
  }
  const meta = schemas.get('meta/v1');
  const find = (apiVersion: string, kind: string): MessageSchema | undefined =>
    byApiVersion.get(apiVersion)?.messages.get(kind) ?? meta?.messages.get(kind);
  return {
    yaml: async (text) => {
      const parsed = await parseYaml(text);
      if (!parsed.ok) throw badRequestError(`the object provided is unrecognized: ${parsed.error}`);
      if (parsed.documents.length > 1) throw badRequestError('the body must be a single YAML document');
      return { json: parsed.documents[0] ?? null, duplicateFields: [] };
    },
    protobuf: (bytes) => fromProtobuf(bytes, find),
  };
}

function fromProtobuf(
  bytes: Uint8Array,
  find: (apiVersion: string, kind: string) => MessageSchema | undefined,
): JsonValue {
  const envelope = readEnvelope(bytes);
  if (envelope === undefined) {
    throw badRequestError('the object provided is unrecognized: the body is no Kubernetes protobuf message');
  }
  const message = find(envelope.apiVersion, envelope.kind);
  if (message === undefined) {
    throw badRequestError(
      `no kind ${JSON.stringify(envelope.kind)} is registered for version ${JSON.stringify(envelope.apiVersion)}`,
    );
  }
  const decoded = decodeProtobuf(message, envelope);
  if (!decoded.ok) throw badRequestError(`the object provided is unrecognized: ${decoded.error}`);
  return decoded.value;
}
