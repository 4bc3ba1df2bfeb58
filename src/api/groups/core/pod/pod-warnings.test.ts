import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { Container, Pod, PodSpec } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { pods } from './pod.ts';

const judged = judge(pods);
const warned = (spec: Draft<PodSpec>, container: Draft<Container> = {}): readonly string[] => {
  const containers = [{ name: 'c', image: 'web:1', ...container }];
  const pod: Draft<Pod> = { metadata: { name: 'web' }, spec: { containers, ...spec } };
  return judged.warned(pod);
};

const ENV = [{ name: 'A', value: '1' }];
const PORT = { containerPort: 80, name: 'web' };

const CASES: readonly (readonly [Draft<PodSpec>, Draft<Container>, ...string[]])[] = [
  [{}, {}],
  [
    { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    {},
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] },
    {},
    'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
  ],
  [
    { volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] },
    {},
    'spec.volumes[0].gitRepo: deprecated in v1.11',
  ],
  [
    { imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] },
    {},
    'spec.imagePullSecrets[1].name: duplicate name "a"',
    'spec.imagePullSecrets[2].name: invalid empty name ""',
  ],
  [
    {},
    { resources: { limits: { memory: '1500m' }, requests: { memory: '1' } } },
    'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
  ],
  [
    {},
    { env: [...ENV, { name: 'A', value: '2' }] },
    'spec.containers[0].env[1]: hides previous definition of "A"',
  ],
  [{}, { env: [...ENV, { name: 'A', value: '$(A)2' }] }],
  [
    {},
    { ports: [PORT, { ...PORT, hostPort: 80 }] },
    'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
    'spec.containers[0].ports[1]: duplicate port name "web" with spec.containers[0].ports[0], services and probes ' +
      'that select ports by name will use spec.containers[0].ports[0]',
  ],
  [
    { terminationGracePeriodSeconds: -1 },
    {},
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ],
];

test('what is allowed but hardly meant', () => {
  for (const [spec, container, ...expected] of CASES) assert.deepEqual(warned(spec, container), expected);
  const dotted = { metadata: { name: 'a.b' }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };
  assert.match(
    judged.warned(dotted)[0] ?? '',
    /^metadata\.name: this is used in the Pod's hostname, which can/,
  );
  assert.deepEqual(judged.warned(dotted, dotted), [], 'the name is old news');
});
