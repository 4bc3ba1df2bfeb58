import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { volumeAttributesClasses } from '../volume-attributes-class/volume-attributes-class.ts';
import { csiStorageCapacities } from './csi-storage-capacity.ts';

const kind = judge(csiStorageCapacities);
const BASE: JsonObject = { storageClassName: 'fast', capacity: '1Gi' };

test('CSIStorageCapacity', () => {
  assert.deepEqual(kind.refused(BASE), []);
  assert.deepEqual(kind.refused({}), ['storageClassName: Required value']);
  assert.deepEqual(kind.refused({ ...BASE, capacity: '-1' }), [
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  assert.deepEqual(kind.refusedUpdate({ ...BASE, capacity: '2Gi' }, BASE), []);
  assert.deepEqual(kind.refusedUpdate({ storageClassName: 'slow', nodeTopology: {} }, BASE), [
    'nodeTopology: Invalid value: {}: field is immutable',
    'storageClassName: Invalid value: "slow": field is immutable',
  ]);
  assert.deepEqual(kind.cells(BASE), { Name: 'one', StorageClassName: 'fast', Capacity: '1Gi' });
  assert.equal(kind.cells({ storageClassName: 'fast' })['Capacity'], '<unset>');
});

test('VolumeAttributesClass', () => {
  const attributes = judge(volumeAttributesClasses);
  const base = { driverName: 'csi.acme.io', parameters: { iops: '100' } };
  assert.deepEqual(attributes.refused(base), []);
  assert.deepEqual(attributes.refused({ driverName: 'a' }), [
    'parameters: Required value: must contain at least one key/value pair',
  ]);
  assert.deepEqual(attributes.refusedUpdate({ driverName: 'b', parameters: { iops: '1' } }, base), [
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
  assert.equal(attributes.cells(base)['DriverName'], 'csi.acme.io');
});
