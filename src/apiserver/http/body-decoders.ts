/** Bodies that are not JSON: YAML, protobuf and CBOR, turned into the JSON values that everything behind reads. */

import { badRequestError } from '../../api/meta/api-error.ts';
import { decodeCbor } from '../../api/cbor/cbor.ts';
import { decodeObject } from '../../api/schema/decode.ts';
import { messageOfKind, type MessageOfKind } from '../../api/schema/message-of-kind.ts';
import { decodeProtobuf, readEnvelope } from '../../api/schema/protobuf.ts';
import type { GroupVersionSchema, JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/yaml/yaml.ts';
import { present } from '../../base/assert.ts';
import type { Body } from '../../client/operation.ts';
import { typeMetaProblem, unreadableText } from '../registry/body-kind.ts';
import type { BodyDecoders } from './decode-operation.ts';

export function bodyDecoders(schemas: ReadonlyMap<string, GroupVersionSchema>): BodyDecoders {
  const find = messageOfKind(schemas);
  return {
    yaml: async (text) => {
      const parsed = await parseYaml(text);
      if (!parsed.ok) return { json: null, duplicateFields: [], unreadable: parsed.error };
      if (parsed.documents.length > 1) throw badRequestError('the body must be a single YAML document');
      const { documents, repeatedKeys = [] } = parsed;
      return { json: documents[0] ?? null, duplicateFields: [], repeatedKeys };
    },
    protobuf: (bytes) => fromProtobuf(bytes, find),
    cbor: (bytes) => {
      const decoded = decodeCbor(bytes);
      if (!decoded.ok) throw badRequestError(`the object provided is unrecognized: ${decoded.error}`);
      return decoded.value;
    },
    deleteOptions: (body) => deleteOptionsOf(present(schemas.get('meta/v1'), 'schema of meta/v1'), body),
  };
}

const META_SCHEME = '"pkg/apis/meta/internalversion/scheme/register.go:27"';

function deleteOptionsOf({ messages }: GroupVersionSchema, { json, unreadable, literals }: Body): JsonObject {
  const message = present(messages.get('DeleteOptions'), 'message DeleteOptions');
  const problem = unreadable === undefined ? typeMetaProblem(json) : unreadableText(unreadable);
  if (problem !== undefined) throw badRequestError(problem);
  const object = (json ?? {}) as JsonObject;
  const { kind = '', apiVersion = '' } = object;
  if (kind !== '' && kind !== null && kind !== 'DeleteOptions') {
    const version = JSON.stringify(apiVersion === '' || apiVersion === null ? 'v1' : apiVersion);
    throw badRequestError(
      `no kind "${kind as string}" is registered for version ${version} in scheme ${META_SCHEME}`,
    );
  }
  const decoded = decodeObject(message, object, { literals });
  if (!decoded.ok) throw badRequestError(decoded.error);
  return decoded.value;
}

function fromProtobuf(bytes: Uint8Array, find: MessageOfKind): JsonValue {
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
