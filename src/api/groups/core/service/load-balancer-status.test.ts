import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { LoadBalancerIngress, Service } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { services } from './service.ts';

const judged = judge(services);
const AT = 'status.loadBalancer.ingress';

function service(ingress: readonly LoadBalancerIngress[] = [], type = 'LoadBalancer'): Draft<Service> {
  const spec = { type, ports: [{ port: 80 }] };
  return { metadata: { name: 's' }, spec, status: { loadBalancer: { ingress } } } as Draft<Service>;
}
const refused = (one: LoadBalancerIngress, old = service()): readonly string[] =>
  judged.refusedStatus(service([one]), old);

test('addresses and names of a load balancer', () => {
  assert.deepEqual(refused({ ip: '10.0.0.1' }), []);
  assert.deepEqual(refused({ ip: '10.0.0.1', ipMode: 'Proxy' }), []);
  assert.deepEqual(refused({ hostname: 'a.example.com' }), []);
  assert.match(
    refused({ ip: '10.0.0' })[0] ?? '',
    /ingress\[0\]\.ip: Invalid value: "10.0.0": must be a valid IP/,
  );
  assert.deepEqual(refused({ hostname: '10.0.0.1' }), [
    `${AT}[0].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`,
  ]);
  assert.deepEqual(refused({ hostname: 'a', ipMode: 'VIP' }), [
    `${AT}[0].ipMode: Forbidden: may not be specified when \`ip\` is not set`,
  ]);
  assert.deepEqual(refused({ ip: '10.0.0.1', ipMode: 'Else' }), [
    `${AT}[0].ipMode: Unsupported value: "Else": supported values: "Proxy", "VIP"`,
  ]);
});

test('only Services of that type have them', () => {
  const other = service([{ ip: '10.0.0.1' }], 'ClusterIP');
  assert.deepEqual(judged.refusedStatus(other, service([], 'ClusterIP')), [
    `${AT}: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`,
  ]);
});

test('an old address may stay, and every address gets a mode', () => {
  const bad = { ip: '010.0.0.1' };
  assert.notDeepEqual(refused(bad), []);
  assert.deepEqual(refused(bad, service([bad])), []);
  assert.equal(
    judged.complete(service([{ ip: '10.0.0.1' }])).status.loadBalancer.ingress?.[0]?.ipMode,
    'VIP',
  );
});
