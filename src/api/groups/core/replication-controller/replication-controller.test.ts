import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type {
  ReplicationController,
  ReplicationControllerSpec,
  ReplicationControllerStatus,
} from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { replicationControllers } from './replication-controller.ts';

const judged = judge(replicationControllers);
const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
};

function controller(
  spec: Draft<ReplicationControllerSpec> = {},
  status?: Draft<ReplicationControllerStatus>,
): Draft<ReplicationController> {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { template: TEMPLATE, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

test('labels and selector are those of the template', () => {
  const made = judged.complete(controller());
  assert.deepEqual(made.metadata.labels, { app: 'web' });
  assert.deepEqual(made.spec.selector, { app: 'web' });
  assert.equal(made.spec.replicas, 1);
  assert.equal(replicationControllers.defaults?.(made), made, 'nothing to do the second time');
});

test('what is refused', () => {
  assert.deepEqual(judged.refused(controller()), []);
  assert.deepEqual(judged.refused(controller({ template: undefined })), [
    'spec.selector: Required value',
    'spec.template: Required value',
  ]);
  assert.deepEqual(judged.refused(controller({ selector: { app: 'db' }, replicas: -1 })), [
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ]);
  const ends = {
    ...TEMPLATE,
    spec: { ...TEMPLATE.spec, restartPolicy: 'Never', activeDeadlineSeconds: 1 },
  } as const;
  assert.deepEqual(judged.refused(controller({ template: ends })), [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
  ]);
  assert.deepEqual(judged.refusedUpdate(controller({ selector: { app: 'web' } }), controller()), []);
  assert.deepEqual(
    judged.refusedStatus(controller({}, { replicas: 1, fullyLabeledReplicas: 2 }), controller()),
    ['status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  );
});

test('the row', () => {
  const status = { replicas: 2, readyReplicas: 1 };
  assert.deepEqual(judged.row(controller({ replicas: 3 }, status)), [
    'web',
    3,
    2,
    1,
    'c',
    'web:1',
    'app=web',
  ]);
  assert.deepEqual(replicationControllers.selectableFields?.(judged.created(controller({}, status))), {
    'status.replicas': '2',
  });
});
