import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { DaemonSet, DaemonSetSpec } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { daemonSets } from './daemon-set.ts';

const sets = judge(daemonSets);
const GENERATION = 'deprecated.daemonset.template.generation';

function set(spec: Draft<DaemonSetSpec> = {}, status?: Draft<DaemonSet['status']>): Draft<DaemonSet> {
  return {
    metadata: { name: 'log', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'log' } },
      template: {
        metadata: { labels: { app: 'log' } },
        spec: { containers: [{ name: 'c', image: 'log:1' }], nodeSelector: { disk: 'ssd' } },
      },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

test('defaults', () => {
  const { spec } = sets.complete(set());
  assert.deepEqual(spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
  assert.equal(spec.revisionHistoryLimit, 10);
  const onDelete = sets.complete(set({ updateStrategy: { type: 'OnDelete' } }));
  assert.deepEqual(onDelete.spec.updateStrategy, { type: 'OnDelete' });
});

test('an annotation counts the versions of the template', () => {
  const old = sets.created(set());
  assert.equal(old.metadata.annotations?.[GENERATION], '1');
  const context = { nowMs: 0, user: { name: 'jane', groups: [] } };
  const same = daemonSets.prepareForUpdate?.(
    { ...old, spec: { ...old.spec, minReadySeconds: 5 } },
    old,
    context,
  );
  assert.equal(same?.metadata.annotations?.[GENERATION], '1');
  const template = { ...old.spec.template, metadata: { labels: { app: 'log', new: 'yes' } } };
  const next = daemonSets.prepareForUpdate?.({ ...old, spec: { ...old.spec, template } }, old, context);
  assert.equal(next?.metadata.annotations?.[GENERATION], '2');
});

test('what is refused', () => {
  const rolling = (rollingUpdate: object): Draft<DaemonSetSpec> => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate },
  });
  assert.deepEqual(sets.refused(set()), []);
  assert.deepEqual(sets.refused(set(rolling({ maxUnavailable: 1, maxSurge: 1 }))), [
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ]);
  assert.deepEqual(sets.refused(set(rolling({ maxUnavailable: 0 }))), [
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ]);
  assert.deepEqual(sets.refused(set({ selector: {} })), [
    'spec.selector: Invalid value: {}: empty selector is invalid for daemonset',
  ]);
  assert.deepEqual(sets.refused(set({ selector: undefined })), [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"log"}: `selector` does not match template `labels`',
  ]);
  const selector = { matchLabels: { app: 'log' }, matchExpressions: [{ key: 'app', operator: 'Exists' }] };
  assert.match(
    sets.refusedUpdate(set({ selector }), set())[0] ?? '',
    /^spec\.selector: .*field is immutable$/,
  );
});

test('what is reported, and the row', () => {
  const status = {
    currentNumberScheduled: 2,
    desiredNumberScheduled: 3,
    numberReady: 1,
    numberMisscheduled: 0,
  };
  assert.deepEqual(sets.refusedStatus(set({}, { ...status, numberAvailable: -1 }), set()), [
    'status.numberAvailable: Invalid value: -1: must be greater than or equal to 0',
  ]);
  assert.deepEqual(sets.row(set({}, status)), ['log', 3, 2, 1, 0, 0, 'disk=ssd', 'c', 'log:1', 'app=log']);
});
