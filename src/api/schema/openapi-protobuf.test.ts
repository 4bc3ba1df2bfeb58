import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOpenApiV2 } from './openapi-protobuf.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** The fields of a message: number and, for what has a length, the bytes as text. */
function fields(bytes: Uint8Array): [number, Uint8Array | number][] {
  const reader = new ProtobufReader(bytes);
  const found: [number, Uint8Array | number][] = [];
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.wireType === 2) found.push([tag.number, reader.bytes()]);
    else if (tag.wireType === 0) found.push([tag.number, reader.integer()]);
    else assert.fail(`wire type ${tag.wireType}`);
  }
  return found;
}

/** Follows field numbers down, the first of each; text where it ends. */
function at(bytes: Uint8Array, ...path: readonly number[]): string {
  let current: Uint8Array | number | undefined = bytes;
  for (const number of path) {
    assert.ok(current instanceof Uint8Array, `no message before ${number}`);
    current = fields(current).find(([candidate]) => candidate === number)?.[1];
  }
  return current instanceof Uint8Array ? Buffer.from(current).toString() : String(current);
}

test('a document in the messages of gnostic', () => {
  const bytes = encodeOpenApiV2({
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths: {
      '/api/v1/pods/{name}': {
        parameters: [{ name: 'name', in: 'path', type: 'string', required: true, uniqueItems: true }],
        get: {
          operationId: 'readPod',
          produces: ['application/json'],
          parameters: [{ name: 'pretty', in: 'query', type: 'string' }],
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Pod' } } },
          'x-kubernetes-action': 'get',
        },
      },
    },
    definitions: {
      Pod: {
        type: 'object',
        required: ['spec'],
        properties: { spec: { type: 'array', items: { type: 'string' } } },
        additionalProperties: { type: 'integer' },
        'x-kubernetes-group-version-kind': [{ group: '', kind: 'Pod', version: 'v1' }],
      },
    },
  });
  assert.deepEqual(
    fields(bytes).map(([number]) => number),
    [1, 2, 8, 9],
  );
  assert.equal(at(bytes, 2, 2), 'v1.36.0');
  const item = [8, 2, 2] as const;
  assert.equal(at(bytes, 8, 2, 1), '/api/v1/pods/{name}');
  assert.equal(at(bytes, ...item, 2, 5), 'readPod');
  assert.equal(at(bytes, ...item, 2, 8, 1, 2, 3, 4), 'pretty');
  assert.equal(at(bytes, ...item, 9, 1, 2, 4, 4), 'name');
  assert.equal(at(bytes, ...item, 2, 9, 1, 1), '200');
  assert.equal(at(bytes, ...item, 2, 9, 1, 2, 1, 2, 1, 1), '#/definitions/Pod');
  assert.equal(at(bytes, ...item, 2, 13, 1), 'x-kubernetes-action');
  const pod = [9, 1, 2] as const;
  assert.equal(at(bytes, 9, 1, 1), 'Pod');
  assert.equal(at(bytes, ...pod, 22, 1), 'object');
  assert.equal(at(bytes, ...pod, 25, 1, 2, 23, 1, 22, 1), 'string');
  assert.equal(at(bytes, ...pod, 21, 1, 22, 1), 'integer');
  assert.equal(at(bytes, ...pod, 31, 2, 2), '[{"group":"","kind":"Pod","version":"v1"}]\n');
});
