/**
 * Values that nobody means, given to every kind of workload: refused with a reason, or lived with, never a
 * loop.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../api/catalog.ts';
import { daemonSets } from '../api/groups/apps/daemon-set/daemon-set.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { horizontalPodAutoscalers } from '../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { replicationControllers } from '../api/groups/core/replication-controller/replication-controller.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Draft, KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { JsonObject } from '../api/schema/schema.ts';
import { createControllers } from './catalog.ts';
import { NOT_AGGREGATED, startTestCluster } from './cluster.fixture.ts';

const WORKLOADS = [
  'deployment-controller',
  'replicaset-controller',
  'replication-controller',
  'statefulset-controller',
  'daemon-set-controller',
  'job-controller',
  'cronjob-controller',
  'disruption-controller',
  'horizontal-pod-autoscaler',
];

/** A change of the spec, and what the refusal says; `LIVED_WITH` when there is none. */
type Case = readonly [change: JsonObject, refusal: RegExp | typeof LIVED_WITH];
const LIVED_WITH = 'lived with';
/** Writes of all controllers in five minutes, long after the object was made. */
const QUIET_WRITES = 0;
/** A CronJob that runs every minute: a Job, its pod, their states. */
const MINUTELY_WRITES = 25;

const HUGE = 2_147_483_647;
const NEGATIVE = /must be greater than or equal to 0/;
const NO_INT32 = /cannot unmarshal .* of type int32/;
const OVER_100 = /must not be greater than 100%/;

const replicas: readonly Case[] = [
  [{ replicas: -1 }, NEGATIVE],
  [{ replicas: HUGE + 1 }, NO_INT32],
  [{ replicas: 1.5 }, NO_INT32],
  [{ replicas: '3' }, NO_INT32],
  [{ replicas: 0 }, LIVED_WITH],
  [{ minReadySeconds: -1 }, NEGATIVE],
];
const rolling = (rollingUpdate: JsonObject) => ({ strategy: { rollingUpdate } });
const updating = (rollingUpdate: JsonObject) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
});

const labels = { app: 'x' };
const selector = { matchLabels: labels };
const containers = [{ name: 'c', image: 'i' }];
const template = { metadata: { labels }, spec: { containers } };
const jobTemplate = { spec: { restartPolicy: 'Never', containers } };

interface Workload {
  readonly type: ResourceType;
  readonly spec: JsonObject;
  readonly cases: readonly Case[];
  readonly writes?: number;
}

const TABLE: readonly Workload[] = [
  {
    type: deployments,
    spec: { selector, template },
    cases: [
      ...replicas,
      [{ progressDeadlineSeconds: 0 }, /must be greater than minReadySeconds/],
      [{ minReadySeconds: 700 }, /must be greater than minReadySeconds/],
      [{ progressDeadlineSeconds: HUGE }, LIVED_WITH],
      [{ revisionHistoryLimit: -1 }, NEGATIVE],
      [{ revisionHistoryLimit: 0 }, LIVED_WITH],
      [rolling({ maxSurge: 0, maxUnavailable: 0 }), /may not be 0 when `maxSurge` is 0/],
      [rolling({ maxSurge: '0%', maxUnavailable: '0%' }), /may not be 0 when `maxSurge` is 0/],
      [rolling({ maxUnavailable: '101%' }), OVER_100],
      [rolling({ maxSurge: '1000%' }), LIVED_WITH],
      [rolling({ maxSurge: HUGE, maxUnavailable: HUGE }), LIVED_WITH],
      [{ replicas: 0, ...rolling({ maxSurge: '1%', maxUnavailable: '1%' }) }, LIVED_WITH],
      [rolling({ maxSurge: -1 }), NEGATIVE],
      [rolling({ maxSurge: '-5%' }), /a valid percent string/],
      [{ strategy: { type: 'Recreate', rollingUpdate: {} } }, /may not be specified when strategy/],
    ],
  },
  {
    type: replicaSets,
    spec: { selector, template },
    cases: [...replicas, [{ minReadySeconds: HUGE }, LIVED_WITH]],
  },
  { type: replicationControllers, spec: { selector: labels, template }, cases: replicas },
  {
    type: statefulSets,
    spec: { selector, template, serviceName: 'x' },
    cases: [
      ...replicas,
      [updating({ partition: -1 }), NEGATIVE],
      [updating({ partition: HUGE }), LIVED_WITH],
      [updating({ maxUnavailable: 0 }), /cannot be 0/],
      [updating({ maxUnavailable: '0%' }), /cannot be 0/],
      [updating({ maxUnavailable: '101%' }), OVER_100],
      [{ ordinals: { start: -1 } }, NEGATIVE],
      [{ ordinals: { start: HUGE } }, LIVED_WITH],
      [{ revisionHistoryLimit: 0 }, LIVED_WITH],
      // Upstream does not look at it either.
      [{ revisionHistoryLimit: -1 }, LIVED_WITH],
    ],
  },
  {
    type: daemonSets,
    spec: { selector, template },
    cases: [
      [{ minReadySeconds: -1 }, NEGATIVE],
      [{ revisionHistoryLimit: -1 }, NEGATIVE],
      [updating({ maxUnavailable: 0, maxSurge: 0 }), /cannot be 0 when maxSurge is 0/],
      [updating({ maxUnavailable: '0%' }), /cannot be 0 when maxSurge is 0/],
      [updating({ maxUnavailable: 1, maxSurge: 1 }), /may not be set when maxUnavailable is non-zero/],
      [updating({ maxUnavailable: '101%' }), OVER_100],
      [updating({ maxUnavailable: -1 }), NEGATIVE],
      [updating({ maxUnavailable: HUGE }), LIVED_WITH],
    ],
  },
  {
    type: jobs,
    spec: { template: jobTemplate },
    cases: [
      [{ parallelism: -1 }, NEGATIVE],
      [{ parallelism: HUGE + 1 }, NO_INT32],
      [{ parallelism: 0 }, LIVED_WITH],
      [{ completions: -1 }, NEGATIVE],
      [{ completions: 0 }, LIVED_WITH],
      [{ completions: HUGE, parallelism: 2 }, LIVED_WITH],
      [{ completionMode: 'Indexed', completions: HUGE, parallelism: 1 }, LIVED_WITH],
      [{ completionMode: 'Indexed', completions: 5, parallelism: 100_001 }, /less than or equal to 100000/],
      [{ backoffLimit: -1 }, NEGATIVE],
      [{ backoffLimitPerIndex: 1 }, /requires indexed completion mode/],
      [{ activeDeadlineSeconds: -1 }, NEGATIVE],
      [{ activeDeadlineSeconds: 0 }, LIVED_WITH],
      [{ activeDeadlineSeconds: Number.MAX_SAFE_INTEGER }, LIVED_WITH],
      [{ ttlSecondsAfterFinished: -1 }, NEGATIVE],
      [{ ttlSecondsAfterFinished: HUGE }, LIVED_WITH],
    ],
  },
  {
    type: cronJobs,
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate } } },
    writes: MINUTELY_WRITES,
    cases: [
      [{ startingDeadlineSeconds: -1 }, NEGATIVE],
      [{ startingDeadlineSeconds: 0 }, LIVED_WITH],
      [{ startingDeadlineSeconds: Number.MAX_SAFE_INTEGER }, LIVED_WITH],
      [{ timeZone: 'Mars/Olympus' }, /unknown time zone Mars\/Olympus/],
      [{ timeZone: '' }, /timeZone must be nil or non-empty string/],
      [{ timeZone: 'Local' }, /must be an explicit time zone/],
      [{ schedule: '' }, /Required value/],
      [{ schedule: '61 * * * *' }, /above maximum/],
      [{ schedule: '*/0 * * * *' }, /should be a positive number/],
      [{ schedule: 'TZ=UTC * * * * *' }, /cannot use TZ or CRON_TZ/],
      [{ schedule: '0 0 31 2 *' }, LIVED_WITH],
      [{ successfulJobsHistoryLimit: -1 }, NEGATIVE],
      [{ failedJobsHistoryLimit: HUGE + 1 }, NO_INT32],
    ],
  },
  {
    type: horizontalPodAutoscalers,
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' }, maxReplicas: 3 },
    cases: [
      [{ minReplicas: 0 }, /must be greater than or equal to 1/],
      [{ minReplicas: -1 }, /must be greater than or equal to 1/],
      [{ minReplicas: 5 }, /must be greater than or equal to `minReplicas`/],
      [{ maxReplicas: 0 }, /must be greater than 0/],
      [{ maxReplicas: HUGE + 1 }, NO_INT32],
      [{ maxReplicas: HUGE }, LIVED_WITH],
      [{ behavior: { scaleDown: { stabilizationWindowSeconds: 3_601 } } }, /less than or equal to 3600/],
    ],
  },
  {
    type: podDisruptionBudgets,
    spec: { selector },
    cases: [
      [{ minAvailable: -1 }, NEGATIVE],
      [{ minAvailable: '101%' }, OVER_100],
      [{ maxUnavailable: '200%' }, OVER_100],
      [{ minAvailable: 1, maxUnavailable: 1 }, /cannot be both set/],
      [{ minAvailable: HUGE }, LIVED_WITH],
    ],
  },
];

async function judge({ type, spec, writes: most = QUIET_WRITES }: Workload, [change, refusal]: Case) {
  const what = `${type.kind} with ${JSON.stringify(change)}`;
  let writes = 0;
  const all = createControllers({
    kinds: () => BUILT_IN_KINDS,
    caBundle: 'PEM',
    podCidr: '10.42.0.0/16',
    ...NOT_AGGREGATED,
  });
  const workloads = all.filter(({ name }) => WORKLOADS.includes(name));
  assert.equal(workloads.length, WORKLOADS.length);
  const cluster = await startTestCluster(workloads, { afterWrite: async () => void writes++ });
  try {
    await cluster.client.create(nodes, { metadata: { name: 'n1' } });
    const object = { metadata: { namespace: 'default', name: 'x' }, spec: { ...spec, ...change } };
    const created = cluster.client.create(type, object as Draft<KubernetesObject>);
    if (refusal !== LIVED_WITH) return await assert.rejects(created, { message: refusal }, what);
    await created;
    await cluster.advance('3m');
    writes = 0;
    await cluster.advance('5m');
    assert.ok(writes <= most, `${what}: ${writes} writes in five minutes`);
  } finally {
    await cluster.stop();
  }
}

for (const workload of TABLE) {
  test(`${workload.type.kind}: absurd values are refused or lived with`, async () => {
    for (const each of workload.cases) await judge(workload, each);
  });
}
