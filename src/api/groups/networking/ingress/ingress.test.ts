import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { ingresses } from './ingress.ts';

const kind = judge(ingresses);
const WEB: JsonObject = { service: { name: 'web', port: { number: 80 } } };
const rule = (path: JsonObject, host = 'a.example.com'): JsonObject => ({
  host,
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: WEB, ...path }] },
});
const PATH = 'spec.rules[0].http.paths[0]';

const REFUSED: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['a backend for all', { defaultBackend: WEB }, []],
  ['a resource', { defaultBackend: { resource: { kind: 'Bucket', name: 'b' } } }, []],
  ['a wildcard', { rules: [rule({}, '*.example.com')] }, []],
  ['any path of an implementation', { rules: [rule({ pathType: 'ImplementationSpecific', path: '' })] }, []],
  ['nothing', {}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
  [
    'no backend',
    { defaultBackend: {} },
    ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  ],
  [
    'two backends',
    { defaultBackend: { ...WEB, resource: { kind: 'Bucket', name: 'b' } } },
    ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
  ],
  [
    'no port',
    { defaultBackend: { service: { name: 'web' } } },
    ['spec.defaultBackend: Required value: port name or number is required'],
  ],
  [
    'two ports',
    { defaultBackend: { service: { name: 'web', port: { number: 80, name: 'http' } } } },
    ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
  ],
  [
    'a port out of range',
    { defaultBackend: { service: { name: 'web', port: { number: 70000 } } } },
    ['spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'no service',
    { defaultBackend: { service: { port: { number: 80 } } } },
    ['spec.defaultBackend.service.name: Required value'],
  ],
  ['no paths', { rules: [{ http: { paths: [] } }] }, ['spec.rules[0].http.paths: Required value']],
  [
    'no path type',
    { rules: [{ http: { paths: [{ backend: WEB }] } }] },
    [`${PATH}.pathType: Required value: pathType must be specified`],
  ],
  [
    'an unknown path type',
    { rules: [rule({ pathType: 'Regex' })] },
    [
      `${PATH}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
    ],
  ],
  [
    'a relative path',
    { rules: [rule({ path: 'a' })] },
    [`${PATH}.path: Invalid value: "a": must be an absolute path`],
  ],
  [
    'a path with detours',
    { rules: [rule({ path: '/a//b/..' })] },
    [
      `${PATH}.path: Invalid value: "/a//b/..": must not contain '//'`,
      `${PATH}.path: Invalid value: "/a//b/..": cannot end with '/..'`,
    ],
  ],
  [
    'an address for a host',
    { rules: [rule({}, '10.0.0.1')] },
    ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ],
  [
    'a misplaced wildcard',
    { rules: [rule({}, 'a.*.com')] },
    [
      "spec.rules[0].host: Invalid value: \"a.*.com\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
];

test('what is refused', () => {
  for (const [what, spec, errors] of REFUSED) assert.deepEqual(kind.refused({ spec }), errors, what);
});

test('the annotation must not contradict the class', () => {
  const metadata = { name: 'one', annotations: { 'kubernetes.io/ingress.class': 'old' } };
  const spec = { defaultBackend: WEB, ingressClassName: 'new' };
  assert.deepEqual(kind.refused({ metadata, spec }), [
    'annotations.kubernetes.io/ingress.class: Invalid value: "old": must match `ingressClassName` when both are specified',
  ]);
  const bare = kind.complete({ metadata, spec: { defaultBackend: WEB } });
  assert.deepEqual(ingresses.warnings?.(bare, undefined), [
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ]);
  assert.deepEqual(ingresses.warnings?.(bare, bare), []);
});

test('its status', () => {
  const status = (ingress: JsonObject): JsonObject => ({ status: { loadBalancer: { ingress: [ingress] } } });
  const at = 'status.loadBalancer.ingress[0]';
  assert.deepEqual(kind.refusedStatus(status({ ip: '10.0.0.1', hostname: 'a.b' }), {}), []);
  assert.deepEqual(kind.refusedStatus(status({ ip: '10.0.0.01' }), {}), [
    `${at}.ip: Invalid value: "10.0.0.01": must not have leading 0s`,
  ]);
  assert.deepEqual(kind.refusedStatus(status({ ip: '10.0.0.01' }), status({ ip: '10.0.0.01' })), []);
  assert.deepEqual(kind.refusedStatus(status({ hostname: '10.0.0.1' }), {}), [
    `${at}.hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`,
  ]);
});

test('its row', () => {
  const rules = ['a', 'b', 'c', 'd', 'e'].map((host) => rule({}, host));
  const status = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'a.b' }, { ip: '10.0.0.1' }] } };
  const { Age: _age, ...cells } = kind.cells({ spec: { rules, tls: [{}], ingressClassName: 'x' }, status });
  assert.deepEqual(cells, {
    Name: 'one',
    Class: 'x',
    Hosts: 'a,b,c + 2 more...',
    Address: '10.0.0.1,10.0.0.2,a.b',
    Ports: '80, 443',
  });
  const bare = kind.cells({ spec: { defaultBackend: WEB } });
  assert.deepEqual([bare['Class'], bare['Hosts'], bare['Ports']], ['<none>', '*', '80']);
});
