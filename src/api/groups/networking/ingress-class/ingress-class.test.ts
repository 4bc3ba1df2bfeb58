import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { ingressClasses } from './ingress-class.ts';

const kind = judge(ingressClasses);
const withParameters = (parameters: JsonObject): JsonObject => ({ controller: 'a.io/b', parameters });

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [{ controller: 'acme.io/foo' }, []],
  [{}, ['spec.controller: Required value']],
  [
    { controller: 'foo' },
    ['spec.controller: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    { controller: 'acme.io/a b' },
    [
      "spec.controller: Invalid value: \"a b\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ],
  ],
  [
    { controller: `acme.io/${'a'.repeat(250)}` },
    ['spec.controller: Too long: may not be more than 250 bytes'],
  ],
  [withParameters({ kind: 'K', name: 'n', scope: 'Namespace', namespace: 'x' }), []],
  [
    withParameters({ kind: 'K', name: 'n', scope: 'Namespace' }),
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    withParameters({ kind: 'K', name: 'n', namespace: 'x' }),
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
  [
    withParameters({ kind: 'K/L', name: '', scope: 'Pod' }),
    [
      'spec.parameters.name: Required value',
      'spec.parameters.kind: Invalid value: "K/L": may not contain \'/\'',
      'spec.parameters.scope: Unsupported value: "Pod": supported values: "Cluster", "Namespace"',
    ],
  ],
];

test('what is defaulted and refused', () => {
  for (const [spec, errors] of REFUSED)
    assert.deepEqual(kind.refused({ spec }), errors, JSON.stringify(spec));
  const { spec } = kind.complete({ spec: withParameters({ kind: 'K', name: 'n' }) });
  assert.equal(spec.parameters?.scope, 'Cluster');
});

test('the controller stays, the parameters may change', () => {
  const old = { spec: { controller: 'a.io/b' } };
  assert.deepEqual(kind.refusedUpdate({ spec: { controller: 'a.io/c' } }, old), [
    'spec.controller: Invalid value: "a.io/c": field is immutable',
  ]);
  assert.deepEqual(kind.refusedUpdate({ spec: withParameters({ kind: 'K', name: 'n' }) }, old), []);
});

test('its row', () => {
  const spec = withParameters({ apiGroup: 'a.io', kind: 'K', name: 'n' });
  assert.equal(kind.cells({ spec })['Parameters'], 'K.a.io/n');
  assert.equal(kind.cells({ spec: { controller: 'a.io/b' } })['Parameters'], '<none>');
});
