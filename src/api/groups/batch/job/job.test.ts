import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { Job, JobSpec, JobStatus, PodSpec } from '../../../types.gen.ts';
import { judge, UID } from '../../judge.fixture.ts';
import { jobs } from './job.ts';

const judged = judge(jobs);
const CONTAINERS = [{ name: 'c', image: 'pi:1' }];
const LABELS = {
  'job-name': 'pi',
  'batch.kubernetes.io/job-name': 'pi',
  'controller-uid': UID,
  'batch.kubernetes.io/controller-uid': UID,
};

function template(spec: Draft<PodSpec> = {}, labels?: { [key: string]: string }): Draft<JobSpec['template']> {
  return {
    ...(labels === undefined ? {} : { metadata: { labels } }),
    spec: { containers: CONTAINERS, restartPolicy: 'Never', ...spec },
  };
}

function job(spec: Draft<JobSpec> = {}, status?: Draft<JobStatus>, name = 'pi'): Draft<Job> {
  return {
    metadata: { name, namespace: 'default' },
    spec: { template: template(), ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

test('defaults', () => {
  const { template: _template, ...spec } = judged.complete(job()).spec;
  assert.deepEqual(spec, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    manualSelector: false,
  });
  assert.equal(judged.complete(job({ parallelism: 3 })).spec.completions, undefined);
  assert.equal(judged.complete(job({ completions: 3 })).spec.parallelism, 1);
  assert.equal(judged.complete(job({ backoffLimitPerIndex: 1 })).spec.backoffLimit, 2 ** 31 - 1);
  const onCondition = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] } as const;
  const careful = judged.complete(job({ podFailurePolicy: { rules: [onCondition] } })).spec;
  assert.equal(careful.podReplacementPolicy, 'Failed');
  assert.equal(careful.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status, 'True');
  const labelled = judged.complete(job({ template: template({}, { app: 'pi' }) }));
  assert.deepEqual(labelled.metadata.labels, { app: 'pi' });
  assert.equal(jobs.defaults?.(labelled), labelled, 'nothing to do the second time');
});

test('labels and selector are generated, unless they are given', () => {
  const { spec } = judged.created(job());
  assert.deepEqual(spec.template.metadata.labels, LABELS);
  assert.deepEqual(judged.created(job()).metadata.labels, LABELS);
  const app = { template: template({}, { app: 'pi' }) };
  assert.deepEqual(judged.created(job(app)).metadata.labels, { app: 'pi', ...LABELS });
  const labelled = { ...job(app), metadata: { name: 'pi', labels: { app: 'pi' } } };
  assert.deepEqual(judged.created(labelled).metadata.labels, { app: 'pi' }, 'labels that are given stay');
  assert.deepEqual(spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': UID } });
  const own = {
    manualSelector: true,
    selector: { matchLabels: { app: 'pi' } },
    template: template({}, { app: 'pi' }),
  };
  assert.deepEqual(judged.refused(job(own)), []);
  assert.deepEqual(judged.created(job(own)).spec.template.metadata.labels, { app: 'pi' });
  assert.deepEqual(judged.refused(job({ template: template({}, { 'job-name': 'other' }) })).slice(0, 1), [
    'spec.template.metadata.labels[job-name]: Invalid value: ' +
      `${JSON.stringify({ ...LABELS, 'job-name': 'other' })}: must be 'pi'`,
  ]);
  assert.deepEqual(judged.refused(job({ manualSelector: true })), [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
  ]);
});

const INDEXED = { completionMode: 'Indexed', completions: 5 } as const;
const ONLY_INDEXED = 'requires indexed completion mode';

const REFUSED: readonly (readonly [Draft<JobSpec>, ...string[]])[] = [
  [{ parallelism: -1 }, 'spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  [
    { template: template({ restartPolicy: 'Always' }) },
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    { template: template({ restartPolicy: undefined }) },
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    { completionMode: 'Indexed', parallelism: 1 },
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [{ backoffLimitPerIndex: 1 }, `spec.backoffLimitPerIndex: Invalid value: 1: ${ONLY_INDEXED}`],
  [
    { maxFailedIndexes: 1 },
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    `spec.maxFailedIndexes: Invalid value: 1: ${ONLY_INDEXED}`,
  ],
  [
    { ...INDEXED, backoffLimitPerIndex: 1, maxFailedIndexes: 6 },
    'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
  ],
  [
    { ...INDEXED, completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 },
    'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
    'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
  ],
  [
    { managedBy: 'me' },
    'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    { successPolicy: { rules: [{ succeededCount: 1 }] } },
    `spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: ${ONLY_INDEXED}`,
  ],
  [
    { ...INDEXED, successPolicy: { rules: [{}, { succeededIndexes: '0-2,2', succeededCount: 6 }] } },
    'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
    'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "0-2,2": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2',
    'spec.successPolicy.rules[1].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
    'spec.successPolicy.rules[1].succeededCount: Invalid value: 6: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)',
  ],
  [
    {
      podReplacementPolicy: 'TerminatingOrFailed',
      template: template({ restartPolicy: 'OnFailure' }),
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex' },
          { action: 'Count', onExitCodes: { operator: 'In', containerName: 'x', values: [1, 0] } },
        ],
      },
    },
    'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    'spec.podFailurePolicy.rules[1].onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template',
    'spec.podFailurePolicy.rules[1].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
    'spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: [1,0]: must be ordered',
    'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
    'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
  ],
];

test('what is refused', () => {
  assert.deepEqual(judged.refused(job()), []);
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(job(spec)), expected);
  assert.deepEqual(judged.refused(job(INDEXED, undefined, 'a'.repeat(62))), [
    `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-4`,
  ]);
});

test('what may change', () => {
  const resources = { requests: { cpu: '2' } };
  const sized = template({
    containers: [{ name: 'c', image: 'pi:1', resources }],
    nodeSelector: { disk: 'ssd' },
  });
  const suspended = { suspend: true };
  assert.deepEqual(
    judged.refusedUpdate(job({ parallelism: 2, backoffLimit: 0 }), job({ parallelism: 1 })),
    [],
  );
  const fixed = judged.refusedUpdate(job({ template: sized }), job());
  assert.match(fixed[0] ?? '', /^spec\.template: Invalid value: .*field is immutable$/);
  assert.deepEqual(judged.refusedUpdate(job({ ...suspended, template: sized }), job(suspended)), []);
  const image = template({ containers: [{ name: 'c', image: 'pi:2' }] });
  assert.match(
    judged.refusedUpdate(job({ ...suspended, template: image }), job(suspended))[0] ?? '',
    /^spec\.template\.spec: .*field is immutable$/,
  );
  const startTime = '2026-01-01T00:00:00Z';
  const started = job(suspended, { startTime });
  assert.match(
    judged.refusedUpdate(job({ ...suspended, template: sized }), started)[0] ?? '',
    /^spec\.template: /,
  );
  const held = job(suspended, { startTime, conditions: [{ type: 'Suspended', status: 'True' }] });
  assert.deepEqual(judged.refusedUpdate(job({ ...suspended, template: sized }), held), []);
  assert.deepEqual(judged.refusedUpdate(job({ completions: 2 }), job({ completions: 1 })), [
    'spec.completions: Invalid value: 2: field is immutable',
  ]);
  assert.deepEqual(
    judged.refusedUpdate(job({ ...INDEXED, completions: 3, parallelism: 3 }), job(INDEXED)),
    [],
  );
  assert.deepEqual(judged.refusedUpdate(job({ ...INDEXED, completions: 3 }), job(INDEXED)), [
    'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
  ]);
});

const TIME = '2026-01-01T00:00:00Z';
const yes = (...types: readonly string[]): Draft<JobStatus> => ({
  conditions: types.map((type) => ({ type, status: 'True' })),
});
const DONE = { ...yes('SuccessCriteriaMet', 'Complete'), startTime: TIME, completionTime: TIME };

const REPORTED: readonly (readonly [
  Draft<JobSpec>,
  old: Draft<JobStatus>,
  next: Draft<JobStatus>,
  ...string[],
])[] = [
  [{}, {}, DONE],
  [{}, DONE, DONE],
  [
    {},
    {},
    yes('Complete'),
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.startTime: Required value: startTime is required for finished job',
  ],
  [
    {},
    {},
    { ...yes('Failed'), startTime: TIME, completionTime: TIME, active: 1, ready: 2, terminating: 1 },
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    `status.completionTime: Invalid value: "${TIME}": cannot set completionTime when there is no Complete=True condition`,
    'status.ready: Invalid value: 2: cannot set more ready pods than active',
    'status.active: Invalid value: 1: active>0 is invalid for finished job',
    'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
  ],
  [
    {},
    DONE,
    { startTime: TIME },
    'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
  ],
  [
    {},
    { succeeded: 2, failed: 2, startTime: TIME },
    { succeeded: 1, failed: 1 },
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
    'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    'status.startTime: Required value: startTime cannot be removed for unsuspended job',
  ],
  [
    {},
    {},
    { completedIndexes: '0', failedIndexes: '0' },
    'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    'status.failedIndexes: Invalid value: "0": failedIndexes and completedIndexes overlap at index: 0',
  ],
  [
    { ...INDEXED, backoffLimitPerIndex: 1 },
    {},
    { completedIndexes: '0-1,3', failedIndexes: '2,9' },
    'status.failedIndexes: Invalid value: "2,9": error parsing failedIndexes: too large index: "9"',
  ],
  [
    {},
    {},
    { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
    'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ],
];

test('what is reported', () => {
  for (const [spec, old, next, ...expected] of REPORTED) {
    assert.deepEqual(judged.refusedStatus(job(spec, next), job(spec, old)), expected, JSON.stringify(next));
  }
});

test('the row', () => {
  const wide = ['c', 'pi:1', `batch.kubernetes.io/controller-uid=${UID}`];
  assert.deepEqual(judged.row(job()), ['pi', 'Running', '0/1', '', ...wide]);
  assert.deepEqual(judged.row(job({ parallelism: 3 }, { startTime: '2026-01-02T03:00:00Z', succeeded: 1 })), [
    ...['pi', 'Running', '1/1 of 3', '4m5s', ...wide],
  ]);
  assert.deepEqual(judged.row(job({}, { ...DONE, succeeded: 1 })), ['pi', 'Complete', '1/1', '0s', ...wide]);
  const selectable = jobs.selectableFields?.(judged.created(job({}, { succeeded: 2 })));
  assert.deepEqual(selectable, { 'status.successful': '2' });
});
