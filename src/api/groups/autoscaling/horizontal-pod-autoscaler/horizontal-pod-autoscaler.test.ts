import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
} from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { fromHub, horizontalPodAutoscalersV1, toHub } from './horizontal-pod-autoscaler-v1.ts';
import { horizontalPodAutoscalers } from './horizontal-pod-autoscaler.ts';

const judged = judge(horizontalPodAutoscalers);
const older = judge(horizontalPodAutoscalersV1);
const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const REFERENCE = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const QUEUE = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } };

function scaler(
  spec: Draft<HorizontalPodAutoscalerSpec> = {},
  status?: Draft<HorizontalPodAutoscaler['status']>,
): Draft<HorizontalPodAutoscaler> {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { scaleTargetRef: REFERENCE, maxReplicas: 5, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

test('defaults', () => {
  const { spec } = judged.complete(scaler());
  assert.equal(spec.minReplicas, 1);
  assert.deepEqual(spec.metrics, [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ]);
  assert.equal(spec.behavior, undefined);
  const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
  const behaving = judged.complete(scaler({ behavior: { scaleDown: { policies } } }));
  assert.deepEqual(behaving.spec.behavior, {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Max', policies },
  });
  assert.equal(horizontalPodAutoscalers.defaults?.(behaving), behaving, 'nothing to do the second time');
});

const METRIC = 'spec.metrics[0]';
const REFUSED: readonly (readonly [Draft<HorizontalPodAutoscalerSpec>, ...string[]])[] = [
  [
    { minReplicas: 0, maxReplicas: 0 },
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    'spec.maxReplicas: Invalid value: 0: must be greater than 0',
  ],
  [{ minReplicas: 6 }, 'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
  [
    { scaleTargetRef: { kind: '', name: 'a/b' } },
    'spec.scaleTargetRef.kind: Required value',
    'spec.scaleTargetRef.name: Invalid value: "a/b": may not contain \'/\'',
  ],
  [
    { metrics: [{ type: 'Magic' }] },
    `${METRIC}.type: Unsupported value: "Magic": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
  ],
  [
    { metrics: [{ type: 'Pods' }] },
    `${METRIC}.pods: Required value: must populate information for the given metric source`,
  ],
  [
    { metrics: [{ type: 'Pods', pods: QUEUE, external: QUEUE }] },
    `${METRIC}.external: Forbidden: must populate the given metric source only`,
  ],
  [
    {
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Value', averageUtilization: 0 } } },
      ],
    },
    `${METRIC}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
  ],
  [
    { metrics: [{ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value' } } }] },
    `${METRIC}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
  ],
  [
    {
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 3601,
          policies: [{ type: 'Some', value: 0, periodSeconds: 1801 }],
        },
      },
    },
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Some": supported values: "Percent", "Pods"',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
  ],
];

test('what is refused', () => {
  assert.deepEqual(judged.refused(scaler()), []);
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(scaler(spec)), expected);
});

test('the row', () => {
  const metrics: readonly Draft<MetricSpec>[] = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    { type: 'Pods', pods: QUEUE },
    { type: 'External', external: QUEUE },
  ];
  const currentMetrics = [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } },
  ];
  const status = { currentReplicas: 2, desiredReplicas: 2, currentMetrics };
  assert.deepEqual(judged.row(scaler({ metrics, minReplicas: 2 }, status)), [
    ...['web', 'Deployment/web', 'cpu: 12%/80%, <unknown>/30 + 1 more...', '2', 5, 2],
  ]);
});

test('the older version carries what it has no fields for in annotations', () => {
  const selector = { matchLabels: { app: 'web' } };
  const described = { kind: 'Service', name: 'web' };
  const metrics: readonly Draft<MetricSpec>[] = [
    { type: 'Pods', pods: { ...QUEUE, metric: { name: 'queue', selector } } },
    {
      type: 'Object',
      object: {
        describedObject: described,
        metric: { name: 'hits' },
        target: { type: 'Value', value: '10' },
      },
    },
    { type: 'External', external: QUEUE },
    {
      type: 'ContainerResource',
      containerResource: {
        name: 'memory',
        container: 'c',
        target: { type: 'AverageValue', averageValue: '1Gi' },
      },
    },
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
  ];
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60, tolerance: '100m' } };
  const current = { averageUtilization: 12, averageValue: '20m' };
  const whole = judged.complete({
    ...scaler({ metrics, behavior }),
    status: {
      currentReplicas: 2,
      desiredReplicas: 3,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current } },
        { type: 'Pods', pods: { metric: { name: 'queue' }, current: { averageValue: '5' } } },
      ],
      conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  });
  const view = fromHub(whole);
  assert.equal(view.spec.targetCPUUtilizationPercentage, 70);
  assert.equal(view.status.currentCPUUtilizationPercentage, 12);
  const { annotations = {} } = view.metadata;
  assert.match(annotations[`${PREFIX}behavior`] ?? '', /"ScaleDown":\{"StabilizationWindowSeconds":60/);
  assert.match(annotations[`${PREFIX}metrics`] ?? '', /\{"metricName":"queue","targetAverageValue":"30"/);
  assert.deepEqual(toHub(view), whole);
});

test('an object of the older version alone', () => {
  const draft = (extra: object): Draft<AutoscalingV1HorizontalPodAutoscaler> => ({
    metadata: { name: 'web', annotations: { note: 'mine', ...extra } },
    spec: { scaleTargetRef: REFERENCE, maxReplicas: 5 },
  });
  const plain = toHub(older.complete(draft({})));
  assert.deepEqual(plain.spec.metrics, judged.complete(scaler()).spec.metrics);
  const broken = toHub(
    older.complete(
      draft({ [`${PREFIX}metrics`]: '[{"type":"Object","object":{}},1', [`${PREFIX}behavior`]: '[]' }),
    ),
  );
  assert.deepEqual(broken.spec, plain.spec);
  assert.deepEqual(broken.metadata.annotations, { note: 'mine' });
  const odd = toHub(
    older.complete(draft({ [`${PREFIX}metrics`]: '[{"type":"Object","object":{}},1,null]' })),
  );
  assert.deepEqual(judged.refused(odd).slice(0, 2), [
    'spec.metrics[0].object.describedObject.kind: Required value',
    'spec.metrics[0].object.describedObject.name: Required value',
  ]);
  const reported = toHub(
    older.complete(draft({ [`${PREFIX}conditions`]: '[{"type":"X","status":"True"}]' })),
  );
  assert.deepEqual(reported.status.conditions, [{ type: 'X', status: 'True' }]);
  const status = horizontalPodAutoscalers.prepareForCreate?.(reported, {
    nowMs: 0,
    user: { name: 'jane', groups: [] },
  }).status;
  assert.deepEqual(status, { desiredReplicas: 0, currentMetrics: [] });
});
