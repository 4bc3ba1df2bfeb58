import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Service } from '../api/types.gen.ts';
import { renderDifference, renderTable } from './render.ts';
import { emptyRules, MARK_BASE, planRules } from './rules.ts';
import { servicePorts } from './service-ports.ts';

const OPTIONS = { table: 'k8ts', podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' };

function service(spec: Partial<Service['spec']>): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name: 'web' },
    spec: {
      clusterIP: '10.43.0.9',
      clusterIPs: ['10.43.0.9'],
      ports: [{ port: 80, protocol: 'TCP' }],
      ...spec,
    },
    status: { loadBalancer: {} },
  };
}

function slice(...endpoints: NonNullable<EndpointSlice['endpoints']>): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
  };
}

const READY = { ready: true, serving: true, terminating: false };

test('a cluster IP with two endpoints becomes three elements', () => {
  const ports = servicePorts(
    service({}),
    [slice({ addresses: ['10.42.0.6'], conditions: READY }, { addresses: ['10.42.0.5'], conditions: READY })],
    'node-1',
  );
  const rules = planRules(ports);
  assert.deepEqual([...rules.services], [['10.43.0.9 . tcp . 80', 'goto pick-2']]);
  assert.deepEqual(
    [...rules.endpoints],
    [
      [`10.43.0.9 . tcp . 80 . ${MARK_BASE}`, '10.42.0.5 . 8080'],
      [`10.43.0.9 . tcp . 80 . ${MARK_BASE + 1}`, '10.42.0.6 . 8080'],
    ],
  );
  assert.deepEqual([...rules.counts], [2]);
});

test('a service without endpoints is refused, also on its node port', () => {
  const rules = planRules(
    servicePorts(
      service({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }] }),
      [],
      'n',
    ),
  );
  assert.deepEqual([...rules.unserved.keys()], ['10.43.0.9 . tcp . 80']);
  assert.deepEqual([...rules.unservedNodePorts.keys()], ['tcp . 30080']);
});

test('what no service has at a cluster IP is refused, and does not leave the node', () => {
  const rules = planRules(servicePorts(service({}), [], 'n'));
  assert.deepEqual([...rules.clusterIps.keys()], ['10.43.0.9']);
  const script = renderTable(OPTIONS, rules);
  assert.match(script, /add element ip k8ts cluster-ips \{ 10\.43\.0\.9 \}/);
  assert.match(script, /ip daddr @cluster-ips reject\n +drop/);
  assert.match(script, /ip daddr 10\.43\.0\.0\/16 fib daddr type != local jump refuse-unknown/);
});

test('external policy Local keeps the source and uses endpoints of this node only', () => {
  const ports = servicePorts(
    service({
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
    }),
    [
      slice(
        { addresses: ['10.42.0.5'], conditions: READY, nodeName: 'here' },
        { addresses: ['10.42.1.5'], conditions: READY, nodeName: 'there' },
      ),
    ],
    'here',
  );
  const rules = planRules(ports);
  assert.deepEqual([...rules.nodePortEndpoints.values()], ['10.42.0.5 . 8080']);
  assert.deepEqual([...rules.keepSourceTcp.keys()], ['30080']);
  assert.equal(rules.endpoints.size, 2);
});

test('terminating endpoints serve while no ready one is left', () => {
  const leaving = { ready: false, serving: true, terminating: true };
  const only = servicePorts(service({}), [slice({ addresses: ['10.42.0.5'], conditions: leaving })], 'n');
  assert.equal(only[0]?.internalEndpoints.length, 1);
  const both = servicePorts(
    service({}),
    [
      slice(
        { addresses: ['10.42.0.5'], conditions: leaving },
        { addresses: ['10.42.0.6'], conditions: READY },
      ),
    ],
    'n',
  );
  assert.deepEqual(both[0]?.internalEndpoints, [{ address: '10.42.0.6', port: 8080 }]);
});

test('headless and external-name services have no rules', () => {
  assert.deepEqual(servicePorts(service({ clusterIP: 'None', clusterIPs: ['None'] }), [], 'n'), []);
  assert.deepEqual(servicePorts(service({ type: 'ExternalName', externalName: 'a.example' }), [], 'n'), []);
});

test('the difference names only what changed, and nothing when nothing did', () => {
  const one = planRules(
    servicePorts(service({}), [slice({ addresses: ['10.42.0.5'], conditions: READY })], 'n'),
  );
  const two = planRules(
    servicePorts(service({}), [slice({ addresses: ['10.42.0.7'], conditions: READY })], 'n'),
  );
  assert.equal(renderDifference(OPTIONS, one, one), '');
  const script = renderDifference(OPTIONS, one, two);
  assert.match(script, /delete element ip k8ts endpoints \{ 10\.43\.0\.9 \. tcp \. 80 \. \d+ \}/);
  assert.match(
    script,
    /add element ip k8ts endpoints \{ 10\.43\.0\.9 \. tcp \. 80 \. \d+ : 10\.42\.0\.7 \. 8080 \}/,
  );
  assert.doesNotMatch(script, /pick-1/);
  assert.match(renderTable(OPTIONS, emptyRules()), /^table ip k8ts\ndelete table ip k8ts\n/);
});

test('affinity gets a chain that remembers clients', () => {
  const ports = servicePorts(
    service({ sessionAffinity: 'ClientIP' }),
    [slice({ addresses: ['10.42.0.5'], conditions: READY })],
    'n',
  );
  const rules = planRules(ports);
  assert.equal(rules.affinity.size, 1);
  assert.match(renderTable(OPTIONS, rules), /flags dynamic,timeout; timeout 10800s/);
});
