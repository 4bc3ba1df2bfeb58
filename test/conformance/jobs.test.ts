/** Official tests of [sig-apps] Job and CronJob. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  refusal,
  startApi,
  type Api,
  type Fields,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

interface Place {
  readonly jobs: string;
  readonly pods: string;
  readonly crons: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  const batch = `/apis/batch/v1/namespaces/${namespace}`;
  return { jobs: `${batch}/jobs`, crons: `${batch}/cronjobs`, pods: `/api/v1/namespaces/${namespace}/pods` };
}

const specOf = (script: string, spec: object = {}, restartPolicy = 'Never'): object => ({
  parallelism: 2,
  completions: 4,
  backoffLimit: 6,
  template: {
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }],
    },
  },
  ...spec,
});
const job = (name: string, script: string, spec: object = {}, restartPolicy?: string): object => ({
  metadata: { name },
  spec: specOf(script, spec, restartPolicy),
});
const RUNS_ON = 'sleep 1000000';

const ended = (url: string, type: string, part: object = {}): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    includes(condition(object, type) ?? {}, { status: 'True', ...part });
    return object;
  }, 600_000);
const phases = async (pods: string): Promise<readonly unknown[]> =>
  (await api.list(pods)).map(({ status }) => status?.phase);
const allRunning = (pods: string, count: number): Promise<readonly Fields[]> =>
  api.eventually(async () => {
    const list = await api.list(pods);
    assert.equal(list.filter(({ status }) => String(status?.phase) === 'Running').length, count);
    return list;
  });
const INDEX = 'batch.kubernetes.io/job-completion-index';
const indexesOf = (list: readonly Fields[], phase: string): readonly number[] =>
  list
    .filter(({ status }) => String(status?.phase) === phase)
    .map(({ metadata }) => Number(metadata?.annotations?.[INDEX]))
    .toSorted((a, b) => a - b);

test('Job should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
  const { jobs, pods } = await place('local-restarts');
  // A simulated container cannot remember that it has failed before: the second of its containers ends well.
  await api.post(jobs, job('fail-once-local', 'exit 1', {}, 'OnFailure'));
  const failing = await api.eventually(async () => {
    const list = await api.list(pods);
    assert.ok(list.length === 2 && list.every((pod) => Number(restarts(pod)) > 0));
    return list;
  });
  assert.equal((await api.get(`${jobs}/fail-once-local`)).status?.failed, undefined);
  assert.deepEqual(failing.map(nameOf), (await api.list(pods)).map(nameOf), 'restarted in place');
  await api.delete(`${jobs}/fail-once-local`, { propagationPolicy: 'Background' });
  await api.post(jobs, job('good', 'exit 0', {}, 'OnFailure'));
  const { status } = await ended(`${jobs}/good`, 'Complete');
  assert.equal(status?.succeeded, 4);
});

const restarts = (pod: Fields): unknown => each(pod.status?.containerStatuses)[0]?.restartCount;

test('Job should create pods for an Indexed job with completion indexes and specified hostname', async () => {
  const { jobs, pods } = await place('indexed');
  await api.post(jobs, job('indexed-job', 'exit 0', { completionMode: 'Indexed' }));
  await ended(`${jobs}/indexed-job`, 'Complete');
  const list = await api.list(pods);
  assert.deepEqual(indexesOf(list, 'Succeeded'), [0, 1, 2, 3]);
  for (const pod of list) {
    const index = pod.metadata?.annotations?.[INDEX];
    assert.equal(pod.spec?.hostname, `indexed-job-${index}`);
    assert.equal(pod.metadata?.labels?.[INDEX], index);
  }
});

test('Job should delete a job', async () => {
  const { jobs, pods } = await place('delete');
  await api.post(jobs, job('foo', RUNS_ON));
  await allRunning(pods, 2);
  await api.delete(`${jobs}/foo`, { propagationPolicy: 'Foreground' });
  await api.gone(`${jobs}/foo`);
  assert.deepEqual(await api.list(pods), []);
});

test('Job should adopt matching orphans and release non-matching pods', async () => {
  const { jobs, pods } = await place('adopt');
  const { metadata } = await api.post(jobs, job('adopt-release', RUNS_ON));
  const [first] = await allRunning(pods, 2);
  const url = `${pods}/${nameOf(first)}`;
  const owner = async (): Promise<unknown> => each((await api.get(url)).metadata?.ownerReferences)[0]?.uid;
  await api.patch(url, { metadata: { ownerReferences: null } });
  await api.eventually(async () => assert.equal(await owner(), metadata?.uid));
  await api.patch(url, { metadata: { labels: null } });
  await api.eventually(async () => assert.equal(await owner(), undefined));
});

test('Job should allow to use the pod failure policy on exit code to fail the job early', async () => {
  const { jobs } = await place('exit-code');
  const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }];
  await api.post(jobs, job('fail-job', 'exit 1', { backoffLimit: 0, podFailurePolicy: { rules } }));
  const { status } = await ended(`${jobs}/fail-job`, 'Failed', { reason: 'PodFailurePolicy' });
  const message = String(condition({ status } as unknown as Fields, 'Failed')?.message);
  assert.match(
    message,
    /^Container c for pod exit-code\/fail-job-[a-z0-9]{5} failed with exit code 1 matching FailJob rule at index 0$/,
  );
});

test('Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
  const { jobs, pods } = await place('ignore');
  const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }];
  await api.post(
    jobs,
    job('ignored', 'sleep 30', { completions: 1, backoffLimit: 0, podFailurePolicy: { rules } }),
  );
  const [victim] = await allRunning(pods, 1);
  await api.post(`${pods}/${nameOf(victim)}/eviction`, { metadata: { name: nameOf(victim) } });
  const { status } = await ended(`${jobs}/ignored`, 'Complete');
  assert.equal(status?.failed, undefined);
  assert.equal(status?.succeeded, 1);
});

const PER_INDEX = { completionMode: 'Indexed', completions: 4, parallelism: 4 };
const fails = (jobs: string, name: string, spec: object): Promise<Fields> =>
  api.post(jobs, job(name, 'exit 1', { ...PER_INDEX, ...spec }));

test('Job should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
  const { jobs, pods } = await place('per-index');
  await api.post(jobs, job('all', RUNS_ON, { ...PER_INDEX, parallelism: 2, backoffLimitPerIndex: 1 }));
  // Odd indexes fail, even ones succeed; whoever plays the node says so.
  await endPods(pods, (index) => (index % 2 === 0 ? 0 : 1), `${jobs}/all`, 'Failed');
  const { status } = await ended(`${jobs}/all`, 'Failed', { reason: 'FailedIndexes' });
  includes(status, { completedIndexes: '0,2', failedIndexes: '1,3', failed: 4, succeeded: 2 });
  includes(condition({ status } as unknown as Fields, 'Failed'), { message: 'Job has failed indexes' });
});

test('Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
  const { jobs } = await place('max-failed');
  await fails(jobs, 'with-max', { parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 0 });
  const { status } = await ended(`${jobs}/with-max`, 'Failed', { reason: 'MaxFailedIndexesExceeded' });
  includes(status, { failed: 1, failedIndexes: '0' });
  assert.equal(status?.completedIndexes, undefined);
  includes(condition({ status } as unknown as Fields, 'Failed'), {
    message: 'Job has exceeded the specified maximal number of failed indexes',
  });
});

test('Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
  const { jobs } = await place('fail-index');
  const rules = [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }];
  const spec = { completions: 2, parallelism: 2, backoffLimitPerIndex: 1, podFailurePolicy: { rules } };
  for (const [code, failed] of [
    [42, 2],
    [1, 4],
  ]) {
    const name = `exits-${code}`;
    await api.post(jobs, job(name, `exit ${code}`, { ...PER_INDEX, ...spec }));
    const { status } = await ended(`${jobs}/${name}`, 'Failed', { reason: 'FailedIndexes' });
    includes(status, { failed, failedIndexes: '0,1' });
    assert.equal(status?.completedIndexes, undefined);
  }
});

/** Says as a kubelet would that containers ended, until the job has the condition. */
async function endPods(
  pods: string,
  codeOf: (index: number) => number,
  url: string,
  until: string,
): Promise<void> {
  await api.eventually(async () => {
    for (const pod of await api.list(pods)) {
      if (String(pod.status?.phase) !== 'Running') continue;
      const exitCode = codeOf(Number(pod.metadata?.annotations?.[INDEX]));
      const [status] = each(pod.status?.containerStatuses);
      const state = { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } };
      const containerStatuses = [{ ...status, state, ready: false }];
      const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      await api.patch(`${pods}/${nameOf(pod)}/status`, { status: { phase, containerStatuses } });
    }
    assert.ok(condition(await api.get(url), until) !== undefined);
  }, 600_000);
}

test('Job with successPolicy should succeeded when all indexes succeeded', async () => {
  const { jobs } = await place('success-all');
  const spec = { ...PER_INDEX, completions: 2, successPolicy: { rules: [{ succeededCount: 2 }] } };
  await api.post(jobs, job('all', 'exit 0', spec));
  const done = await ended(`${jobs}/all`, 'Complete', { reason: 'SuccessPolicy' });
  includes(condition(done, 'SuccessCriteriaMet'), { reason: 'SuccessPolicy', status: 'True' });
  includes(done.status, { completedIndexes: '0,1', succeeded: 2 });
});

async function succeedsEarly(name: string, rule: object): Promise<Fields> {
  const { jobs, pods } = await place(name);
  const spec = {
    ...PER_INDEX,
    completions: 5,
    parallelism: 5,
    backoffLimit: 6,
    successPolicy: { rules: [rule] },
  };
  await api.post(jobs, job('early', RUNS_ON, spec));
  const list = await allRunning(pods, 5);
  const zero = list.find(({ metadata }) => Number(metadata?.annotations?.[INDEX]) === 0);
  await api.patch(`${pods}/${nameOf(zero)}/status`, { status: { phase: 'Succeeded' } });
  const done = await ended(`${jobs}/early`, 'Complete', { reason: 'SuccessPolicy' });
  includes(condition(done, 'SuccessCriteriaMet'), {
    reason: 'SuccessPolicy',
    message: 'Matched rules at index 0',
  });
  includes(done.status, { completedIndexes: '0', succeeded: 1 });
  await api.eventually(async () => assert.deepEqual(await phases(pods), ['Succeeded']));
  return done;
}

test('Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending', async () => {
  await succeedsEarly('success-indexes', { succeededIndexes: '0' });
});

test('Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending', async () => {
  await succeedsEarly('success-count', { succeededCount: 1 });
});

test('Job should apply changes to a job status', async () => {
  const { jobs, pods } = await place('job-status');
  const url = `${jobs}/suspend-false-to-true`;
  await api.post(jobs, job('suspend-false-to-true', RUNS_ON, { suspend: false }));
  await allRunning(pods, 2);
  const startTime = (await api.get(url)).status?.startTime;
  const annotated = { metadata: { annotations: { patchedstatus: 'true' } }, status: { startTime } };
  const patched = await api.patch(`${url}/status`, annotated);
  includes(patched, { metadata: { annotations: { patchedstatus: 'true' } }, status: { startTime } });
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, startTime },
  }));
  assert.equal(updated.status?.startTime, startTime);
  includes(await api.get(`${url}/status`), { metadata: { uid: patched.metadata?.uid } });
});

test('Job should manage the lifecycle of a job', async () => {
  const { jobs } = await place('job-lifecycle');
  const url = `${jobs}/e2e-job`;
  const label = { 'e2e-job-label': 'e2e-job' };
  const watch = api.watch(`${jobs}?labelSelector=e2e-job-label%3De2e-job`);
  await api.post(jobs, {
    ...job('e2e-job', 'exit 0', { suspend: true, completions: 1, parallelism: 1 }),
    ...{ metadata: { name: 'e2e-job', labels: label } },
  });
  await api.patch(url, { metadata: { labels: { 'e2e-job-label': 'e2e-job', e2e: 'patched' } } }, 'strategic');
  await api.change(url, (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { updated: 'true' } },
    spec: { ...object.spec, suspend: false },
  }));
  await api.eventually(() =>
    watch.events.some(({ object }) => String(object.metadata?.annotations?.updated) === 'true'),
  );
  await ended(url, 'Complete');
  const listed = await api.list('/apis/batch/v1/jobs?labelSelector=e2e-job-label%3De2e-job');
  assert.deepEqual(listed.map(nameOf), ['e2e-job']);
  await api.delete(`${jobs}?labelSelector=e2e-job-label%3De2e-job`, { propagationPolicy: 'Background' });
  await api.gone(url);
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  watch.stop();
});

const cron = (name: string, concurrencyPolicy: string, script: string, spec: object = {}): object => ({
  metadata: { name },
  spec: {
    schedule: '*/1 * * * ?',
    concurrencyPolicy,
    jobTemplate: { spec: specOf(script, { parallelism: 1, completions: 1 }, 'OnFailure') },
    ...spec,
  },
});
const active = async (url: string): Promise<readonly Fields[]> => each((await api.get(url)).status?.active);

test('CronJob should schedule multiple jobs concurrently', async () => {
  const { crons, jobs } = await place('concurrent');
  await api.post(crons, cron('concurrent', 'Allow', RUNS_ON));
  await api.eventually(async () => assert.ok((await active(`${crons}/concurrent`)).length >= 2));
  const running = (await api.list(jobs)).filter(({ status }) => Number(status?.active) > 0);
  assert.ok(running.length >= 2);
});

test('CronJob should not schedule jobs when suspended', async () => {
  const { crons, jobs } = await place('suspended');
  await api.post(crons, cron('suspended', 'Allow', RUNS_ON, { suspend: true }));
  await api.cluster.clock.advance('5m');
  assert.deepEqual(await api.list(jobs), []);
});

test('CronJob should not schedule new jobs when ForbidConcurrent', async () => {
  const { crons, jobs } = await place('forbid');
  await api.post(crons, cron('forbid', 'Forbid', RUNS_ON));
  await api.eventually(async () => assert.equal((await active(`${crons}/forbid`)).length, 1));
  await api.cluster.clock.advance('5m');
  assert.equal((await active(`${crons}/forbid`)).length, 1);
  assert.equal((await api.list(jobs)).length, 1);
});

test('CronJob should replace jobs when ReplaceConcurrent', async () => {
  const { crons, jobs } = await place('replace');
  await api.post(crons, cron('replace', 'Replace', RUNS_ON));
  const first = await api.eventually(async () => {
    const [one, ...more] = await active(`${crons}/replace`);
    assert.deepEqual(more, []);
    assert.ok(one !== undefined);
    return one;
  });
  await api.gone(`${jobs}/${first.name}`);
  const [second] = await api.list(jobs);
  assert.notEqual(nameOf(second), first.name);
});

test('CronJob should support CronJob API operations', async () => {
  const { crons } = await place('cron-api');
  const labels = { 'special-label': 'cron' };
  const selector = 'labelSelector=special-label%3Dcron';
  const made = {
    ...cron('test-api', 'Allow', 'exit 0', { schedule: '* */1 * * ?', suspend: true }),
    ...{ metadata: { generateName: 'test-api', labels } },
  };
  const created = await api.post(crons, made);
  const url = `${crons}/${nameOf(created)}`;
  includes(await api.get(url), { metadata: { uid: created.metadata?.uid } });
  const list = await api.get(`${crons}?${selector}`);
  assert.equal(each(list.items).length, 1);
  const from = `&resourceVersion=${list.metadata?.resourceVersion}`;
  const watches = [
    api.watch(`${crons}?${selector}${from}`),
    api.watch(`/apis/batch/v1/cronjobs?${selector}${from}`),
  ];
  assert.equal((await api.list(`/apis/batch/v1/cronjobs?${selector}`)).length, 1);
  const patch = { metadata: { annotations: { patched: 'true' } } };
  includes(await api.patch(url, patch), patch);
  await api.change(url, (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, updated: 'true' } },
  }));
  await api.eventually(() => watches.every((watch) => watch.events.length >= 2));
  for (const watch of watches) {
    assert.ok(watch.events.every(({ type }) => type === 'MODIFIED'));
    watch.stop();
  }
  const lastScheduleTime = '2026-01-01T00:00:00Z';
  const status = { metadata: { annotations: { patchedstatus: 'true' } }, status: { lastScheduleTime } };
  includes(await api.patch(`${url}/status`, status), status);
  const later = { lastScheduleTime: '2026-01-01T00:01:00Z' };
  includes(await api.change(`${url}/status`, (object) => ({ ...object, status: later })), { status: later });
  includes(await api.get(`${url}/status`), { metadata: { uid: created.metadata?.uid } });
  const removed = await api.post(crons, { ...made, metadata: { name: 'for-removal', labels } });
  await api.delete(`${crons}/${nameOf(removed)}`);
  assert.equal((await refusal(api.get(`${crons}/for-removal`))).reason, 'NotFound');
  await api.delete(`${crons}?${selector}`);
  assert.deepEqual(await api.list(`${crons}?${selector}`), []);
});
