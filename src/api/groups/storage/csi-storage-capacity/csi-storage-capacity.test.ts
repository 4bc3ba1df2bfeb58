import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { kindUnderTest } from '../../kind.fixture.ts';
import { volumeAttributesClasses } from '../volume-attributes-class/volume-attributes-class.ts';
import { csiStorageCapacities } from './csi-storage-capacity.ts';

const kind = kindUnderTest(csiStorageCapacities);
const BASE: JsonObject = { storageClassName: 'fast', capacity: '1Gi' };

test('CSIStorageCapacity', () => {
  assert.deepEqual(kind.refusals(BASE), []);
  assert.deepEqual(kind.refusals({}), ['storageClassName: Required value']);
  assert.deepEqual(kind.refusals({ ...BASE, capacity: '-1' }), [
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  assert.deepEqual(kind.updateRefusals({ ...BASE, capacity: '2Gi' }, BASE), []);
  assert.deepEqual(kind.updateRefusals({ storageClassName: 'slow', nodeTopology: {} }, BASE), [
    'nodeTopology: Invalid value: {}: field is immutable',
    'storageClassName: Invalid value: "slow": field is immutable',
  ]);
  assert.deepEqual(kind.cells(BASE), { Name: 'one', StorageClassName: 'fast', Capacity: '1Gi' });
  assert.equal(kind.cells({ storageClassName: 'fast' })['Capacity'], '<unset>');
});

test('VolumeAttributesClass', () => {
  const attributes = kindUnderTest(volumeAttributesClasses);
  const base = { driverName: 'csi.acme.io', parameters: { iops: '100' } };
  assert.deepEqual(attributes.refusals(base), []);
  assert.deepEqual(attributes.refusals({ driverName: 'a' }), [
    'parameters: Required value: must contain at least one key/value pair',
  ]);
  assert.deepEqual(attributes.updateRefusals({ driverName: 'b', parameters: { iops: '1' } }, base), [
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
  assert.equal(attributes.cells(base)['DriverName'], 'csi.acme.io');
});
