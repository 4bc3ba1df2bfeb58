import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { ContainerState, PodSandboxStatus } from '../cri/messages.ts';
import { CRASH_LOOP } from './backoff.ts';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';
import { planPod, type PodAction, type PodView } from './plan.ts';
import { containerAnnotations, containerLabels, resourcesOf } from './pod-names.ts';

const NOW = 1_000_000;

function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `${name}:1`, resources: {}, ...more };
}

function podOf(spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata },
    spec: { containers: [container('a')], ...spec },
    status: {},
  };
}

function sandbox(
  attempt = 0,
  state: PodSandboxStatus['state'] = 'SANDBOX_READY',
  ip = '10.0.0.2',
): PodSandboxStatus {
  return {
    id: `s${attempt}`,
    metadata: { name: 'p', namespace: 'ns', uid: 'u', attempt },
    state,
    createdAtMs: attempt,
    network: { ip, additionalIps: [] },
    labels: {},
    annotations: {},
    runtimeHandler: '',
  };
}

interface Run {
  readonly name: string;
  readonly attempt?: number;
  readonly exitCode?: number;
  readonly state?: ContainerState;
  readonly sandbox?: string;
  readonly image?: string;
}

function run(
  pod: Pod,
  { name, attempt = 0, exitCode, state, sandbox: sandboxId = 's0', image }: Run,
): ObservedContainer {
  const spec = container(name, image === undefined ? {} : { image });
  return {
    id: `${name}${attempt}`,
    podSandboxId: sandboxId,
    metadata: { name, attempt },
    state: state ?? (exitCode === undefined ? 'CONTAINER_RUNNING' : 'CONTAINER_EXITED'),
    createdAtMs: attempt,
    startedAtMs: NOW - 60_000,
    finishedAtMs: exitCode === undefined ? 0 : NOW - 1_000,
    exitCode: exitCode ?? 0,
    image: { image: 'x' },
    imageRef: 'x',
    imageId: 'x',
    reason: '',
    message: '',
    labels: containerLabels(pod, spec),
    annotations: containerAnnotations(pod, spec, attempt),
    mounts: [],
    logPath: '',
    stopSignal: '',
  };
}

function observe(pod: Pod, sandboxes: readonly PodSandboxStatus[], ...runs: readonly Run[]): ObservedPod {
  const containers = runs
    .map((each) => run(pod, each))
    .sort((a, b) => b.metadata.attempt - a.metadata.attempt);
  return { uid: 'u', namespace: 'ns', name: 'p', sandboxes, containers };
}

function view(pod: Pod, observed: ObservedPod, more: Partial<PodView> = {}): PodView {
  return {
    pod,
    observed,
    nowMs: NOW,
    ending: undefined,
    failures: new Map(),
    backoffs: new Map(),
    limits: CRASH_LOOP,
    probes: () => ({}),
    given: (observedContainer) => resourcesOf(observedContainer.annotations),
    ...more,
  };
}

/** Short: `start a 1`, `sandbox 0`, `kill a0`, `end 30`. */
function texts(actions: readonly PodAction[]): readonly string[] {
  return actions.map((action) => {
    switch (action.type) {
      case 'runSandbox':
        return `sandbox ${action.attempt}`;
      case 'startContainer':
        return `start ${action.container.container.name} ${action.attempt}`;
      case 'killContainer':
        return `kill ${action.target.id} ${action.graceSeconds}`;
      case 'resize':
        return ['resize', ...action.resizes.map(({ target }) => target.id)].join(' ');
      case 'endPod':
        return `end ${action.graceSeconds}`;
      case 'removeContainer':
        return `remove ${action.id}`;
      case 'removeSandbox':
        return `remove ${action.id}`;
    }
  });
}

const two = podOf({ containers: [container('a'), container('b')] });
const init = podOf({ initContainers: [container('i'), container('j')] });
const sidecar = container('s', { restartPolicy: 'Always' });
const probed = container('s', { restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } });
const withSidecar = podOf({ initContainers: [sidecar, container('i')] });
const withProbedSidecar = podOf({ initContainers: [probed] });
const never = podOf({ restartPolicy: 'Never' });
const onFailure = podOf({ restartPolicy: 'OnFailure' });
const initNever = podOf({ restartPolicy: 'Never', initContainers: [container('i')] });

const steps: readonly (readonly [string, Pod, ObservedPod, readonly string[]])[] = [
  ['nothing is there', podOf(), observe(podOf(), []), ['sandbox 0']],
  ['the sandbox has ended', podOf(), observe(podOf(), [sandbox(0, 'SANDBOX_NOTREADY')]), ['sandbox 1']],
  ['the sandbox has no address', podOf(), observe(podOf(), [sandbox(0, 'SANDBOX_READY', '')]), ['sandbox 1']],
  ['on the host\'s network it needs none', podOf({ hostNetwork: true }), observe(podOf(), [sandbox(0, 'SANDBOX_READY', '')]), ['start a 0']],
  ['two sandboxes run', podOf(), observe(podOf(), [sandbox(1), sandbox(0)]), ['sandbox 2']],
  ['containers start one after the other', two, observe(two, [sandbox()]), ['start a 0']],
  ['the second one', two, observe(two, [sandbox()], { name: 'a' }), ['start b 0']],
  ['all run', two, observe(two, [sandbox()], { name: 'a' }, { name: 'b' }), []],
  ['a container has ended', podOf(), observe(podOf(), [sandbox()], { name: 'a', exitCode: 1 }), ['start a 1']],
  ['one that ended well is restarted too', podOf(), observe(podOf(), [sandbox()], { name: 'a', exitCode: 0 }), ['start a 1']],
  ['a created one is started anew', podOf(), observe(podOf(), [sandbox()], { name: 'a', state: 'CONTAINER_CREATED' }), ['start a 1']],
  ['an unknown one is killed first', podOf(), observe(podOf(), [sandbox()], { name: 'a', state: 'CONTAINER_UNKNOWN' }), ['kill a0 30', 'start a 1']],
  ['OnFailure, and it failed', onFailure, observe(onFailure, [sandbox()], { name: 'a', exitCode: 1 }), ['start a 1']],
  ['OnFailure, and it did not', onFailure, observe(onFailure, [sandbox()], { name: 'a', exitCode: 0 }), ['end 30']],
  ['Never', never, observe(never, [sandbox()], { name: 'a', exitCode: 1 }), ['end 30']],
  ['all is over', never, observe(never, [sandbox(0, 'SANDBOX_NOTREADY')], { name: 'a', exitCode: 1 }), []],
  ['the image has changed', podOf(), observe(podOf(), [sandbox()], { name: 'a', image: 'a:0' }), ['kill a0 30']],
  ['init containers first', init, observe(init, [sandbox()]), ['start i 0']],
  ['an init container runs', init, observe(init, [sandbox()], { name: 'i' }), []],
  ['the next init container', init, observe(init, [sandbox()], { name: 'i', exitCode: 0 }), ['start j 0']],
  ['an init container failed', init, observe(init, [sandbox()], { name: 'i', exitCode: 1 }), ['start i 1']],
  ['an init container failed for good', initNever, observe(initNever, [sandbox()], { name: 'i', exitCode: 1 }), ['end 30']],
  ['after init', init, observe(init, [sandbox()], { name: 'i', exitCode: 0 }, { name: 'j', exitCode: 0 }), ['start a 0']],
  ['a new sandbox means init again', init, observe(init, [sandbox(1), sandbox(0, 'SANDBOX_NOTREADY')], { name: 'i', exitCode: 0 }, { name: 'j', exitCode: 0 }), ['start i 1']],
  ['init containers that were removed do not run again', init, observe(init, [sandbox()], { name: 'a' }), []],
  ['a sidecar, then the next', withSidecar, observe(withSidecar, [sandbox()], { name: 's' }), ['start i 0']],
  ['a sidecar that ended is back at any time', withSidecar, observe(withSidecar, [sandbox()], { name: 's', exitCode: 0 }, { name: 'i', exitCode: 0 }, { name: 'a' }), ['start s 1']],
  ['a sidecar that has not started yet', withProbedSidecar, observe(withProbedSidecar, [sandbox()], { name: 's' }), []],
]; // prettier-ignore

for (const [name, pod, observed, wanted] of steps) {
  test(`plan: ${name}`, () => assert.deepEqual(texts(planPod(view(pod, observed)).actions), wanted));
}

test('plan: a started sidecar lets the others begin', () => {
  const observed = observe(withProbedSidecar, [sandbox()], { name: 's' });
  const plan = planPod(view(withProbedSidecar, observed, { probes: () => ({ startup: 'success' }) }));
  assert.deepEqual(texts(plan.actions), ['start a 0']);
});

test('plan: failed probes kill, with the grace period of the probe', () => {
  const livenessProbe = { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 3 };
  const pod = podOf({ containers: [container('a', { livenessProbe })] });
  const observed = observe(pod, [sandbox()], { name: 'a' });
  const [kill] = planPod(view(pod, observed, { probes: () => ({ liveness: 'failure' }) })).actions;
  assert.deepEqual(texts([kill].filter((action) => action !== undefined)), ['kill a0 3']);
  assert.equal(
    kill?.type === 'killContainer' && kill.message,
    'Container a failed liveness probe, will be restarted',
  );
  const startup = planPod(view(never, observed, { probes: () => ({ startup: 'failure' }) })).actions[0];
  assert.equal(startup?.type === 'killContainer' && startup.message, 'Container a failed startup probe');
});

test('plan: containers that run are resized, or restarted where that is their policy', () => {
  const small = { requests: { cpu: '1' }, limits: { cpu: '2' } };
  const large = { requests: { cpu: '1500m' }, limits: { cpu: '2' } };
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
  const pod = podOf({
    containers: [container('a', { resources: large }), container('b', { resources: large, resizePolicy })],
  });
  const plan = (given: ResourceRequirements, ...runs: readonly Run[]) =>
    planPod(view(pod, observe(pod, [sandbox()], ...runs), { given: () => given }));
  const both = [{ name: 'a' }, { name: 'b' }];
  const { actions } = plan(small, ...both);
  assert.deepEqual(texts(actions), ['kill b0 30', 'resize a0']);
  assert.equal(
    actions[0]?.type === 'killContainer' && actions[0].message,
    'Container b resize requires restart',
  );
  // The same amount in other words is no change.
  assert.deepEqual(texts(plan({ requests: { cpu: '1.5' }, limits: { cpu: '2000m' } }, ...both).actions), []);
  // Its pod gets the room before it starts anew.
  const ended = plan(small, { name: 'a' }, { name: 'b', exitCode: 137 });
  assert.deepEqual(texts(ended.actions), ['resize a0', 'start b 1']);
});

test('plan: the crash loop waits, and other containers do not wait with it', () => {
  const observed = observe(two, [sandbox()], { name: 'a', attempt: 3, exitCode: 1 });
  const backoffs = new Map([['a', { delayMs: 20_000, updatedAtMs: NOW - 30_000 }]]);
  const plan = planPod(view(two, observed, { backoffs }));
  assert.deepEqual(texts(plan.actions), ['start b 0']);
  assert.deepEqual(plan.waiting.get('a'), {
    reason: 'CrashLoopBackOff',
    message: 'back-off 20s restarting failed container=a pod=p_ns(u)',
  });
  assert.equal(plan.wakeAtMs, NOW + 19_000);
  const later = planPod(view(two, observed, { backoffs, nowMs: NOW + 19_000 }));
  assert.deepEqual(texts(later.actions), ['start a 4']);
});

test('plan: failed pulls become a back-off after a moment', () => {
  const observed = observe(podOf(), [sandbox()]);
  const failure = {
    reason: 'ErrImagePull',
    message: 'no',
    isPull: true,
    hasRun: false,
    atMs: NOW,
    retryAtMs: NOW + 10_000,
  };
  const failures = new Map([['a', failure]]);
  const at = (nowMs: number) => planPod(view(podOf(), observed, { failures, nowMs }));
  assert.equal(at(NOW).waiting.get('a')?.reason, 'ErrImagePull');
  assert.equal(at(NOW).wakeAtMs, NOW + 1_000);
  assert.deepEqual(at(NOW + 1_000).waiting.get('a'), {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "a:1": ErrImagePull: no',
    image: 'a:1',
  });
  const ofVolume = new Map([['a', { ...failure, image: 'data:2' }]]);
  const waiting = planPod(view(podOf(), observed, { failures: ofVolume, nowMs: NOW + 1_000 })).waiting.get(
    'a',
  );
  assert.equal(waiting?.message, 'Back-off pulling image "data:2": ErrImagePull: no');
  assert.deepEqual(texts(at(NOW + 10_000).actions), ['start a 0']);
});

test('plan: a failed sandbox is tried again later', () => {
  const failure = { reason: 'x', message: '', isPull: false, hasRun: false, atMs: NOW, retryAtMs: NOW + 5 };
  const plan = planPod(view(podOf(), observe(podOf(), []), { failures: new Map([['', failure]]) }));
  assert.deepEqual([plan.actions, plan.wakeAtMs], [[], NOW + 5]);
});

test('plan: an ending pod is ended, and nothing is started', () => {
  const ending = { graceSeconds: 7 };
  const running = observe(podOf(), [sandbox()], { name: 'a' });
  assert.deepEqual(texts(planPod(view(podOf(), running, { ending })).actions), ['end 7']);
  const empty = planPod(view(podOf(), observe(podOf(), []), { ending }));
  assert.deepEqual([empty.actions, empty.ended], [[], true]);
  const dead = observe(podOf(), [sandbox(0, 'SANDBOX_NOTREADY')], { name: 'a', exitCode: 137 });
  assert.equal(planPod(view(podOf(), dead, { ending })).ended, true);
});

test('plan: old attempts and empty sandboxes go', () => {
  const pod = podOf();
  const observed = observe(
    pod,
    [sandbox(1), sandbox(0, 'SANDBOX_NOTREADY')],
    { name: 'a', attempt: 3, sandbox: 's1' },
    { name: 'a', attempt: 2, exitCode: 1, sandbox: 's1' },
    { name: 'a', attempt: 1, exitCode: 1, sandbox: 's0' },
    { name: 'a', attempt: 0, exitCode: 1, sandbox: 's0' },
  );
  assert.deepEqual(texts(planPod(view(pod, observed)).actions), ['remove a1', 'remove a0', 'remove s0']);
});

test('plan: restart rules and policies of containers', () => {
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  const pod = podOf({ restartPolicy: 'Never', containers: [container('a', { restartPolicyRules: rules })] });
  const ended = (exitCode: number) =>
    texts(planPod(view(pod, observe(pod, [sandbox()], { name: 'a', exitCode }))).actions);
  assert.deepEqual([ended(42), ended(1)], [['start a 1'], ['end 30']]);
});

test('plan: restart counts go on from the API after the runtime has lost everything', () => {
  const status = {
    name: 'a',
    restartCount: 4,
    containerID: 'containerd://gone',
    state: {},
    lastState: {},
    ready: false,
    image: '',
    imageID: '',
  };
  const pod: Pod = { ...podOf(), status: { containerStatuses: [status] } };
  assert.deepEqual(texts(planPod(view(pod, observe(pod, [sandbox()]))).actions), ['start a 5']);
});
