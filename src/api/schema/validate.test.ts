import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import { fieldErrorText, ROOT_PATH } from '../field/field-error.ts';
import { loadBuiltInSchemas } from './built-in.ts';
import { decodeObject } from './decode.ts';
import { applyDefaults } from './default.ts';
import type { JsonValue } from './schema.ts';
import { validateSchema } from './validate.ts';

const schemas = loadBuiltInSchemas();

function errorsOf(groupVersion: string, name: string, json: JsonValue): string[] {
  const message = present(schemas.get(groupVersion)?.messages.get(name), name);
  const decoded = decodeObject(message, json);
  assert.ok(decoded.ok);
  return validateSchema(message, applyDefaults(message, decoded.value)).map(fieldErrorText);
}

test('required and enumerated values', () => {
  const container = {
    image: 'a',
    imagePullPolicy: 'Sometimes',
    env: [{ value: 'x' }],
    ports: [{ protocol: 'X' }],
  };
  assert.deepEqual(
    errorsOf('apps/v1', 'Deployment', { spec: { template: { spec: { containers: [container] } } } }),
    [
      'spec.selector: Required value',
      'spec.template.spec.containers[0].name: Required value',
      'spec.template.spec.containers[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'spec.template.spec.containers[0].env[0].name: Required value',
      'spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
  );
});

test('a required string that may be empty, duplicates in a set, lists of enumerated values', () => {
  const probe = { httpGet: { port: 80, httpHeaders: [{ name: 'X-Empty', value: '' }] } };
  assert.deepEqual(
    errorsOf('core/v1', 'Pod', { spec: { containers: [{ name: 'c', livenessProbe: probe }] } }),
    [],
  );
  assert.deepEqual(
    errorsOf('storage/v1', 'CSIDriver', { spec: { volumeLifecycleModes: ['Persistent', 'Persistent'] } }),
    ['spec.volumeLifecycleModes[1]: Duplicate value: "Persistent"'],
  );
  assert.deepEqual(
    errorsOf('networking/v1', 'NetworkPolicy', { spec: { podSelector: {}, policyTypes: ['In'] } }),
    ['spec.policyTypes[0]: Unsupported value: "In": supported values: "Egress", "Ingress"'],
  );
});

test('status and metadata are the business of others', () => {
  const status = { phase: 'Odd', containerStatuses: [{ name: 'c' }] };
  assert.deepEqual(errorsOf('core/v1', 'Pod', { metadata: { ownerReferences: [{}] }, spec: {}, status }), []);
});

test('an error behind deeper ones stands where it is, below the path of the whole', () => {
  const schema = present(schemas.get('core/v1')?.messages.get('PodSpec'), 'PodSpec');
  const spec = {
    containers: [{ name: 'c', livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: '' }] } } }, {}],
    restartPolicy: 'Now',
  };
  const path = ROOT_PATH.child('spec', 'template').key('a.b').index(2);
  assert.deepEqual(validateSchema(schema, spec, path).map(fieldErrorText), [
    'spec.template[a.b][2].containers[0].livenessProbe.httpGet.httpHeaders[0].name: Required value',
    'spec.template[a.b][2].containers[1].name: Required value',
    'spec.template[a.b][2].restartPolicy: Unsupported value: "Now": supported values: "Always", "Never", "OnFailure"',
  ]);
});
