import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../judge.fixture.ts';
import { ipAddresses } from '../ip-address/ip-address.ts';
import { serviceCidrs } from './service-cidr.ts';

const kind = judge(serviceCidrs);
const of = (...cidrs: string[]) => ({ spec: { cidrs } });

test('which networks are refused', () => {
  const cases: readonly [string[], readonly string[]][] = [
    [['10.0.0.0/8'], []],
    [['10.0.0.0/8', '2001:db8::/64'], []],
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/8', '11.0.0.0/8'],
      [
        'spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [
      ['2001:DB8::/64'],
      ['spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")'],
    ],
    [
      ['10.0.0.0'],
      [
        'spec.cidrs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
  ];
  for (const [cidrs, errors] of cases) assert.deepEqual(kind.refused(of(...cidrs)), errors, String(cidrs));
});

test('a second family may join, nothing else may change', () => {
  const old = of('10.0.0.0/8');
  assert.deepEqual(kind.refusedUpdate(of('10.0.0.0/8', '2001:db8::/64'), old), []);
  assert.deepEqual(kind.refusedUpdate(of('11.0.0.0/8', '2001:db8::/64'), old), [
    'spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable',
  ]);
  assert.deepEqual(kind.refusedUpdate(old, of('10.0.0.0/8', '2001:db8::/64')), [
    'spec.cidrs: Invalid value: ["10.0.0.0/8"]: field is immutable',
  ]);
});

test('IPAddress: named after itself, held by something', () => {
  const address = judge(ipAddresses);
  const parentRef = { resource: 'services', namespace: 'default', name: 'web' };
  const json = { metadata: { name: '10.0.0.1' }, spec: { parentRef } };
  assert.deepEqual(address.refused(json), []);
  assert.equal(address.cells(json)['ParentRef'], 'services/default/web');
  const foreign = { group: 'acme.io', resource: 'widgets', name: 'one' };
  assert.equal(address.cells({ spec: { parentRef: foreign } })['ParentRef'], 'widgets.acme.io/one');
  assert.deepEqual(address.refused({ ...json, metadata: { name: 'FE80::1' } }), [
    'metadata.name: Invalid value: "FE80::1": must be in canonical form ("fe80::1")',
  ]);
  assert.deepEqual(address.refused({ ...json, spec: {} }), ['spec.parentRef: Required value']);
  assert.deepEqual(address.refusedUpdate({ ...json, spec: { parentRef: foreign } }, json), [
    'spec.parentRef: Invalid value: {"group":"acme.io","resource":"widgets","name":"one"}: field is immutable',
  ]);
});
