/** Generated schemas and objects: nothing ends in a 500, what is refused leaves nothing, what is accepted stays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { applyStructuralDefaults } from '../../api/structural/default.ts';
import { prune } from '../../api/structural/prune.ts';
import { additionalOf, itemsOf, type JsonSchema } from '../../api/structural/structural.ts';
import { createCustomFront, type JsonAnswer } from './custom-front.fixture.ts';

const RUNS = { ...games(150), endOnFailure: true };
const NAMES = ['a', 'b', 'c', 'metadata', '__proto__', 'toString', 'a.b'] as const;
const name = fc.constantFrom(...NAMES);

/** What there is at all, be it fitting or not. */
const anything = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonValue>(null, true, 0, 1, -1, 1.5, 2 ** 40, '', 'x', 'long text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record(
    { type: fc.constant('string'), maxLength: fc.constant(3), default: fc.constant('d') },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constant('integer'), minimum: fc.constant(0), default: fc.constant(2) },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('boolean'), nullable: fc.boolean() }),
  fc.record({ type: fc.constant('string'), enum: fc.constant(['x', 'y']) }),
  fc.constant<JsonSchema>({ 'x-kubernetes-int-or-string': true }),
  fc.constant<JsonSchema>({ 'x-kubernetes-preserve-unknown-fields': true }),
);

const RULES = {
  object: ['size(self) >= 0', "!has(self.a) || self.a != 'x'", 'self == oldSelf'],
  array: ['size(self) < 3', 'self == oldSelf'],
} as const;

/** Structural schemas: fields, items, values of maps, resources inside, rules. */
const schema = fc.letrec<{ any: JsonSchema; object: JsonSchema }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    tie('object'),
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('any'),
        'x-kubernetes-validations': fc.constantFrom(...RULES.array).map((rule) => [{ rule }]),
      },
      { requiredKeys: ['type', 'items'] },
    ),
    fc.record({
      type: fc.constant('array'),
      'x-kubernetes-list-type': fc.constantFrom('set', 'atomic'),
      items: fc.constant<JsonSchema>({ type: 'string' }),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('any') }),
    fc.constant<JsonSchema>({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  ),
  object: fc.record(
    {
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a.b'), tie('any'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      required: fc.constantFrom([], [], [], ['a']),
      'x-kubernetes-validations': fc.constantFrom(...RULES.object).map((rule) => [{ rule }]),
    },
    { requiredKeys: ['type', 'properties'] },
  ),
}));

const root = schema.object.map((spec): JsonSchema => ({
  type: 'object',
  properties: { spec, status: spec },
}));

/** What mostly fits the schema. */
function fitting(of: JsonSchema): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 20, arbitrary: fit(of) }, { weight: 1, arbitrary: anything });
}

function fit(of: JsonSchema): fc.Arbitrary<JsonValue> {
  if (of['x-kubernetes-embedded-resource'] === true) {
    return fc.record({
      apiVersion: fc.constantFrom('v1', 'v1', 'a/v1', 'a/v1', 'a/b/c'),
      kind: fc.constant('Pod'),
      metadata: fc.record(
        { name: fc.constantFrom('x', 'x', 'x', 'a/b'), extra: anything },
        { requiredKeys: [] },
      ),
    });
  }
  switch (of.type) {
    case 'string':
      return fc.constantFrom('x', 'y');
    case 'integer':
      return fc.constantFrom(0, 1, 7);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(fitting(itemsOf(of) ?? {}), { maxLength: 2 });
    case 'object': {
      const additional = additionalOf(of);
      if (additional !== undefined && additional !== true) {
        return fc.dictionary(name, fitting(additional), { maxKeys: 2, noNullPrototype: true });
      }
      const properties = Object.entries(of.properties ?? {}).map(
        ([key, below]) => [key, fitting(below)] as const,
      );
      return fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<JsonValue>>, {
        requiredKeys: [...(of.required ?? [])].filter((key) => key in (of.properties ?? {})),
      });
    }
    default:
      return fc.constantFrom<JsonValue>('x', 1);
  }
}

test('pruning and defaults are done when they are done once', () => {
  fc.assert(
    fc.property(root, anything, (of, spec) => {
      const object: JsonObject = { spec };
      const pruned = prune(of, object).value;
      assert.equal(prune(of, pruned).value, pruned);
      const complete = applyStructuralDefaults(of, pruned);
      assert.equal(applyStructuralDefaults(of, complete), complete);
      assert.deepEqual(prune(of, complete).unknownFields, []);
    }),
    RUNS,
  );
});

test('objects of generated kinds, written in every way', async () => {
  const one = root.chain((of) =>
    fc.record({
      of: fc.constant(of),
      specs: fc.array(fitting(of.properties?.['spec'] ?? {}), { minLength: 2, maxLength: 4 }),
      ways: fc.array(fc.constantFrom('PUT', 'merge', 'status', 'apply'), { minLength: 3, maxLength: 3 }),
    }),
  );
  let played = 0;
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(one, async ({ of, specs, ways }) => {
      played++;
      const version = {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: of },
        subresources: { status: {} },
      };
      const front = createCustomFront([version]);
      const [first = null, ...rest] = specs;
      const body = (spec: JsonValue): JsonObject => ({
        apiVersion: 'stable.example.com/v1',
        kind: 'CronTab',
        metadata: { name: 'one' },
        spec,
        status: spec,
      });
      const hold = async (answered: Promise<JsonAnswer>): Promise<JsonAnswer> => {
        const { store } = front.test;
        const before = store.revision;
        const answer = await answered;
        // Upstream takes the blame for what it cannot apply.
        const isUnfit = String(answer.body['message']).startsWith('failed to create typed patch object ');
        assert.ok(answer.status < 500 || isUnfit, JSON.stringify(answer.body));
        if (answer.status >= 400) assert.equal(store.revision, before, 'refused, and written all the same');
        return answer;
      };
      let current = await hold(front.ask('POST', 'default/crontabs', body(first)));
      for (const [i, spec] of rest.entries()) {
        const next = await hold(write(front, ways[i] ?? 'PUT', body(spec)));
        if (next.status < 300) current = next;
      }
      if (current.status >= 300) return;
      accepted++;
      const read = await front.ask('GET', 'default/crontabs/one');
      assert.deepEqual(read.body, current.body, 'what is answered is what is read');
      const again = await hold(front.ask('PUT', 'default/crontabs/one', read.body));
      assert.equal(again.status, 200, JSON.stringify(again.body));
      assert.deepEqual(again.body, read.body, 'and writing it again changes nothing');
    }),
    RUNS,
  );
  assert.ok(accepted > played / 10, `only ${accepted} of ${played} objects were accepted`);
});

function write(
  { ask }: ReturnType<typeof createCustomFront>,
  way: string,
  body: JsonObject,
): Promise<JsonAnswer> {
  const path = 'default/crontabs/one';
  const { metadata: _named, ...patch } = body;
  switch (way) {
    case 'merge':
      return ask('PATCH', path, patch, { contentType: 'application/merge-patch+json' });
    case 'apply':
      return ask('PATCH', path, body, {
        query: '?fieldManager=fuzz&force=true',
        contentType: 'application/apply-patch+yaml',
      });
    case 'status':
      return ask('PUT', `${path}/status`, body);
    default:
      return ask('PUT', path, body);
  }
}
