import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { storageVersionMigrations } from './storage-version-migration.ts';

const kind = judge(storageVersionMigrations);
const SPEC: JsonObject = { resource: { group: 'apps', resource: 'deployments' } };
const TIME = '2026-01-01T00:00:00Z';
const condition = (type: string, fields: JsonObject = {}): JsonObject => ({
  type,
  status: 'True',
  reason: 'Done',
  message: '',
  lastTransitionTime: TIME,
  ...fields,
});
const status = (...conditions: JsonObject[]): JsonObject => ({ spec: SPEC, status: { conditions } });

test('the kind to migrate stays', () => {
  assert.deepEqual(kind.refused({ spec: SPEC }), []);
  assert.deepEqual(kind.refused({}), ['spec.resource.resource: Required value: resource is required']);
  const next = { spec: { resource: { group: 'batch', resource: 'jobs' } } };
  assert.deepEqual(kind.refusedUpdate(next, { spec: SPEC }), [
    'group: Invalid value: "batch": field is immutable',
    'resource: Invalid value: "jobs": field is immutable',
  ]);
  assert.deepEqual(kind.cells({ spec: SPEC }), { Name: 'one', Resource: 'deployments.apps' });
});

test('a condition is whole', () => {
  const refused = kind.refusedStatus(
    status({ type: 'Running', status: 'Maybe', reason: '1', message: '', observedGeneration: -1 }),
    { spec: SPEC },
  );
  const at = 'status.conditions[0]';
  assert.deepEqual(refused.slice(0, 3), [
    `${at}.status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
    `${at}.observedGeneration: Invalid value: -1: must be greater than or equal to zero`,
    `${at}.lastTransitionTime: Required value: must be set`,
  ]);
  assert.match(refused[3] ?? '', /reason: Invalid value: "1": a condition reason must start with/);
  const twice = status(condition('Running'), condition('Running'));
  assert.deepEqual(kind.refusedStatus(twice, { spec: SPEC }), [
    'status.conditions[1].type: Duplicate value: "Running"',
  ]);
});

test('a migration ends once, in one way', () => {
  const details = (next: JsonObject, old: JsonObject): string[] =>
    kind.refusedStatus(next, old).map((text) => text.slice(text.lastIndexOf(': ') + 2));
  const [running, succeeded, failed] = ['Running', 'Succeeded', 'Failed'].map((type) => condition(type));
  assert.ok(running !== undefined && succeeded !== undefined && failed !== undefined);
  assert.deepEqual(details(status(succeeded), status(running)), []);
  assert.deepEqual(details(status(succeeded, failed), status()), [
    'Both success and failed conditions cannot be true at the same time',
  ]);
  assert.deepEqual(details(status(running, failed), status()), [
    'Running condition cannot be true when failed condition is true',
  ]);
  assert.deepEqual(details(status(running), status(succeeded)), [
    'Success condition cannot be set to false once it is true',
  ]);
  const at = (resourceVersion: string): JsonObject => ({ spec: SPEC, status: { resourceVersion } });
  assert.deepEqual(kind.refusedStatus(at('5'), at('')), []);
  assert.deepEqual(kind.refusedStatus(at('6'), at('5')), [
    'status.resourceVersion: Invalid value: "6": cannot be updated',
  ]);
  assert.deepEqual(kind.refusedStatus(at('x'), at('')), [
    'status.resourceVersion: Invalid value: "x": failed to parse resource version "x": strconv.ParseInt: parsing "x": invalid syntax',
  ]);
});
