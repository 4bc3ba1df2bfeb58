import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceCIDR } from '../../api/types.gen.ts';
import { GRACE_MS, planServiceCidr } from './plan.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');
const LEFT = '2026-01-01T00:00:00Z';

function cidr(name: string, cidrs: readonly string[], deletionTimestamp?: string): ServiceCIDR {
  const metadata = { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata, spec: { cidrs }, status: {} };
}

test('what becomes of a ServiceCIDR', () => {
  const own = cidr('own', ['10.0.0.0/24'], LEFT);
  const cases: readonly [string, readonly ServiceCIDR[], readonly string[], string][] = [
    ['nothing depends on it', [], [], 'release'],
    ['an address depends on it', [], ['10.0.0.7'], 'block'],
    ['an address of another network', [], ['10.0.1.7', 'fd00::1'], 'release'],
    ['its own first and last belong to nobody', [], ['10.0.0.0', '10.0.0.255'], 'release'],
    ['a larger one contains it', [cidr('other', ['10.0.0.0/16'])], ['10.0.0.7'], 'release'],
    ['an equal one contains it', [cidr('other', ['10.0.0.0/24'])], ['10.0.0.7'], 'release'],
    ['a smaller one has the address', [cidr('other', ['10.0.0.0/28'])], ['10.0.0.7'], 'release'],
    ['a smaller one ends before', [cidr('other', ['10.0.0.0/28'])], ['10.0.0.15'], 'block'],
    ['the other one is leaving too', [cidr('other', ['10.0.0.0/24'], LEFT)], ['10.0.0.7'], 'block'],
  ];
  for (const [what, others, addresses, action] of cases) {
    assert.equal(planServiceCidr(own, [own, ...others], () => addresses, NOW).action, action, what);
  }
});

test('both families have to be cared for', () => {
  const own = cidr('own', ['10.0.0.0/24', 'fd00::/112'], LEFT);
  const other = cidr('other', ['10.0.0.0/16']);
  const plan = (address: string) => planServiceCidr(own, [own, other], () => [address], NOW).action;
  assert.equal(plan('10.0.0.7'), 'release');
  assert.equal(plan('fd00::7'), 'block');
});

test('it waits until everybody has heard of the deletion', () => {
  const own = cidr('own', ['10.0.0.0/24'], LEFT);
  const at = Date.parse(LEFT) + 3_000;
  assert.deepEqual(
    planServiceCidr(own, [own], () => [], at),
    { action: 'wait', ms: GRACE_MS - 3_000 },
  );
  const ahead = cidr('own', ['10.0.0.0/24'], '2026-01-01T09:00:00Z');
  assert.deepEqual(
    planServiceCidr(ahead, [ahead], () => [], NOW),
    { action: 'wait', ms: GRACE_MS },
  );
});
