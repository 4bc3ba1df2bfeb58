/** Who owns which field of a custom object, when it is written in several versions and through its subresources. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../api/types.gen.ts';
import type { CallWebhook } from '../webhooks/webhook-caller.ts';
import { createCustomFront, type CustomFront, type JsonAnswer } from './custom-front.fixture.ts';

const text: JSONSchemaProps = { type: 'string' };
const ANYTHING: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function version(name: string, spec: JSONSchemaProps['properties']): CustomResourceDefinitionVersion {
  return {
    name,
    served: true,
    storage: name === 'v1',
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: spec ?? {} }, status: ANYTHING },
      },
    },
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
  };
}

const REPLICAS: JSONSchemaProps = { type: 'integer' };
const ALIKE = { a: text, b: text, replicas: REPLICAS };

function object(apiVersion: string, more: JsonObject): JsonObject {
  return {
    apiVersion: `stable.example.com/${apiVersion}`,
    kind: 'CronTab',
    metadata: { name: 'one' },
    ...more,
  };
}

const PATH = 'default/crontabs/one';

function apply(front: CustomFront, manager: string, at: string, spec: JsonObject): Promise<JsonAnswer> {
  const options = { query: `?fieldManager=${manager}`, contentType: 'application/apply-patch+yaml' };
  return front.ask('PATCH', `${at}:${PATH}`, object(at, { spec }), options);
}

function merge(front: CustomFront, manager: string, path: string, body: JsonObject): Promise<JsonAnswer> {
  const options = { query: `?fieldManager=${manager}`, contentType: 'application/merge-patch+json' };
  return front.ask('PATCH', path, body, options);
}

/** `manager operation version/subresource: fields`, of what lies below spec and status. */
async function owners(front: CustomFront): Promise<readonly string[]> {
  const { body } = await front.ask('GET', PATH);
  const { managedFields = [] } = body['metadata'] as { managedFields?: readonly JsonObject[] };
  return managedFields.map((entry) => {
    const { manager, operation, apiVersion, subresource = '', fieldsV1 } = entry;
    const fields = Object.entries(fieldsV1 as JsonObject).flatMap(([parent, below]) =>
      Object.keys(below as JsonObject)
        .filter((name) => name !== '.')
        .map((name) => `${parent.slice(2)}.${name.slice(2)}`),
    );
    const at = `${String(apiVersion).split('/')[1] ?? ''}/${String(subresource)}`;
    return `${String(manager)} ${String(operation)} ${at}: ${fields.join(' ')}`;
  });
}

test('a field that is changed in another version changes hands all the same', async () => {
  const front = createCustomFront([version('v1', ALIKE), version('v2', ALIKE)]);
  await apply(front, 'first', 'v1', { a: '1', b: '1' });
  const conflict = await apply(front, 'second', 'v2', { a: '2' });
  assert.equal(conflict.status, 409);
  assert.match(String(conflict.body['message']), /conflict with "first": \.spec\.a/);
  await merge(front, 'third', `v2:${PATH}`, { spec: { a: '3' } });
  assert.deepEqual(await owners(front), ['first Apply v1/: spec.b', 'third Update v2/: spec.a']);
  assert.equal((await apply(front, 'second', 'v2', { b: '1' })).status, 200, 'the same value is no conflict');
  assert.deepEqual(await owners(front), [
    'first Apply v1/: spec.b',
    'second Apply v2/: spec.b',
    'third Update v2/: spec.a',
  ]);
});

test('managers of a version that is served no more are forgotten with the next write', async () => {
  const front = createCustomFront([version('v1', ALIKE), version('v2', ALIKE)]);
  await apply(front, 'first', 'v1', { a: '1' });
  await apply(front, 'second', 'v2', { b: '1' });
  front.serve([version('v1', ALIKE), { ...version('v2', ALIKE), served: false }]);
  await merge(front, 'third', PATH, { spec: { replicas: 1 } });
  assert.deepEqual(await owners(front), ['first Apply v1/: spec.a', 'third Update v1/: spec.replicas']);
});

test('writes of subresources are accounts of their own', async () => {
  const front = createCustomFront([version('v1', ALIKE), version('v2', ALIKE)]);
  await apply(front, 'user', 'v1', { a: '1', replicas: 1 });
  await merge(front, 'scaler', `v2:${PATH}/scale`, { spec: { replicas: 3 } });
  await merge(front, 'operator', `v2:${PATH}/status`, { spec: { a: 'no' }, status: { replicas: 3 } });
  assert.deepEqual(await owners(front), [
    'user Apply v1/: spec.a',
    'operator Update v2/status: status.replicas',
    'scaler Update v2/scale: spec.replicas',
  ]);
});

/** v1 has `host` and `port`, v2 has both in `address`. */
const convert: CallWebhook = async (_config, review) => {
  const { uid, desiredAPIVersion, objects } = review['request'] as JsonObject;
  const convertedObjects = (objects as readonly JsonObject[]).map((one) => {
    const spec = one['spec'] as { host?: string; port?: string; address?: string } | undefined;
    const [host = '', port = ''] = (spec?.address ?? '').split(':');
    const next = String(desiredAPIVersion).endsWith('v2')
      ? { address: `${spec?.host ?? ''}:${spec?.port ?? ''}` }
      : { host, port };
    return { ...one, apiVersion: desiredAPIVersion, spec: next } as JsonValue;
  });
  const response = { uid, result: { status: 'Success' }, convertedObjects } as JsonValue;
  return { kind: 'ConversionReview', apiVersion: review['apiVersion'] ?? '', response } as JsonValue;
};

test('where versions differ, fields are compared in the version in which they are owned', async () => {
  const versions = [version('v1', { host: text, port: text }), version('v2', { address: text })];
  const clientConfig = { url: 'https://localhost/convert' };
  const conversion = {
    strategy: 'Webhook',
    webhook: { clientConfig, conversionReviewVersions: ['v1'] },
  } as const;
  const front = createCustomFront(versions, { conversion, callWebhook: convert });
  await apply(front, 'first', 'v1', { host: 'a', port: '1' });
  await merge(front, 'second', `v2:${PATH}`, { spec: { address: 'a:2' } });
  assert.deepEqual(await owners(front), ['first Apply v1/: spec.host', 'second Update v2/: spec.address']);
  const { body } = await front.ask('GET', PATH);
  assert.deepEqual(body['spec'], { host: 'a', port: '2' });
  const conflict = await apply(front, 'third', 'v2', { address: 'b:2' });
  assert.equal(conflict.status, 409);
  assert.match(String(conflict.body['message']), /\.spec\.host/);
  assert.match(String(conflict.body['message']), /\.spec\.address/);
});
