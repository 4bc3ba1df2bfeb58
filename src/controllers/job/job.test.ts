import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isApiError } from '../../api/meta/api-error.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import {
  activePods,
  conditionsOf,
  createJob,
  endPod,
  getJob,
  listPods,
  patchJob,
  PI,
  removePod,
  setStatus,
  withJobs,
} from './job.fixture.ts';
import { completionIndex, INDEX_FAILURES, isTracked, TRACKING_FINALIZER } from './job-pods.ts';

test('a Job runs its pods, counts each once, and is complete', () =>
  withJobs(async (cluster) => {
    const job = await createJob(cluster, { completions: 3, parallelism: 2 });
    await cluster.settle();
    const [first, second, ...more] = await listPods(cluster);
    assert.ok(first && second && more.length === 0);
    assert.match(first.metadata.name ?? '', /^pi-[a-z0-9]{5}$/);
    assert.deepEqual(first.metadata.finalizers, [TRACKING_FINALIZER]);
    assert.equal(first.metadata.labels?.['batch.kubernetes.io/controller-uid'], job.metadata.uid);
    await setStatus(cluster, first, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    await cluster.advance('2s');
    const running = await getJob(cluster);
    assert.deepEqual([running.status.active, running.status.ready, running.status.terminating], [2, 1, 0]);
    assert.equal(running.status.startTime, job.metadata.creationTimestamp);
    for (let round = 0; round < 3; round++) {
      for (const pod of await activePods(cluster)) await endPod(cluster, pod, 0);
      await cluster.advance('2s');
    }
    const { status } = await getJob(cluster);
    assert.deepEqual(conditionsOf({ ...job, status }), [
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    const { conditions: _conditions, startTime: _start, completionTime, ...counts } = status;
    assert.deepEqual(counts, { succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    assert.notEqual(completionTime, undefined);
    assert.deepEqual((await listPods(cluster)).filter(isTracked), []);
    assert.equal(cluster.events.filter((event) => event === 'Completed: Job completed').length, 1);
  }));

test('failures are retried after 10, 20, … seconds, until the limit', () =>
  withJobs(async (cluster) => {
    const job = await createJob(cluster, { backoffLimit: 2 });
    await cluster.settle();
    for (const waitSeconds of [10, 20]) {
      for (const pod of await activePods(cluster)) await endPod(cluster, pod, 1);
      await cluster.advance(`${waitSeconds - 2}s`);
      assert.equal((await activePods(cluster)).length, 0, `within ${waitSeconds} s`);
      await cluster.advance('4s');
      assert.equal((await activePods(cluster)).length, 1, `after ${waitSeconds} s`);
    }
    for (const pod of await activePods(cluster)) await endPod(cluster, pod, 1);
    await cluster.advance('3s');
    const { status } = await getJob(cluster);
    assert.deepEqual(conditionsOf({ ...job, status }), [
      'FailureTarget=True BackoffLimitExceeded',
      'Failed=True BackoffLimitExceeded',
    ]);
    assert.equal(status.failed, 3);
    assert.ok(cluster.events.includes('BackoffLimitExceeded: Job has reached the specified backoff limit'));
  }));

test('an active deadline ends the Job once its pods have stopped', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, { activeDeadlineSeconds: 30 });
    await cluster.advance('29s');
    assert.equal((await getJob(cluster)).status.active, 1);
    await cluster.advance('2s');
    const stopping = await getJob(cluster);
    assert.deepEqual(conditionsOf(stopping), ['FailureTarget=True DeadlineExceeded']);
    assert.deepEqual([stopping.status.terminating, stopping.status.failed], [1, 1]);
    for (const pod of await listPods(cluster)) await removePod(cluster, pod);
    await cluster.advance('2s');
    const ended = await getJob(cluster);
    assert.equal(conditionsOf(ended)[1], 'Failed=True DeadlineExceeded');
    assert.deepEqual([ended.status.terminating, ended.status.failed], [0, 1]);
  }));

test('a suspended Job runs nothing, and its time begins anew', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, { suspend: true, activeDeadlineSeconds: 60 });
    await cluster.settle();
    assert.deepEqual(await listPods(cluster), []);
    const created = await getJob(cluster);
    assert.deepEqual(conditionsOf(created), ['Suspended=True JobSuspended']);
    assert.equal(created.status.startTime, undefined);
    await patchJob(cluster, { suspend: false });
    await cluster.settle();
    assert.equal((await activePods(cluster)).length, 1);
    await cluster.advance('50s');
    await patchJob(cluster, { suspend: true });
    await cluster.advance('2s');
    const held = await getJob(cluster);
    assert.deepEqual([held.status.active, held.status.failed], [undefined, undefined]);
    assert.equal(held.status.startTime, undefined);
    await patchJob(cluster, { suspend: false });
    await cluster.advance('50s');
    const resumed = await getJob(cluster);
    assert.deepEqual(conditionsOf(resumed), ['Suspended=False JobResumed']);
    assert.equal(resumed.status.active, 1);
    assert.deepEqual(
      cluster.events.filter((event) => /^(Suspended|Resumed)/.test(event)),
      [
        'Suspended: Job suspended',
        'Resumed: Job resumed',
        'Suspended: Job suspended',
        'Resumed: Job resumed',
      ],
    );
  }));

test('indexed pods know their index, and each index is done once', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, { completionMode: 'Indexed', completions: 5, parallelism: 3 });
    await cluster.settle();
    const [pod] = (await listPods(cluster)).toSorted(
      (a, b) => (completionIndex(a) ?? 0) - (completionIndex(b) ?? 0),
    );
    assert.match(pod?.metadata.name ?? '', /^pi-0-[a-z0-9]{5}$/);
    assert.equal(pod?.spec.hostname, 'pi-0');
    assert.equal(pod?.metadata.labels?.['batch.kubernetes.io/job-completion-index'], '0');
    assert.deepEqual(pod?.spec.containers[0]?.env, [
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: {
            apiVersion: 'v1',
            fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ]);
    for (const each of await activePods(cluster)) {
      if (completionIndex(each) !== 1) await endPod(cluster, each, 0);
    }
    await cluster.advance('2s');
    assert.equal((await getJob(cluster)).status.completedIndexes, '0,2');
    assert.deepEqual((await activePods(cluster)).map(completionIndex).toSorted(), [1, 3, 4]);
    await patchJob(cluster, { completions: 2, parallelism: 2 });
    await cluster.advance('2s');
    assert.deepEqual((await activePods(cluster)).map(completionIndex), [1]);
    for (const each of await activePods(cluster)) await endPod(cluster, each, 0);
    for (const each of await listPods(cluster)) {
      if (each.metadata.deletionTimestamp !== undefined) await removePod(cluster, each);
    }
    await cluster.advance('2s');
    const done = await getJob(cluster);
    assert.deepEqual([done.status.completedIndexes, done.status.succeeded], ['0,1', 2]);
    assert.equal(conditionsOf(done)[1], 'Complete=True CompletionsReached');
  }));

test('with a limit for each index one that fails too often does not stop the others', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, {
      ...{ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 },
    });
    await cluster.settle();
    const endIndex = async (index: number, code: number): Promise<void> => {
      const pod = (await activePods(cluster)).find((each) => completionIndex(each) === index);
      assert.ok(pod !== undefined, `index ${index} is worked on`);
      await endPod(cluster, pod, code);
    };
    await endIndex(0, 1);
    await cluster.advance('5s');
    const kept = (await listPods(cluster)).find(({ status }) => status.phase === 'Failed');
    assert.ok(kept !== undefined && isTracked(kept), 'until its successor carries the failure on');
    await cluster.advance('7s');
    const retried = (await activePods(cluster)).find((each) => completionIndex(each) === 0);
    assert.equal(retried?.metadata.annotations?.[INDEX_FAILURES], '1');
    await endIndex(0, 1);
    await cluster.advance('2s');
    const open = await getJob(cluster);
    assert.deepEqual([open.status.failedIndexes, open.status.failed], ['0', 2]);
    assert.deepEqual(conditionsOf(open), []);
    await endIndex(1, 0);
    await cluster.advance('2s');
    const ended = await getJob(cluster);
    assert.deepEqual([ended.status.completedIndexes, ended.status.failedIndexes], ['1', '0']);
    assert.deepEqual(conditionsOf(ended), ['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes']);
  }));

test('a failure policy ignores, fails an index, or fails the whole Job', () =>
  withJobs(async (cluster) => {
    const rules = [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } },
      { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
    ] as const;
    await createJob(cluster, {
      ...{ completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 2 },
      podFailurePolicy: { rules },
    });
    await cluster.settle();
    const podOf = async (index: number) => {
      const pod = (await activePods(cluster)).find((each) => completionIndex(each) === index);
      assert.ok(pod !== undefined, `index ${index}`);
      return pod;
    };
    await endPod(cluster, await podOf(0), 143, [{ type: 'DisruptionTarget', status: 'True' }]);
    await endPod(cluster, await podOf(1), 7);
    await cluster.advance('12s');
    const open = await getJob(cluster);
    assert.deepEqual([open.status.failed, open.status.failedIndexes], [1, '1']);
    assert.equal((await podOf(0)).metadata.annotations?.[INDEX_FAILURES], '0');
    const last = await podOf(2);
    await endPod(cluster, last, 42);
    await cluster.advance('2s');
    const [condition] = (await getJob(cluster)).status.conditions ?? [];
    assert.equal(condition?.reason, 'PodFailurePolicy');
    assert.equal(
      condition?.message,
      `Container main for pod default/${last.metadata.name} failed with exit code 42 matching FailJob rule at index 2`,
    );
  }));

test('a success policy ends the Job early; what still runs is stopped and is no failure', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, {
      ...{ completionMode: 'Indexed', completions: 3, parallelism: 3 },
      successPolicy: { rules: [{ succeededIndexes: '1-2', succeededCount: 1 }] },
    });
    await cluster.settle();
    const pod = (await activePods(cluster)).find((each) => completionIndex(each) === 1);
    assert.ok(pod);
    await endPod(cluster, pod, 0);
    await cluster.advance('2s');
    for (const each of await listPods(cluster)) {
      if (each.metadata.deletionTimestamp !== undefined) await removePod(cluster, each);
    }
    await cluster.advance('2s');
    const job = await getJob(cluster);
    assert.deepEqual(conditionsOf(job), [
      'SuccessCriteriaMet=True SuccessPolicy',
      'Complete=True SuccessPolicy',
    ]);
    assert.deepEqual([job.status.succeeded, job.status.failed], [1, undefined]);
    assert.equal(job.status.conditions?.[0]?.message, 'Matched rules at index 0');
  }));

test('pods that are being deleted are replaced at once, or only when they have ended', async () => {
  for (const policy of ['TerminatingOrFailed', 'Failed'] as const) {
    await withJobs(async (cluster) => {
      await createJob(cluster, { podReplacementPolicy: policy });
      await cluster.settle();
      const [pod] = await listPods(cluster);
      assert.ok(pod);
      await cluster.client.delete(pods, { namespace: 'default', name: pod.metadata.name ?? '' });
      await cluster.advance('15s');
      const isEager = policy === 'TerminatingOrFailed';
      assert.equal((await activePods(cluster)).length, isEager ? 1 : 0, policy);
      assert.equal((await getJob(cluster)).status.failed, isEager ? 1 : undefined, policy);
      assert.equal((await getJob(cluster)).status.terminating, 1);
      await endPod(cluster, pod, 143);
      await cluster.advance('15s');
      assert.equal((await activePods(cluster)).length, 1, policy);
      assert.equal((await getJob(cluster)).status.failed, 1, policy);
    });
  }
});

test('orphans are adopted with a finalizer; pods left behind lose it', () =>
  withJobs(async (cluster) => {
    const { client } = cluster;
    const labels = { app: 'pi' };
    const spec = {
      ...{ nodeName: 'n1', restartPolicy: 'Never' as const },
      containers: [{ name: 'main', image: 'pi:1' }],
    };
    await client.create(pods, { metadata: { name: 'stray', namespace: 'default', labels }, spec });
    await client.create(jobs, {
      metadata: PI,
      spec: {
        manualSelector: true,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    });
    await cluster.settle();
    const [adopted, ...more] = await listPods(cluster);
    assert.equal(more.length, 0);
    assert.ok(adopted && isTracked(adopted));
    await client.patch(
      pods,
      { namespace: 'default', name: 'stray' },
      { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
    );
    await cluster.advance('2s');
    const released = await client.get(pods, { namespace: 'default', name: 'stray' });
    assert.deepEqual(
      [released.metadata.ownerReferences, released.metadata.finalizers],
      [undefined, undefined],
    );
    await client.delete(jobs, PI, { propagationPolicy: 'Background' });
    await cluster.advance('2s');
    assert.deepEqual((await listPods(cluster)).filter(isTracked), []);
    await assert.rejects(getJob(cluster), (error) => isApiError(error, 'NotFound'));
  }));

test('Jobs of other controllers are left alone', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, { managedBy: 'example.com/queue' });
    await cluster.advance('5s');
    assert.deepEqual(await listPods(cluster), []);
    assert.deepEqual((await getJob(cluster)).status, {});
  }));

test('pods that restart in place fail the Job by their restarts', () =>
  withJobs(async (cluster) => {
    await createJob(cluster, { backoffLimit: 2, restartPolicy: 'OnFailure' });
    await cluster.settle();
    const [pod] = await listPods(cluster);
    assert.ok(pod);
    const container = { name: 'main', image: 'pi:1', imageID: '', ready: true };
    await setStatus(cluster, pod, {
      ...{ phase: 'Running', containerStatuses: [{ ...container, restartCount: 2 }] },
    });
    await cluster.advance('2s');
    assert.deepEqual(conditionsOf(await getJob(cluster)), ['FailureTarget=True BackoffLimitExceeded']);
  }));
