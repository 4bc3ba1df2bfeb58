import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService } from '../../api/types.gen.ts';
import { AUTOMANAGED, planRegistration, type Managed, type RegistrationAction } from './plan.ts';

const SPEC = { group: 'a.io', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 };

function current(managed: Managed | undefined, spec: APIService['spec'] = SPEC): APIService {
  const labels = managed === undefined ? {} : { [AUTOMANAGED]: managed };
  return { apiVersion: '', kind: '', metadata: { name: 'v1.a.io', labels }, spec, status: {} };
}

type Row = readonly [
  what: string,
  wanted: Managed | undefined,
  current: APIService | undefined,
  flags: { readonly hasSynced?: boolean; readonly wasAtStart?: boolean },
  action: RegistrationAction,
];

const OTHER = { ...SPEC, versionPriority: 7 };
const TABLE: readonly Row[] = [
  ['nothing there, nothing wanted', undefined, undefined, {}, 'none'],
  ['missing', 'onstart', undefined, {}, 'create'],
  ['taken away by people after the start', 'onstart', undefined, { hasSynced: true }, 'none'],
  ['always kept', 'true', undefined, { hasSynced: true }, 'create'],
  ['made by people', 'true', current(undefined, OTHER), {}, 'none'],
  ['of an earlier release', undefined, current('onstart'), { wasAtStart: true }, 'delete'],
  ['labelled by people later', undefined, current('onstart'), {}, 'none'],
  ['its definition is gone', undefined, current('true'), { hasSynced: true }, 'delete'],
  ['another spec at the start', 'onstart', current('onstart', OTHER), { wasAtStart: true }, 'update'],
  [
    'changed after the start',
    'onstart',
    current('onstart', OTHER),
    { wasAtStart: true, hasSynced: true },
    'none',
  ],
  ['changed while always kept', 'true', current('true', OTHER), { hasSynced: true }, 'update'],
  ['as it should be', 'true', current('true'), {}, 'none'],
];

test('what becomes of an APIService', () => {
  for (const [what, managed, object, { hasSynced = false, wasAtStart = false }, action] of TABLE) {
    const wanted = managed === undefined ? undefined : { managed, spec: SPEC };
    assert.equal(planRegistration({ wanted, current: object, hasSynced, wasAtStart }), action, what);
  }
});
