/** For tests of the Job controller: Jobs to make, and pods whose kubelet the test plays. */

import { jobs } from '../../api/groups/batch/job/job.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Draft } from '../../api/meta/object.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Job, JobSpec, Pod, PodCondition, PodSpec } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { jobController } from './job.ts';

export const PI = { namespace: 'default', name: 'pi' };

export async function withJobs(
  run: (cluster: TestCluster) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const cluster = await startTestCluster([jobController], options);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

/** Its pods are on a node from the start, so that a deleted one has time to end. */
export function createJob(
  { client }: TestCluster,
  spec: Omit<Draft<JobSpec>, 'template'> & Pick<PodSpec, 'restartPolicy'>,
): Promise<Job> {
  const { restartPolicy = 'Never', ...rest } = spec;
  const podSpec = { nodeName: 'n1', restartPolicy, containers: [{ name: 'main', image: 'pi:1' }] };
  return client.create(jobs, { metadata: PI, spec: { ...rest, template: { spec: podSpec } } });
}

export const getJob = ({ client }: TestCluster): Promise<Job> => client.get(jobs, PI);

export async function listPods({ client }: TestCluster): Promise<readonly Pod[]> {
  return (await client.list(pods)).items;
}

export async function activePods(cluster: TestCluster): Promise<readonly Pod[]> {
  return (await listPods(cluster)).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(status.phase ?? ''),
  );
}

export async function setStatus(
  { client }: TestCluster,
  { metadata }: Pod,
  status: Draft<Pod['status']>,
): Promise<void> {
  const { namespace, name = '' } = metadata;
  const body = JSON.parse(JSON.stringify({ status }));
  await client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
}

/** Its container ends with this code. */
export async function endPod(
  cluster: TestCluster,
  pod: Pod,
  exitCode: number,
  conditions: readonly Draft<PodCondition>[] = [],
): Promise<void> {
  const finishedAt = formatTime(cluster.host.clock.now());
  await setStatus(cluster, pod, {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    ...(conditions.length > 0 ? { conditions } : {}),
    containerStatuses: [
      {
        ...{ name: 'main', image: 'pi:1', imageID: '', ready: false, restartCount: 0 },
        state: { terminated: { exitCode, finishedAt } },
      },
    ],
  });
}

export async function patchJob({ client }: TestCluster, spec: Draft<JobSpec>): Promise<void> {
  const body = JSON.parse(JSON.stringify({ spec }));
  await client.patch(jobs, PI, { type: 'merge', body });
}

/** The node has stopped what ran. */
export async function removePod({ client }: TestCluster, { metadata }: Pod): Promise<void> {
  const { namespace, name = '' } = metadata;
  await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
}

/** `type=status reason` of every condition. */
export function conditionsOf({ status }: Job): readonly string[] {
  return (status.conditions ?? []).map(
    ({ type, status: value, reason = '' }) => `${type}=${value} ${reason}`,
  );
}
