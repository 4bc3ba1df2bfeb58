import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../api/schema/schema.ts';
import { chooseStage, delayOf } from './choose.ts';
import { compileStage, type CompiledStage } from './compile.ts';
import { changedFinalizers } from './player.ts';
import type { StageSpec } from './stage.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const POD: JsonValue = {
  metadata: {
    labels: { app: 'web' },
    annotations: { delay: '90s', until: '2026-01-01T00:00:07Z', weight: '1000', odd: 'soon' },
  },
  status: { phase: 'Running', restarts: 2 },
};

const outcomeOf = (spec: StageSpec, name = 'one') =>
  compileStage({
    apiVersion: '',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { kind: 'Pod' }, ...spec },
  });

function compiled(spec: StageSpec, name?: string): CompiledStage {
  const outcome = outcomeOf(spec, name);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.problem);
  return outcome.stage;
}

test('which objects a stage is about', () => {
  const phase = (operator: string, ...values: string[]) => ({
    matchExpressions: [{ key: '.status.phase', operator, ...(values.length === 0 ? {} : { values }) }],
  });
  const cases: readonly [StageSpec['selector'], boolean][] = [
    [undefined, false],
    [{}, true],
    [phase('In', 'Pending', 'Running'), true],
    [phase('NotIn', 'Running'), false],
    [phase('Exists'), true],
    [phase('DoesNotExist'), false],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web' }, matchAnnotations: { delay: '1s' } }, false],
    [{ matchExpressions: [{ key: '.status.restarts', operator: 'In', values: ['2'] }] }, true],
    [{ matchExpressions: [{ jq: { key: '.status.nothing', operator: 'DoesNotExist' } }] }, true],
  ];
  for (const [selector, matches] of cases) {
    const spec = selector === undefined ? {} : { selector };
    assert.equal(compiled(spec).matches(POD), matches, JSON.stringify(selector));
  }
});

test('of several, weights decide; nobody without a weight is chosen beside one that has some', () => {
  const stage = (name: string, weight: number, from?: string) =>
    compiled(
      { selector: {}, weight, ...(from === undefined ? {} : { weightFrom: { expressionFrom: from } }) },
      name,
    );
  const counts = (stages: readonly CompiledStage[]) => {
    const found = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const name = chooseStage(stages, POD, String(i))?.name ?? '';
      found.set(name, (found.get(name) ?? 0) + 1);
    }
    return found;
  };
  const even = counts([stage('a', 0), stage('b', 0)]);
  assert.ok((even.get('a') ?? 0) > 400 && (even.get('b') ?? 0) > 400);
  const one = counts([stage('a', 0), stage('b', 1), stage('c', 3)]);
  assert.equal(one.get('a'), undefined);
  assert.ok((one.get('c') ?? 0) > 650 && (one.get('c') ?? 0) < 850);
  const from = counts([stage('a', 1), stage('b', 1, '.metadata.annotations.weight')]);
  assert.ok((from.get('b') ?? 0) > 980);
  assert.equal(chooseStage([], POD, ''), undefined);
});

test('delays: constants, durations and times of the object, and what is drawn between two', () => {
  const delay = (spec: StageSpec['delay']) =>
    delayOf(compiled({ selector: {}, ...(spec === undefined ? {} : { delay: spec }) }), POD, 'x', NOW);
  const from = (name: string) => ({ expressionFrom: `.metadata.annotations.${name}` });
  assert.equal(delay(undefined), 0);
  assert.equal(delay({ durationMilliseconds: 500 }), 500);
  assert.equal(delay({ durationMilliseconds: 500, durationFrom: from('delay') }), 90_000);
  assert.equal(delay({ durationMilliseconds: 500, durationFrom: from('until') }), 7_000);
  assert.equal(delay({ durationMilliseconds: 500, durationFrom: from('odd') }), 500);
  assert.equal(delay({ durationMilliseconds: 500, durationFrom: from('nothing') }), 500);
  assert.equal(delay({ durationMilliseconds: 500, jitterDurationMilliseconds: 200 }), 200);
  const drawn = delay({ durationMilliseconds: 500, jitterDurationMilliseconds: 900 });
  assert.ok(drawn >= 500 && drawn < 900);
  assert.equal(delay({ durationMilliseconds: 60_000, jitterDurationFrom: from('until') }), 7_000);
});

test('what is not supported is named', () => {
  const cases: readonly [object, string][] = [
    [{ resourceRef: { kind: 'Service' } }, 'stages of v1 Service are not supported, only of Pods and Nodes'],
    [{ next: { statusPatchAs: { username: 'x' } } }, 'the field next.statusPatchAs is not supported'],
    [{ steps: [{ apply: {} }] }, 'the field step.apply is not supported'],
    [{ next: { patches: [{ impersonation: {} }] } }, 'the field patch.impersonation is not supported'],
    [{ next: { patches: [{ type: 'odd' }] } }, 'patches of the type "odd" are not supported'],
    [
      { next: { patches: [{ subresource: 'scale' }] } },
      'patches of the subresource "scale" are not supported',
    ],
    [{ next: { statusTemplate: '{{ env "A" }}' } }, 'the function "env" is not supported'],
    [
      { selector: { matchExpressions: [{ key: '.a', operator: 'Gt' }] } },
      'the operator "Gt" is not supported',
    ],
    [
      { selector: { matchExpressions: [{ cel: { expression: 'true' } }] } },
      'expressions in CEL are not supported in selectors',
    ],
    [{ weightFrom: { cel: {} } }, 'values from expressions in CEL are not supported'],
    [{ delay: { durationFrom: { expressionFrom: 'now' } } }, 'the expression "now" is not supported'],
    [{ future: 1 }, 'the field spec.future is not supported'],
  ];
  for (const [spec, problem] of cases) {
    const outcome = outcomeOf(spec as StageSpec);
    assert.equal(outcome.ok ? 'ok' : outcome.problem, problem);
  }
});

test('finalizers are added, removed and emptied', () => {
  const item = (value: string) => ({ value });
  assert.deepEqual(changedFinalizers(['a', 'b'], { remove: [item('a')], add: [item('b'), item('c')] }), [
    'b',
    'c',
  ]);
  assert.deepEqual(changedFinalizers(['a', 'b'], { empty: true }), []);
  assert.deepEqual(changedFinalizers(['a'], { empty: true, add: [item('c')] }), ['c']);
});
