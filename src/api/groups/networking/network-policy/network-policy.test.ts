import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { networkPolicies } from './network-policy.ts';

const kind = judge(networkPolicies);
const port = (fields: JsonObject): JsonObject => ({ ingress: [{ ports: [fields] }] });
const to = (peer: JsonObject): JsonObject => ({ egress: [{ to: [peer] }] });
const PORT = 'spec.ingress[0].ports[0]';
const PEER = 'spec.egress[0].to[0]';

test('what is defaulted', () => {
  const types = (spec: JsonObject): unknown => kind.complete({ spec }).spec.policyTypes;
  assert.deepEqual(types({}), ['Ingress']);
  assert.deepEqual(types({ egress: [{}] }), ['Ingress', 'Egress']);
  assert.deepEqual(types({ policyTypes: ['Egress'] }), ['Egress']);
  const { spec } = kind.complete({ spec: port({ port: 80 }) });
  assert.equal(spec.ingress?.[0]?.ports?.[0]?.protocol, 'TCP');
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [port({ port: 80, endPort: 90 }), []],
  [to({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }), []],
  [to({ podSelector: {}, namespaceSelector: {} }), []],
  [
    port({ port: 80, endPort: 70 }),
    [`${PORT}.endPort: Invalid value: 70: must be greater than or equal to \`port\``],
  ],
  [port({ port: 0 }), [`${PORT}.port: Invalid value: 0: must be between 1 and 65535, inclusive`]],
  [
    port({ port: 'http', endPort: 90 }),
    [`${PORT}.endPort: Invalid value: 90: may not be specified when \`port\` is non-numeric`],
  ],
  [
    port({ endPort: 90 }),
    [`${PORT}.endPort: Invalid value: 90: may not be specified when \`port\` is not specified`],
  ],
  [
    port({ protocol: 'ICMP' }),
    [`${PORT}.protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`],
  ],
  [to({}), [`${PEER}: Required value: must specify a peer`]],
  [
    to({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    [`${PEER}: Forbidden: may not specify both ipBlock and another peer`],
  ],
  [to({ ipBlock: { cidr: '' } }), [`${PEER}.ipBlock.cidr: Required value`]],
  [
    to({ ipBlock: { cidr: '10.0.0.1/8' } }),
    [`${PEER}.ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`],
  ],
  [
    to({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8'] } }),
    [
      `${PEER}.ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
      `${PEER}.ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
    ],
  ],
  [
    { policyTypes: ['Ingress', 'Egress', 'Ingress'] },
    [
      'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
    ],
  ],
  [
    { policyTypes: ['Both'] },
    ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Egress", "Ingress"'],
  ],
];

test('what is refused', () => {
  for (const [spec, errors] of REFUSED)
    assert.deepEqual(kind.refused({ spec }), errors, JSON.stringify(spec));
});

test('unusual networks are warned of; its row', () => {
  const policy = kind.complete({ spec: to({ ipBlock: { cidr: '2001:DB8::/32' } }) });
  assert.deepEqual(networkPolicies.warnings?.(policy, undefined), [
    `${PEER}.ipBlock.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")`,
  ]);
  assert.equal(kind.cells({ spec: {} })['Pod-Selector'], '<none>');
  assert.equal(kind.cells({ spec: { podSelector: { matchLabels: { a: 'b' } } } })['Pod-Selector'], 'a=b');
});
