import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import { loadBuiltInSchemas } from './built-in.ts';
import { decodeObject } from './decode.ts';
import { applyDefaults } from './default.ts';
import type { JsonObject, JsonValue, MessageSchema } from './schema.ts';

const schemas = loadBuiltInSchemas();

function message(groupVersion: string, name: string): MessageSchema {
  return present(schemas.get(groupVersion)?.messages.get(name), name);
}

function defaulted(schema: MessageSchema, json: JsonValue): JsonObject {
  const result = decodeObject(schema, json);
  assert.ok(result.ok);
  return applyDefaults(schema, result.value);
}

test('a pod template gets its static defaults, in schema order', () => {
  const deployment = message('apps/v1', 'Deployment');
  const probe = { httpGet: { port: 80 } };
  const template = {
    spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }], livenessProbe: probe }] },
  };
  assert.equal(
    JSON.stringify(defaulted(deployment, { spec: { template } })['spec']),
    '{"replicas":1,"template":{"metadata":{},"spec":{"containers":[{"name":"c","ports":[{"containerPort":80,"protocol":"TCP"}],' +
      '"resources":{},"livenessProbe":{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,' +
      '"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],' +
      '"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},' +
      '"schedulerName":"default-scheduler"}},"strategy":{"type":"RollingUpdate"},"revisionHistoryLimit":10,"progressDeadlineSeconds":600}',
  );
});

test('defaults of a default, and of fields that are always there', () => {
  const statefulSet = defaulted(message('apps/v1', 'StatefulSet'), {});
  assert.deepEqual((statefulSet['spec'] as JsonObject)['persistentVolumeClaimRetentionPolicy'], {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  const binding = defaulted(message('rbac/v1', 'RoleBinding'), { roleRef: { kind: 'Role', name: 'x' } });
  assert.deepEqual(binding['roleRef'], { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'x' });
});

test('a pointer that is zero is not absent, and a complete object stays the same object', () => {
  const deployment = message('apps/v1', 'Deployment');
  const once = defaulted(deployment, { spec: { replicas: 0 } });
  assert.equal((once['spec'] as JsonObject)['replicas'], 0);
  assert.equal(applyDefaults(deployment, once), once);
});

test('new keys find their place also in an object that is out of order', () => {
  const port = message('core/v1', 'ContainerPort');
  const inOrder = applyDefaults(port, { name: 'a', containerPort: 80, hostIP: '::1' });
  assert.equal(JSON.stringify(inOrder), '{"name":"a","containerPort":80,"protocol":"TCP","hostIP":"::1"}');
  assert.deepEqual(applyDefaults(port, { hostIP: '::1', containerPort: 80, name: 'a' }), inOrder);
  assert.equal(
    JSON.stringify(applyDefaults(port, { hostIP: '::1', containerPort: 80, name: 'a' })),
    JSON.stringify(inOrder),
  );
});
