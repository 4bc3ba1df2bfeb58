import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ContainerStatus, Pod, PodStatus } from '../../api/types.gen.ts';
import { podConditions, type ResizeState } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';
import { statusPatch } from './status-patch.ts';

type State = 'waiting' | 'running' | 'done' | 'failed' | 'restarting';

const ended = (exitCode: number) => ({ terminated: { exitCode } });

function statusOf(name: string, state: State): ContainerStatus {
  const states: Readonly<Record<State, Pick<ContainerStatus, 'state' | 'lastState'>>> = {
    waiting: { state: { waiting: {} }, lastState: {} },
    running: { state: { running: {} }, lastState: {} },
    done: { state: ended(0), lastState: {} },
    failed: { state: ended(1), lastState: {} },
    restarting: { state: { waiting: {} }, lastState: ended(1) },
  };
  const ready = state === (name.startsWith('i') ? 'done' : 'running');
  return {
    name,
    ready,
    restartCount: 0,
    image: '',
    imageID: '',
    started: state === 'running',
    ...states[state],
  };
}

function podOf(restartPolicy: NonNullable<Pod['spec']['restartPolicy']>, inits: readonly string[] = []): Pod {
  const initContainers = inits.map((name) => ({
    name,
    resources: {},
    ...(name.startsWith('s') ? { restartPolicy: 'Always' } : {}),
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'u', generation: 2 },
    spec: { containers: [{ name: 'a', resources: {} }], restartPolicy, initContainers },
    status: {},
  };
}

type Phase = NonNullable<PodStatus['phase']>;
type Case = readonly [
  Parameters<typeof podOf>[0],
  Readonly<Record<string, State>>,
  readonly State[],
  boolean,
  Phase,
];

const phases: readonly Case[] = [
  ['Always', {}, ['waiting'], false, 'Pending'],
  ['Always', {}, ['running'], false, 'Running'],
  ['Always', {}, ['running', 'waiting'], false, 'Pending'],
  ['Always', {}, ['restarting'], false, 'Running'],
  ['Always', {}, ['done'], false, 'Running'],
  ['Always', {}, ['failed'], true, 'Failed'],
  ['Always', {}, ['done'], true, 'Succeeded'],
  ['OnFailure', {}, ['done'], false, 'Succeeded'],
  ['OnFailure', {}, ['failed'], false, 'Running'],
  ['OnFailure', {}, ['done', 'restarting'], false, 'Running'],
  ['Never', {}, ['done', 'running'], false, 'Running'],
  ['Never', {}, ['done', 'failed'], false, 'Failed'],
  ['Never', {}, ['done', 'done'], false, 'Succeeded'],
  ['Always', { i: 'running' }, ['waiting'], false, 'Pending'],
  ['Always', { i: 'restarting' }, ['waiting'], false, 'Pending'],
  ['Never', { i: 'failed' }, ['waiting'], false, 'Failed'],
  ['Always', { i: 'done' }, ['running'], false, 'Running'],
  ['Always', { s: 'waiting' }, ['waiting'], false, 'Pending'],
  ['Always', { s: 'restarting' }, ['running'], false, 'Running'],
  ['Never', { s: 'running' }, ['done'], false, 'Succeeded'],
];

for (const [policy, inits, regulars, isEnding, wanted] of phases) {
  test(`phase: ${policy} ${JSON.stringify(inits)} ${regulars.join()} ${isEnding ? 'ending ' : ''}→ ${wanted}`, () => {
    const pod = podOf(policy, Object.keys(inits));
    const initStatuses = Object.entries(inits).map(([name, state]) => statusOf(name, state));
    const statuses = regulars.map((state, i) => statusOf(`a${i}`, state));
    assert.equal(podPhase(pod, initStatuses, statuses, isEnding), wanted);
  });
}

test('conditions: reasons, messages, and the time of the last change', () => {
  const pod: Pod = {
    ...podOf('Always', ['i']),
    status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: 'then' }] },
  };
  const view = { pod, phase: 'Pending' as const, hasSandbox: false, resize: {} };
  const made = podConditions(
    { ...view, inits: [statusOf('i', 'running')], regulars: [statusOf('a', 'waiting')] },
    'now',
  );
  const find = (type: string) => made.find((condition) => condition.type === type);
  assert.deepEqual(find('Ready'), {
    type: 'Ready',
    observedGeneration: 2,
    status: 'False',
    lastTransitionTime: 'then',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [a]',
  });
  assert.equal(find('Initialized')?.message, 'containers with incomplete status: [i]');
  assert.equal(find('PodReadyToStartContainers')?.status, 'False');
  const over = podConditions(
    { ...view, phase: 'Succeeded', inits: [], regulars: [statusOf('a', 'done')] },
    'now',
  );
  assert.deepEqual(
    over.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['PodReadyToStartContainers', 'False', undefined],
      ['Initialized', 'True', 'PodCompleted'],
      ['Ready', 'False', 'PodCompleted'],
      ['ContainersReady', 'False', 'PodCompleted'],
      ['PodScheduled', 'True', undefined],
    ],
  );
});

test('conditions of a resize are there as long as they hold', () => {
  const view = { phase: 'Running' as const, hasSandbox: true, inits: [], regulars: [] };
  const of = (resize: ResizeState, pod = podOf('Always')) =>
    podConditions({ ...view, pod, resize }, 'now')
      .filter(({ type }) => type.startsWith('PodResize'))
      .map(({ type, status, reason, message }) => [type, status, reason, message]);
  assert.deepEqual(of({}), []);
  assert.deepEqual(of({ pending: { reason: 'Deferred', message: 'later' } }), [
    ['PodResizePending', 'True', 'Deferred', 'later'],
  ]);
  assert.deepEqual(of({ inProgress: { problem: undefined } }), [
    ['PodResizeInProgress', 'True', undefined, undefined],
  ]);
  assert.deepEqual(of({ inProgress: { problem: 'no' } }), [['PodResizeInProgress', 'True', 'Error', 'no']]);
  const conditions = [
    { type: 'PodResizePending', status: 'True' },
    { type: 'mine', status: 'True' },
  ];
  const pod: Pod = { ...podOf('Always'), status: { phase: 'Running', conditions } };
  assert.deepEqual(statusPatch(pod, { phase: 'Running', conditions: [] })?.['status'], {
    conditions: [{ $patch: 'delete', type: 'PodResizePending' }],
  });
});

test('the patch holds what differs, and nothing of others', () => {
  const pod: Pod = {
    ...podOf('Always'),
    status: {
      phase: 'Pending',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
      qosClass: 'BestEffort',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'R', message: 'm' },
        { type: 'mine', status: 'True' },
      ],
    },
  };
  const ready = { type: 'Ready', status: 'True' };
  assert.deepEqual(
    statusPatch(pod, {
      phase: 'Running',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.2' }],
      conditions: [ready],
    }),
    {
      metadata: { uid: 'u' },
      status: {
        phase: 'Running',
        podIPs: [{ $patch: 'replace' }, { ip: '10.0.0.2' }],
        conditions: [{ ...ready, reason: null, message: null }],
      },
    },
  );
  assert.deepEqual(statusPatch(pod, { phase: 'Pending' })?.['status'], { podIP: null, podIPs: null });
  const { phase = 'Pending', podIP = '', podIPs = [], conditions = [] } = pod.status;
  assert.equal(statusPatch(pod, { phase, podIP, podIPs, conditions }), undefined);
});
