import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../judge.fixture.ts';
import { deviceClasses } from '../device-class/device-class.ts';
import { resourceClaimTemplates } from './resource-claim-template.ts';

const kind = judge(resourceClaimTemplates);
const claim = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } };

test('a template is defaulted and refused as a claim is, and never changes', () => {
  assert.equal(kind.complete({ spec: { spec: claim } }).spec.spec.devices.requests[0]?.exactly?.count, 1);
  assert.deepEqual(kind.refused({ spec: { metadata: { labels: { a: 'b' } }, spec: claim } }), []);
  const odd = { name: 'x', uid: 'y', labels: { 'a b': 'c' } };
  const [label, ...rest] = kind.refused({
    spec: { metadata: odd, spec: { devices: { requests: [{ name: 'r' }] } } },
  });
  assert.match(label ?? '', /^spec.metadata.labels: Invalid value: "a b"/);
  assert.deepEqual(rest, [
    'spec.metadata.Name: Forbidden: cannot be set',
    'spec.metadata.UID: Forbidden: cannot be set',
    'spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ]);
  const [refusal] = kind.refusedUpdate({ spec: { spec: { devices: {} } } }, { spec: { spec: claim } });
  assert.match(refusal ?? '', /^spec: Invalid value: .*: field is immutable$/);
});

test('DeviceClass', () => {
  const classes = judge(deviceClasses);
  assert.deepEqual(classes.refused({ spec: { extendedResourceName: 'acme.io/gpu' } }), []);
  for (const name of ['gpu', 'kubernetes.io/gpu', 'requests.acme.io/gpu']) {
    assert.deepEqual(classes.refused({ spec: { extendedResourceName: name } }), [
      `spec.extendedResourceName: Invalid value: "${name}": must be a valid extended resource name`,
    ]);
  }
  assert.deepEqual(classes.refused({ spec: { config: [{}], selectors: [{}] } }), [
    'spec.selectors[0].cel: Required value',
    'spec.config[0].opaque: Required value',
  ]);
  const many = Array.from({ length: 33 }, () => ({ cel: { expression: 'true' } }));
  assert.deepEqual(classes.refused({ spec: { selectors: many } }), [
    'spec.selectors: Too many: 33: must have at most 32 items',
  ]);
});
