/** Webhooks that convert badly, and what clients then read. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '../../api/groups/core/service/service.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { CustomResourceDefinitionVersion } from '../../api/types.gen.ts';
import type { HttpsRequest } from '../../host/host.ts';
import { webhookCaller, type CallWebhook } from '../webhooks/webhook-caller.ts';
import { createCustomFront, type CustomFront } from './custom-front.fixture.ts';

const version = (name: string): CustomResourceDefinitionVersion => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});

const OBJECT: JsonObject = {
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name: 'one', labels: { a: 'b' } },
};

type Conversion = NonNullable<Parameters<CustomFront['serve']>[1]>['conversion'];

function conversion(reviewVersion = 'v1', service?: JsonObject): Conversion {
  const clientConfig = service ?? { url: 'https://localhost/convert' };
  const webhook = { clientConfig, conversionReviewVersions: [reviewVersion] };
  return { strategy: 'Webhook', webhook } as unknown as Conversion;
}

/** The status and message of a read in the version that nothing is stored in. */
async function read(callWebhook: CallWebhook, reviewVersion = 'v1'): Promise<readonly unknown[]> {
  const versions = [version('v1'), version('v2')];
  const front = createCustomFront(versions, { conversion: conversion(reviewVersion), callWebhook });
  assert.equal((await front.ask('POST', 'default/crontabs', OBJECT)).status, 201);
  const { status, body } = await front.ask('GET', 'v2:default/crontabs/one');
  return [status, body['message'] ?? body];
}

type Answer = (request: JsonObject, review: JsonObject) => JsonValue;

/** A review with what `change` makes of a right response. */
function answering(change: (response: JsonObject) => JsonValue): Answer {
  return ({ uid, objects, desiredAPIVersion }, { apiVersion, kind }) => {
    const convertedObjects = (objects as readonly JsonObject[]).map((one) => ({
      ...one,
      apiVersion: desiredAPIVersion,
    }));
    const response = { uid, result: { status: 'Success' }, convertedObjects } as JsonObject;
    return { apiVersion, kind, response: change(response) } as JsonValue;
  };
}

function one(change: JsonObject): Answer {
  return answering((response) => ({
    ...response,
    convertedObjects: (response['convertedObjects'] as readonly JsonObject[]).map((object) => ({
      ...object,
      ...change,
    })),
  }));
}

function named(change: JsonObject): Answer {
  return answering((response) => ({
    ...response,
    convertedObjects: (response['convertedObjects'] as readonly JsonObject[]).map((object) => ({
      ...object,
      metadata: { ...(object['metadata'] as JsonObject), ...change },
    })),
  }));
}

const BAD: readonly (readonly [string, Answer, string | RegExp])[] = [
  ['no review', () => [], 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got , Kind='],
  ['another kind', () => ({ apiVersion: 'v1', kind: 'Pod' }), 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=Pod'],
  ['no response', answering(() => null), 'failed: no response provided'],
  ['another uid', answering((response) => ({ ...response, uid: 'x' })), /^failed: expected response\.uid="[-0-9a-f]{36}", got "x"$/],
  ['a failure with a message', answering((response) => ({ ...response, result: { status: 'Failure', message: 'too old' } })), 'failed: too old'],
  ['a failure without', answering((response) => ({ ...response, result: { status: 'Failure' } })), "failed: response.result.status was 'Failure', not 'Success'"],
  ['no result', answering(({ result: _result, ...response }) => response), "failed: response.result.status was '', not 'Success'"],
  ['too few objects', answering((response) => ({ ...response, convertedObjects: [] })), 'returned 0 objects, expected 1'],
  ['too many objects', answering((response) => ({ ...response, convertedObjects: [{}, {}] })), 'returned 2 objects, expected 1'],
  ['another version', one({ apiVersion: 'stable.example.com/v3' }), 'returned invalid object at index 0: invalid groupVersion (expected stable.example.com/v2, received stable.example.com/v3)'],
  ['another kind of object', one({ kind: 'Tab' }), 'returned invalid object at index 0: invalid kind (expected CronTab, received Tab)'],
  ['another name', named({ name: 'two' }), 'returned invalid object: must have the same name: one != two'],
  ['another namespace', named({ namespace: 'other' }), 'returned invalid object: must have the same namespace: default != other'],
  ['another UID', named({ uid: 'x' }), /^returned invalid object: must have the same UID: [-0-9a-f]{36} != x$/],
  ['labels that are none', named({ labels: [] }), 'returned invalid metadata: invalid metadata.labels of type []interface {} in converted object'],
  ['a label that is no text', named({ labels: { a: 1 } }), 'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object'],
  ['a bad label', named({ labels: { a: '?' } }), /^returned invalid metadata: metadata\.labels: Invalid value: "\?": a valid label must be/],
]; // prettier-ignore

for (const [name, answer, expected] of BAD) {
  test(`a webhook that answers with ${name}`, async () => {
    const call: CallWebhook = async (_config, review) => answer(review['request'] as JsonObject, review);
    const [status, message] = await read(call);
    assert.equal(status, 500);
    const prefix = 'conversion webhook for stable.example.com/v1, Kind=CronTab ';
    assert.ok(String(message).startsWith(prefix), String(message));
    const rest = String(message).slice(prefix.length);
    if (typeof expected === 'string') assert.equal(rest, expected);
    else assert.match(rest, expected);
  });
}

test('of metadata only labels and annotations are taken', async () => {
  const answer = named({ labels: { c: 'd' }, annotations: { e: 'f' }, finalizers: ['x/y'], generation: 7 });
  const call: CallWebhook = async (_config, review) => answer(review['request'] as JsonObject, review);
  const [status, body] = await read(call);
  const { labels, annotations, finalizers, generation } = (body as JsonObject)['metadata'] as JsonObject;
  assert.deepEqual(
    [status, labels, annotations, finalizers, generation],
    [200, { c: 'd' }, { e: 'f' }, undefined, 1],
  );
});

test('reviews of the older version are not checked for whose they are', async () => {
  const right = answering((response) => ({ ...response, uid: '' }));
  const call: CallWebhook = async (_config, review) => {
    assert.equal(review['apiVersion'], 'apiextensions.k8s.io/v1beta1');
    return right(review['request'] as JsonObject, review);
  };
  assert.equal((await read(call, 'v1beta1'))[0], 200);
  assert.deepEqual(await read(call, 'v2'), [500, 'no supported conversion review versions']);
});

/** As `read`, but through the network. */
async function readThrough(
  answer: (request: HttpsRequest) => { readonly status: number; readonly body: string },
  service?: JsonObject,
): Promise<readonly unknown[]> {
  const versions = [version('v1'), version('v2')];
  const front = createCustomFront(versions);
  const { host, store, client } = front.test;
  host.network.onRequest = (request) => ({
    headers: {},
    ...answer(request),
    body: Buffer.from(answer(request).body),
  });
  const callWebhook = webhookCaller({ network: host.network, store, randomInteger: () => 0 });
  front.serve(versions, { conversion: conversion('v1', service), callWebhook });
  await client.create(services, {
    metadata: { name: 'empty', namespace: 'default' },
    spec: { ports: [{ port: 443 }] },
  });
  await front.ask('POST', 'default/crontabs', OBJECT);
  const { status, body } = await front.ask('GET', 'v2:default/crontabs/one');
  return [
    status,
    String(body['message']).replace(/^conversion webhook for stable\.example\.com\/v1, Kind=CronTab /, ''),
  ];
}

const NOBODY = (): never => assert.fail('nobody is to be asked');

test('a webhook that is not there', async () => {
  const service = (name: string): JsonObject => ({
    service: { name, namespace: 'default', path: '/convert' },
  });
  const url = (name: string): string => `https://${name}.default.svc:443/convert?timeout=30s`;
  const failed = (name: string, why: string): readonly unknown[] => [
    500,
    `failed: Post "${url(name)}": ${why}`,
  ];
  assert.deepEqual(await readThrough(NOBODY, service('none')), failed('none', 'service "none" not found'));
  const none = failed('empty', 'no endpoints available for service "empty"');
  assert.deepEqual(await readThrough(NOBODY, service('empty')), none);
});

test('a webhook that answers with a status of its own', async () => {
  const table: readonly (readonly [number, string, string])[] = [
    [404, '404 page not found', 'the server could not find the requested resource'],
    [500, 'broken', 'an error on the server ("broken") has prevented the request from succeeding'],
    [503, '', 'the server is currently unable to handle the request'],
    [403, 'not you', 'not you'],
    [418, '', 'the server responded with the status code 418 but did not return more information'],
    [400, '{"kind":"Status","message":"say more"}', 'say more'],
  ];
  for (const [status, body, text] of table) {
    assert.deepEqual(await readThrough(() => ({ status, body })), [500, `failed: ${text}`]);
  }
});
