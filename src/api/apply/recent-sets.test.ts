import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equalSets, setOf, writeFieldsV1, type FieldSet } from './field-set.ts';
import { withRecentParts } from './recent-sets.ts';

const status = (address: string): FieldSet =>
  setOf([
    ['f:status', 'f:phase'],
    ['f:status', 'f:conditions', 'k:{"type":"Ready"}', 'f:status'],
    ['f:status', 'f:podIPs', `k:{"ip":"${address}"}`, 'f:ip'],
  ]);

test('equal sets of one manager are one set, and others share what is equal', () => {
  const first = withRecentParts('kubelet', status('10.0.0.1'));
  assert.equal(withRecentParts('kubelet', status('10.0.0.1')), first);
  assert.notEqual(withRecentParts('scheduler', status('10.0.0.1')), first);
  const second = withRecentParts('kubelet', status('10.0.0.2'));
  assert.ok(equalSets(second, status('10.0.0.2')));
  const conditions = (set: FieldSet): FieldSet | undefined =>
    set.children.get('f:status')?.children.get('f:conditions');
  assert.equal(conditions(second), conditions(first));
  assert.deepEqual(writeFieldsV1(second), {
    'f:status': {
      'f:conditions': { 'k:{"type":"Ready"}': { 'f:status': {} } },
      'f:phase': {},
      'f:podIPs': { 'k:{"ip":"10.0.0.2"}': { 'f:ip': {} } },
    },
  });
});
