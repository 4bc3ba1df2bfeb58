/** Server-side apply on `scale`: who owns the replicas, seen from both sides. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { hasPath, setOf, type FieldSet } from '../../api/apply/field-set.ts';
import { identityKey, type ManagedSet, type ManagedSets } from '../../api/apply/managed-fields.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Scale } from '../../api/types.gen.ts';
import { createCustomFront } from '../custom-resources/custom-front.fixture.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { toParentEntries, toScaleEntries } from './scale-ownership.ts';
import { scaleHandler } from './scale.ts';

const PLACE = { namespace: 'default', name: 'web' };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
};

interface ScaledKind {
  readonly definition: ResourceDefinition;
  readonly selector: JsonObject;
}

const KINDS: readonly ScaledKind[] = [
  { definition: deployments as unknown as ResourceDefinition, selector: { matchLabels: { app: 'web' } } },
  { definition: replicaSets as unknown as ResourceDefinition, selector: { matchLabels: { app: 'web' } } },
  { definition: statefulSets as unknown as ResourceDefinition, selector: { matchLabels: { app: 'web' } } },
  { definition: replicationControllers as unknown as ResourceDefinition, selector: { app: 'web' } },
];

const scaleConfig = (replicas: number): JsonObject => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'web' },
  spec: { replicas },
});

/** `manager subresource: owns replicas` for each entry. */
function owners({ metadata }: KubernetesObject): readonly string[] {
  return (metadata.managedFields ?? []).map(
    ({ manager, operation, subresource = '', apiVersion, fieldsV1 }) => {
      const spec = (fieldsV1 as JsonObject)['f:spec'] as JsonObject | undefined;
      const has = spec !== undefined && 'f:replicas' in spec;
      return [manager, operation, subresource, apiVersion, has ? 'replicas' : '-'].join(' ');
    },
  );
}

for (const { definition, selector } of KINDS) {
  test(`${definition.kind}: an apply to the scale conflicts, steals by force, and is told apart`, async () => {
    const { client } = createTestPipeline(() => ({ subresources: [scaleHandler(loadBuiltInSchemas())] }));
    const apiVersion =
      definition.group === '' ? definition.version : `${definition.group}/${definition.version}`;
    const body = {
      ...{ apiVersion, kind: definition.kind, metadata: { name: 'web' } },
      spec: { replicas: 2, selector, template },
    };
    await client.patch(definition, PLACE, { type: 'apply', body }, { fieldManager: 'kubectl' });
    const apply = async (replicas: number, fieldManager: string, force = false): Promise<Scale> => {
      const patch = { type: 'apply', body: scaleConfig(replicas) } as const;
      const options = { fieldManager, force, subresource: 'scale' };
      return (await client.patch(definition, PLACE, patch, options)) as unknown as Scale;
    };
    await assert.rejects(apply(3, ''), { code: 422, message: /fieldManager: Required value/ });
    await assert.rejects(apply(3, 'hpa'), {
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
    });
    // The same value is shared.
    await apply(2, 'hpa');
    assert.deepEqual(owners(await client.get(definition, PLACE)), [
      `hpa Apply scale ${apiVersion} replicas`,
      `kubectl Apply  ${apiVersion} replicas`,
    ]);
    const scaled = await apply(3, 'hpa', true);
    assert.deepEqual([scaled.spec, scaled.metadata.managedFields], [{ replicas: 3 }, undefined]);
    const after = await client.get(definition, PLACE);
    assert.deepEqual(owners(after).toSorted(), [
      `hpa Apply scale ${apiVersion} replicas`,
      `kubectl Apply  ${apiVersion} -`,
    ]);
    assert.equal(after.metadata.generation, 2);
    // Who does not name replicas any more does not take them along; who owns them alone still has them.
    await assert.rejects(
      client.patch(definition, PLACE, { type: 'apply', body }, { fieldManager: 'kubectl' }),
      {
        code: 409,
        message: 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale": .spec.replicas',
      },
    );
    const before = after.metadata.resourceVersion;
    await apply(3, 'hpa');
    assert.equal((await client.get(definition, PLACE)).metadata.resourceVersion, before, 'nothing changed');
  });
}

test('a configuration of another kind is refused', async () => {
  const { client } = createTestPipeline(() => ({ subresources: [scaleHandler(loadBuiltInSchemas())] }));
  const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
  await client.create(deployments, { metadata: PLACE, spec });
  const body = { ...scaleConfig(3), kind: 'Deployment' };
  const options = { fieldManager: 'me', subresource: 'scale' };
  await assert.rejects(client.patch(deployments, PLACE, { type: 'apply', body }, options), { code: 400 });
});

test('custom objects, at the path that their definition names', async () => {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const { ask } = createCustomFront([
    {
      ...{ name: 'v1', served: true, storage: true },
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      subresources: { scale: { specReplicasPath: '.spec.size.wanted', statusReplicasPath: '.status.size' } },
    },
  ]);
  const metadata = { name: 'web' };
  const spec = { size: { wanted: 2 }, other: 'x' };
  const made = { apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata, spec };
  assert.equal((await ask('POST', 'default/crontabs', made)).status, 201);
  const apply = (replicas: number, query: string): ReturnType<typeof ask> =>
    ask('PATCH', `default/crontabs/web/scale?fieldManager=me${query}`, scaleConfig(replicas), {
      contentType: 'application/apply-patch+yaml',
    });
  assert.equal((await apply(3, '')).status, 409);
  const forced = await apply(3, '&force=true');
  assert.deepEqual([forced.status, forced.body['spec']], [200, { replicas: 3 }]);
  const { body } = await ask('GET', 'default/crontabs/web');
  assert.deepEqual(body['spec'], { size: { wanted: 3 }, other: 'x' });
  const entries = (body['metadata'] as JsonObject)['managedFields'] as readonly JsonObject[];
  assert.deepEqual(
    entries.map(({ operation, subresource, fieldsV1 }) => [operation, subresource, fieldsV1]),
    [
      ['Apply', 'scale', { 'f:spec': { 'f:size': { 'f:wanted': {} } } }],
      ['Update', undefined, { 'f:spec': { '.': {}, 'f:other': {}, 'f:size': {} } }],
    ],
  );
});

const PATHS: { readonly [apiVersion: string]: readonly string[] } = {
  'apps/v1': ['f:spec', 'f:replicas'],
  'x/v1': ['f:spec', 'f:size'],
  'no-scale/v1': [],
};
const pathOf = (apiVersion: string): readonly string[] | undefined => PATHS[apiVersion];

const set = fc.record({
  manager: fc.constantFrom('a', 'b', 'c'),
  operation: fc.constantFrom('Apply', 'Update'),
  subresource: fc.constantFrom('', 'scale'),
  apiVersion: fc.constantFrom('apps/v1', 'x/v1', 'no-scale/v1', 'gone/v1'),
  fields: fc.constantFrom<FieldSet>(
    setOf([['f:spec', 'f:replicas']]),
    setOf([['f:spec', 'f:size']]),
    setOf([['f:spec', 'f:replicas'], ['f:spec', 'f:template']]),
    setOf([['f:spec', 'f:template']]),
  ),
  time: fc.constant(undefined),
}); // prettier-ignore

const byKey = (sets: readonly ManagedSet[]): ManagedSets =>
  new Map(sets.map((one) => [identityKey(one), one]));

test('what nobody touched in the scale comes back as it was; who lost the replicas keeps the rest', () => {
  fc.assert(
    fc.property(fc.array(set as fc.Arbitrary<ManagedSet>, { maxLength: 5 }), (all) => {
      const parent = byKey(all);
      const shown = toScaleEntries(parent, pathOf);
      const known = [...parent].filter(([, { apiVersion }]) => pathOf(apiVersion) !== undefined);
      assert.deepEqual(toParentEntries(parent, shown, 'apps/v1', pathOf), new Map(known));
      const stolen = toParentEntries(parent, new Map(), 'apps/v1', pathOf);
      for (const [key, { apiVersion, fields }] of stolen) {
        const path = pathOf(apiVersion) ?? [];
        assert.equal(path.length > 0 && hasPath(fields, path), false, key);
      }
      const hasTemplate = (sets: Iterable<readonly [string, ManagedSet]>): readonly string[] =>
        [...sets].filter(([, { fields }]) => hasPath(fields, ['f:spec', 'f:template'])).map(([key]) => key);
      assert.deepEqual(hasTemplate(stolen), hasTemplate(known));
    }),
    games(),
  );
});
