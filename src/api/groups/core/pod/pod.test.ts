import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { loadBuiltInSchemas } from '../../../schema/built-in.ts';
import { decodeObject } from '../../../schema/decode.ts';
import { applyDefaults } from '../../../schema/default.ts';
import type { JsonObject } from '../../../schema/schema.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../../types.gen.ts';
import { pods } from './pod.ts';
import { defaultPod } from './pod-defaults.ts';
import { qosClass } from './quality-of-service.ts';
import { validatePodSpec, validatePodTemplate } from './validate-pod-spec.ts';
import { validatePodUpdate } from './validate-pod-update.ts';

const schema = loadBuiltInSchemas().get('core/v1')?.messages.get('Pod');

/** A complete pod from what a test says of it. */
function pod(spec: JsonObject, container: JsonObject = {}): Pod {
  assert.ok(schema !== undefined);
  const containers = [{ name: 'c', image: 'web:1', ...container }];
  const json = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web' }, spec: { containers, ...spec } };
  const decoded = decodeObject(schema, json);
  assert.ok(decoded.ok);
  return defaultPod(applyDefaults(schema, decoded.value) as unknown as Pod);
}

test('defaults that depend on other fields', () => {
  const first = (p: Pod) => p.spec.containers[0];
  const policies = {
    web: 'Always',
    'web:latest': 'Always',
    'web:1': 'IfNotPresent',
    'host:5000/web': 'Always',
    'web@sha256:ab': 'IfNotPresent',
  };
  for (const [image, policy] of Object.entries(policies)) {
    assert.equal(first(pod({}, { image }))?.imagePullPolicy, policy, image);
  }
  const sized = pod({}, { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } });
  assert.deepEqual(first(sized)?.resources.requests, { cpu: '500m', memory: '1Gi' });
  const onHost = pod({ hostNetwork: true }, { ports: [{ containerPort: 80 }] });
  assert.equal(first(onHost)?.ports?.[0]?.hostPort, 80);
  assert.deepEqual(pod({ volumes: [{ name: 'v' }] }).spec.volumes, [{ name: 'v', emptyDir: {} }]);
  for (const [reference, pullPolicy] of Object.entries({ ...policies, '': 'IfNotPresent' })) {
    const volumes = [{ name: 'v', image: { reference } }];
    assert.equal(pod({ volumes }).spec.volumes?.[0]?.image?.pullPolicy, pullPolicy, reference);
  }
  assert.equal(pod({ serviceAccount: 'robot' }).spec.serviceAccountName, 'robot');
  const fine = first(pod({}, { resources: { requests: { cpu: '100u' } } }))?.resources.requests;
  assert.deepEqual(fine, { cpu: '1m' });
  const again = pod({ hostNetwork: true }, { ports: [{ containerPort: 80 }] });
  assert.equal(defaultPod(again), again, 'nothing to do the second time');
});

test('quality of service', () => {
  const of = (resources: JsonObject): string => qosClass(pod({}, { resources }).spec);
  assert.equal(of({}), 'BestEffort');
  assert.equal(of({ requests: { cpu: '1' } }), 'Burstable');
  assert.equal(of({ limits: { cpu: '1' } }), 'Burstable');
  assert.equal(of({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
  assert.equal(of({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }), 'Burstable');
});

const REFUSED: readonly (readonly [string, JsonObject, JsonObject, string])[] = [
  ['no containers', { containers: [] }, {}, 'spec.containers: Required value'],
  ['no image', {}, { image: '' }, 'spec.containers[0].image: Required value'],
  [
    'requests above limits',
    {},
    { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'a mount of nothing',
    {},
    { volumeMounts: [{ name: 'none', mountPath: '/x' }] },
    'spec.containers[0].volumeMounts[0].name: Not found: "none"',
  ],
  [
    'two kinds of volume',
    { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] },
    {},
    'spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'a probe of no kind',
    {},
    { livenessProbe: {} },
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    'a liveness probe that must succeed twice',
    {},
    { livenessProbe: { exec: { command: ['true'] }, successThreshold: 2 } },
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    'a readiness probe of an init container',
    { initContainers: [{ name: 'i', image: 'i', readinessProbe: { exec: { command: ['true'] } } }] },
    {},
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    'one name twice',
    { initContainers: [{ name: 'c', image: 'i' }] },
    {},
    'spec.initContainers[0].name: Duplicate value: "c"',
  ],
  [
    'a value and its source',
    {},
    { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    'one port of the node for two containers',
    {
      containers: [0, 1].map((i) => ({
        name: `c${i}`,
        image: 'x',
        ports: [{ containerPort: 80, hostPort: 80 }],
      })),
    },
    {},
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    'a toleration for a time of the wrong effect',
    { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    {},
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    'own name servers, none given',
    { dnsPolicy: 'None' },
    {},
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    'spreading by no key',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] },
    {},
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    'affinity to no term',
    {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
    },
    {},
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    'half a huge page',
    {},
    { resources: { limits: { 'hugepages-2Mi': '3Mi', memory: '1Gi' } } },
    'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
  ],
  [
    'huge pages and no other memory',
    {},
    { resources: { limits: { 'hugepages-2Mi': '4Mi' } } },
    'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
  ],
  [
    'a sysctl of the network of the node',
    { hostNetwork: true, securityContext: { sysctls: [{ name: 'net/core/somaxconn', value: '1' }] } },
    {},
    'spec.securityContext.sysctls[0].name: Invalid value: "net/core/somaxconn": may not be specified when \'hostNetwork\' is true',
  ],
  [
    'a sysctl of the shared memory of the node',
    { hostIPC: true, securityContext: { sysctls: [{ name: 'kernel.shmmax', value: '1' }] } },
    {},
    'spec.securityContext.sysctls[0].name: Invalid value: "kernel.shmmax": may not be specified when \'hostIPC\' is true',
  ],
  [
    'a gate and a node',
    { schedulingGates: [{ name: 'example.com/gate' }], nodeName: 'one' },
    {},
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
];

test('what is refused, in the words of upstream', () => {
  for (const [what, spec, container, expected] of REFUSED) {
    const errors = validatePodSpec(ROOT_PATH.child('spec'), pod(spec, container).spec);
    const texts = errors.map(({ path, message }) => `${path}: ${message}`);
    assert.ok(texts.includes(expected), `${what}: ${texts.join('; ')}`);
  }
});

test('a pod says which image its volume shows, a template need not', () => {
  const volumes = [{ name: 'v', image: { pullPolicy: 'Never' } }];
  const unnamed = pod({ volumes });
  const errors = (pods.validate?.(unnamed) ?? []).map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(errors, ['spec.volumes[0].image.reference: Required value']);
  assert.deepEqual(validatePodTemplate(ROOT_PATH, { metadata: {}, spec: unnamed.spec }), []);
  const named = pod(
    { volumes: [{ name: 'v', image: { reference: 'data:1' } }] },
    { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a/b' }] },
  );
  assert.deepEqual(pods.validate?.(named), []);
});

test('a full and sound pod passes', () => {
  const probe = { httpGet: { port: 'web' } };
  const sound = pod(
    {
      volumes: [
        { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'cm', configMap: { name: 'cm' } },
      ],
      tolerations: [{ operator: 'Exists' }],
      initContainers: [{ name: 'side', image: 's', restartPolicy: 'Always', readinessProbe: probe }],
      securityContext: {
        runAsUser: 1000,
        fsGroup: 2000,
        sysctls: [{ name: 'net.core.somaxconn', value: '1' }],
      },
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.b'] }],
    },
    {
      ports: [{ name: 'web', containerPort: 80 }],
      env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'cm', mountPath: '/cm', subPath: 'key' },
      ],
      livenessProbe: probe,
      lifecycle: { preStop: { sleep: { seconds: 1 } } },
      resources: { requests: { cpu: '1', 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } },
    },
  );
  assert.deepEqual(validatePodSpec(ROOT_PATH.child('spec'), sound.spec), []);
});

test('which fields of a pod may change', () => {
  const old = pod({ nodeName: 'one', tolerations: [{ key: 'a', operator: 'Exists' }] });
  const change = (spec: JsonObject, container: JsonObject = {}): string[] =>
    validatePodUpdate(
      pod({ nodeName: 'one', tolerations: [{ key: 'a', operator: 'Exists' }], ...spec }, container),
      old,
    ).map(({ path, message }) => `${path}: ${message.split('\n')[0]}`);
  assert.deepEqual(change({}, { image: 'web:2', imagePullPolicy: 'IfNotPresent' }), []);
  const more = [
    { key: 'a', operator: 'Exists' },
    { key: 'b', operator: 'Exists' },
  ];
  assert.deepEqual(change({ tolerations: more, activeDeadlineSeconds: 5 }), []);
  assert.deepEqual(change({ tolerations: [] }), [
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ]);
  assert.match(
    change({ nodeName: 'two' })[0] ?? '',
    /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/,
  );
  assert.deepEqual(change({ initContainers: [{ name: 'i', image: 'i' }] }), [
    'spec.initContainers: Forbidden: pod updates may not add or remove containers',
  ]);
  assert.deepEqual(change({ schedulingGates: [{ name: 'new' }] }), [
    "spec.schedulingGates[0]: Forbidden: only deletion is allowed, but found new scheduling gate 'new'",
  ]);
});

const NOW = Date.parse('2026-01-01T00:10:00Z');
const status = (
  name: string,
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name,
  state,
  lastState: {},
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...more,
});
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const ended = (exitCode: number, reason?: string) => ({
  terminated: { exitCode, ...(reason === undefined ? {} : { reason }), finishedAt: '2026-01-01T00:08:00Z' },
});

const ROWS: readonly (readonly [string, Partial<PodStatus>, readonly [string, string, string]])[] = [
  ['new', { phase: 'Pending' }, ['0/1', 'Pending', '0']],
  [
    'running',
    { phase: 'Running', containerStatuses: [status('c', running, { ready: true })] },
    ['1/1', 'Running', '0'],
  ],
  [
    'crashing',
    {
      phase: 'Running',
      containerStatuses: [
        status(
          'c',
          { waiting: { reason: 'CrashLoopBackOff' } },
          { restartCount: 3, lastState: ended(1, 'Error') },
        ),
      ],
    },
    ['0/1', 'CrashLoopBackOff', '3 (2m ago)'],
  ],
  [
    'done',
    { phase: 'Succeeded', containerStatuses: [status('c', ended(0, 'Completed'))] },
    ['0/1', 'Completed', '0'],
  ],
  ['failed', { phase: 'Failed', containerStatuses: [status('c', ended(7))] }, ['0/1', 'ExitCode:7', '0']],
  ['evicted', { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', '0']],
  [
    'gated',
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    ['0/1', 'SchedulingGated', '0'],
  ],
  [
    'initialising',
    { phase: 'Pending', initContainerStatuses: [status('i', running)] },
    ['0/1', 'Init:0/1', '0'],
  ],
  [
    'failing to initialise',
    { phase: 'Pending', initContainerStatuses: [status('i', ended(1, 'Error'), { restartCount: 2 })] },
    ['0/1', 'Init:Error', '2'],
  ],
];

test('what the columns show', () => {
  for (const [what, part, expected] of ROWS) {
    const initContainers = part.initContainerStatuses === undefined ? [] : [{ name: 'i', image: 'i' }];
    const shown: Pod = { ...pod({ initContainers }), status: part };
    const cells = pods.columns.slice(1, 4).map((column) => column.value(shown, NOW));
    assert.deepEqual(cells, expected, what);
  }
  const going: Pod = { ...pod({}), status: { phase: 'Running' } };
  const metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  assert.equal(pods.columns[2]?.value({ ...going, metadata }, NOW), 'Terminating');
});

test('nobody is waited for where nothing runs', () => {
  const grace = (p: Pod, requested?: number) => pods.deletionGraceSeconds?.(p, requested);
  assert.equal(grace(pod({})), 0);
  const bound = pod({ nodeName: 'one' });
  assert.equal(grace(bound), 30);
  assert.equal(grace(bound, 5), 5);
  assert.equal(grace({ ...bound, status: { phase: 'Succeeded' } }), 0);
});
