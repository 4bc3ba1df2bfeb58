import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Container, Pod, Service } from '../../api/types.gen.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { buildEnvironment, type EnvironmentView } from './env.ts';
import { expand } from './expand.ts';
import { serviceEnvironment } from './service-env.ts';

const meta = (name: string) => ({ apiVersion: 'v1', kind: 'X', metadata: { name, namespace: 'ns' } });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function service(name: string, namespace: string, spec: Service['spec']): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec,
    status: { loadBalancer: {} },
  };
}

const kubernetes = service('kubernetes', 'default', {
  clusterIP: '10.43.0.1',
  ports: [{ name: 'https', port: 443, targetPort: 6443 }],
});
const db = service('my-db', 'ns', { clusterIP: '10.43.0.7', ports: [{ port: 5432, targetPort: 5432 }] });

function viewOf(container: Partial<Container>, spec: Partial<Pod['spec']> = {}): EnvironmentView {
  const full: Container = { name: 'a', resources: {}, ...container };
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'u', labels: { app: 'x', b: 'q"' } },
    spec: { containers: [full], nodeName: 'n1', serviceAccountName: 'sa', ...spec },
    status: {},
  };
  return {
    pod,
    container: full,
    hostIps: ['192.168.0.1'],
    podIps: ['10.42.0.5', 'fd00::5'],
    allocatable: { cpu: '8', memory: '1Gi' },
    services: [],
    configMaps: new Map([['cm', { ...meta('cm'), data: { A: '1', B: '2' } }]]),
    secrets: new Map([['s', { ...meta('s'), data: { A: base64('secret') } }]]),
  };
}

function variables(view: EnvironmentView): Readonly<Record<string, string>> {
  const built = buildEnvironment(view);
  assert.equal(built.type, 'ok');
  return Object.fromEntries(built.type === 'ok' ? built.variables.map(({ key, value }) => [key, value]) : []);
}

test('expansion', () => {
  const lookup = (name: string): string | undefined => (name === 'X' ? '7' : undefined);
  const cases = {
    'a$(X)b': 'a7b',
    '$$(X)': '$(X)',
    '$(Y)': '$(Y)',
    $: '$',
    '$$$(X)': '$7',
    '$(X': '$(X',
    $X: '$X',
  };
  for (const [text, wanted] of Object.entries(cases)) assert.equal(expand(text, lookup), wanted, text);
});

test('sources override each other in order, and see what came before', () => {
  const view = viewOf({
    envFrom: [{ configMapRef: { name: 'cm' } }, { prefix: 'P_', secretRef: { name: 's' } }],
    env: [
      { name: 'B', value: 'own' },
      { name: 'C', value: '$(A)-$(B)-$(D)' },
      { name: 'D', valueFrom: { secretKeyRef: { name: 's', key: 'A' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      { name: 'MAYBE', valueFrom: { configMapKeyRef: { name: 'none', key: 'k', optional: true } } },
    ],
    resources: { limits: { cpu: '250m' } },
  });
  assert.deepEqual(variables(view), {
    A: '1',
    B: 'own',
    P_A: 'secret',
    C: '1-own-$(D)',
    D: 'secret',
    IP: '10.42.0.5',
    CPU: '250',
  });
});

test('what is missing is told', () => {
  const failure = (container: Partial<Container>): string => {
    const built = buildEnvironment(viewOf(container));
    return built.type === 'failed' ? built.message : 'built';
  };
  const from = (valueFrom: NonNullable<Container['env']>[number]['valueFrom']) =>
    failure({ env: [{ name: 'X', ...(valueFrom === undefined ? {} : { valueFrom }) }] });
  assert.equal(failure({ envFrom: [{ configMapRef: { name: 'no' } }] }), 'configmap "no" not found');
  assert.equal(failure({ envFrom: [{ secretRef: { name: 'no' } }] }), 'secret "no" not found');
  assert.equal(failure({ envFrom: [{ secretRef: { name: 'no', optional: true } }] }), 'built');
  assert.equal(from({ configMapKeyRef: { name: 'cm', key: 'Z' } }), "couldn't find key Z in ConfigMap ns/cm");
  assert.equal(from({ secretKeyRef: { name: 's', key: 'Z' } }), "couldn't find key Z in Secret ns/s");
});

test('services', () => {
  const view = { ...viewOf({}), services: [kubernetes, db] };
  const all = variables(view);
  assert.equal(all['KUBERNETES_SERVICE_HOST'], '10.43.0.1');
  assert.equal(all['MY_DB_PORT_5432_TCP_ADDR'], '10.43.0.7');
  const without = variables({ ...viewOf({}, { enableServiceLinks: false }), services: [kubernetes, db] });
  assert.deepEqual(
    Object.keys(without).filter((name) => name.startsWith('MY_DB')),
    [],
  );
  assert.equal(without['KUBERNETES_SERVICE_PORT_HTTPS'], '443');
  const headless = service('h', 'ns', { clusterIP: 'None', ports: [{ port: 1 }] });
  assert.equal(serviceEnvironment([headless]).size, 0);
});

test('the downward API', () => {
  const view = viewOf({ name: 'a' });
  const value = (fieldPath: string) => fieldValue(view, { fieldPath });
  assert.deepEqual(value("metadata.labels['app']"), { value: 'x' });
  assert.deepEqual(value('metadata.labels'), { value: 'app="x"\nb="q\\""' });
  assert.deepEqual(value('status.podIPs'), { value: '10.42.0.5,fd00::5' });
  assert.deepEqual(value('spec.x'), { error: 'unsupported fieldPath: spec.x' });
  const resource = (name: string, divisor: string) =>
    resourceValue(view, view.container, { resource: name, divisor });
  assert.deepEqual(resource('limits.memory', '1Mi'), { value: '1024' });
  assert.deepEqual(resource('limits.cpu', '0'), { value: '8' });
  assert.deepEqual(resource('requests.cpu', '1'), { value: '0' });
});
