import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { storageClasses } from './storage-class.ts';

const kind = judge(storageClasses);
const BASE: JsonObject = { provisioner: 'acme.io/disk' };
const topology = (...labels: JsonObject[]): JsonObject => ({
  ...BASE,
  allowedTopologies: labels.map((label) => ({ matchLabelExpressions: [label] })),
});

test('what is defaulted', () => {
  const { reclaimPolicy, volumeBindingMode } = kind.complete(BASE);
  assert.deepEqual([reclaimPolicy, volumeBindingMode], ['Delete', 'Immediate']);
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [{ ...BASE, parameters: { type: 'ssd' } }, []],
  [topology({ key: 'zone', values: ['a'] }, { key: 'zone', values: ['b'] }), []],
  [{}, ['provisioner: Required value']],
  [
    { provisioner: 'a/b/c' },
    [
      `provisioner: Invalid value: "a/b/c": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
  ],
  [{ ...BASE, parameters: { '': 'x' } }, ['parameters: Invalid value: "": field can not be empty.']],
  [
    { ...BASE, parameters: { a: 'x'.repeat(256 * 1024) } },
    ['parameters: Too long: may not be more than 262144 bytes'],
  ],
  [
    { ...BASE, reclaimPolicy: 'Recycle' },
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    { ...BASE, volumeBindingMode: 'Never' },
    ['volumeBindingMode: Unsupported value: "Never": supported values: "Immediate", "WaitForFirstConsumer"'],
  ],
  [
    topology({ key: 'zone', values: [] }),
    ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
  ],
  [
    topology({ key: 'zone', values: ['a', 'b', 'a'] }),
    ['allowedTopologies[0].matchLabelExpressions[0].values[2]: Duplicate value: "a"'],
  ],
  [
    topology({ key: 'zone', values: ['a', 'b'] }, { key: 'zone', values: ['b', 'a'] }),
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) {
    assert.deepEqual(kind.refused(json), errors, JSON.stringify(json).slice(0, 200));
  }
});

test('what may not change', () => {
  const next = {
    provisioner: 'b',
    parameters: { a: 'b' },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  assert.deepEqual(kind.refusedUpdate(next, BASE), [
    'parameters: Forbidden: updates to parameters are forbidden.',
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
  assert.deepEqual(kind.refusedUpdate({ ...BASE, allowVolumeExpansion: true }, BASE), []);
});

test('its row, and a label that has another name', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const { Age: _age, ...cells } = kind.cells({ ...BASE, metadata: { name: 'fast', annotations } });
  assert.deepEqual(cells, {
    Name: 'fast (default)',
    Provisioner: 'acme.io/disk',
    ReclaimPolicy: 'Delete',
    VolumeBindingMode: 'Immediate',
    AllowVolumeExpansion: false,
  });
  const old = kind.complete(topology({ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }));
  assert.deepEqual(storageClasses.warnings?.(old, undefined), [
    'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ]);
});
