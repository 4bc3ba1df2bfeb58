import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import { convertV2 } from './convert-v2.ts';

const REFERENCE = { $ref: '#/definitions/Widget' };

const V2: JsonObject = {
  swagger: '2.0',
  info: { title: 'widgets', version: 'v1' },
  paths: {
    '/apis/w/v1/widgets': {
      parameters: [{ $ref: '#/parameters/pretty' }],
      post: {
        consumes: ['application/json', 'application/yaml'],
        produces: ['application/json'],
        operationId: 'create',
        schemes: ['https'],
        parameters: [
          { name: 'body', in: 'body', required: true, schema: REFERENCE },
          { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true, description: 'try' },
        ],
        responses: {
          201: { description: 'Created', schema: REFERENCE },
          401: { description: 'Unauthorized' },
        },
        'x-kubernetes-action': 'post',
      },
    },
  },
  definitions: {
    Widget: {
      type: 'object',
      properties: {
        spec: { $ref: '#/definitions/Spec', description: 'wanted', default: {} },
        parts: { type: 'array', items: REFERENCE },
        $ref: { type: 'string' },
      },
      additionalProperties: REFERENCE,
      'x-kubernetes-group-version-kind': [{ group: 'w', version: 'v1', kind: 'Widget' }],
    },
  },
  parameters: { pretty: { name: 'pretty', in: 'query', type: 'string' } },
  securityDefinitions: { token: { type: 'apiKey', name: 'authorization', in: 'header' } },
  security: [{ token: [] }],
};

test('a document becomes one of version 3', () => {
  const widget = { $ref: '#/components/schemas/Widget' };
  assert.deepEqual(convertV2(V2), {
    openapi: '3.0.0',
    info: { title: 'widgets', version: 'v1' },
    paths: {
      '/apis/w/v1/widgets': {
        post: {
          operationId: 'create',
          parameters: [
            {
              name: 'dryRun',
              in: 'query',
              description: 'try',
              schema: { type: 'string', uniqueItems: true },
            },
          ],
          requestBody: {
            content: { 'application/json': { schema: widget }, 'application/yaml': { schema: widget } },
          },
          responses: {
            201: { description: 'Created', content: { 'application/json': { schema: widget } } },
            401: { description: 'Unauthorized' },
          },
          'x-kubernetes-action': 'post',
        },
        parameters: [{ $ref: '#/components/parameters/pretty' }],
      },
    },
    components: {
      schemas: {
        Widget: {
          type: 'object',
          properties: {
            spec: { description: 'wanted', default: {}, allOf: [{ $ref: '#/components/schemas/Spec' }] },
            parts: { type: 'array', items: widget },
            $ref: { type: 'string' },
          },
          additionalProperties: widget,
          'x-kubernetes-group-version-kind': [{ group: 'w', version: 'v1', kind: 'Widget' }],
        },
      },
      parameters: { pretty: { name: 'pretty', in: 'query', schema: { type: 'string' } } },
      securitySchemes: { token: { type: 'apiKey', name: 'authorization', in: 'header' } },
    },
  });
});

test('a document that is odd does no harm', () => {
  assert.deepEqual(convertV2({}), { openapi: '3.0.0', paths: {}, components: {} });
  const odd = { paths: { '/a': { get: { parameters: [null, 'x'], responses: null } }, '/b': 1 } };
  assert.deepEqual(convertV2(odd)['paths'], { '/a': { get: { responses: {} } }, '/b': 1 });
});
