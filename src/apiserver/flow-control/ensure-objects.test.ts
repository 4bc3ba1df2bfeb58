import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { flowSchema } from '../../api/groups/flowcontrol/mandatory-objects.ts';
import { priorityLevelConfigurations } from '../../api/groups/flowcontrol/priority-level-configuration/priority-level-configuration.ts';
import type { FlowSchema } from '../../api/types.gen.ts';
import { SharedInformers } from '../../client/informer/shared-informers.ts';
import { silentLogger } from '../../base/log.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { AUTO_UPDATE_ANNOTATION, DEFAULT_FLOW_SCHEMAS, DEFAULT_PRIORITY_LEVELS } from './default-objects.ts';
import { ensureFlowObjects, keepFlowObjects, revise } from './ensure-objects.ts';

const own = flowSchema('own', 'system', 500, 'ByUser', { subjects: [] });
const changed = { ...own.spec, matchingPrecedence: 7 };

function schema(annotation: string | undefined, generation: number, spec = changed): FlowSchema {
  const annotations = annotation === undefined ? {} : { [AUTO_UPDATE_ANNOTATION]: annotation };
  return { metadata: { name: 'own', generation, annotations }, spec, status: {} } as unknown as FlowSchema;
}

type Revised = readonly [annotation: string, precedence: number] | undefined;
const CASES: readonly (readonly [current: FlowSchema, isMandatory: boolean, revised: Revised])[] = [
  [schema('true', 3), false, ['true', 500]],
  [schema('false', 1), false, undefined],
  [schema(undefined, 1), false, ['true', 500]],
  [schema(undefined, 2), false, ['false', 7]],
  [schema('maybe', 2), false, ['false', 7]],
  [schema('true', 1, own.spec), false, undefined],
  [schema('false', 4), true, ['true', 500]],
];

test('what becomes of an object: by its annotation, else by whether anybody changed it', () => {
  for (const [current, isMandatory, revised] of CASES) {
    const next = revise(current, own, isMandatory);
    const seen = next && [next.metadata.annotations?.[AUTO_UPDATE_ANNOTATION], next.spec.matchingPrecedence];
    assert.deepEqual(seen, revised, JSON.stringify(current.metadata));
  }
});

test('every minute: what is gone comes back, what is no longer a default goes, what is ours stays', async () => {
  const { client, host } = createTestPipeline();
  await ensureFlowObjects(client);
  const names = async (): Promise<number[]> => [
    (await client.list(flowSchemas)).items.length,
    (await client.list(priorityLevelConfigurations)).items.length,
  ];
  const all = [DEFAULT_FLOW_SCHEMAS.length, DEFAULT_PRIORITY_LEVELS.length];
  assert.deepEqual(await names(), all);
  const { spec } = flowSchema('x', 'system', 600, 'ByUser', {
    subjects: [{ kind: 'User', user: { name: 'x' } }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
  });
  const annotations = { [AUTO_UPDATE_ANNOTATION]: 'true' };
  await client.create(flowSchemas, { metadata: { name: 'former', annotations }, spec });
  await client.create(flowSchemas, { metadata: { name: 'mine' }, spec });
  await client.delete(flowSchemas, { name: 'probes' });
  await client.delete(priorityLevelConfigurations, { name: 'catch-all' });
  const stop = new AbortController();
  const informers = new SharedInformers({ client, clock: host.clock, logger: silentLogger });
  void keepFlowObjects(client, informers, host.clock, silentLogger, stop.signal);
  informers.start(stop.signal);
  await host.clock.advance('61s');
  stop.abort();
  assert.deepEqual(await names(), [DEFAULT_FLOW_SCHEMAS.length + 1, DEFAULT_PRIORITY_LEVELS.length]);
  await client.get(flowSchemas, { name: 'mine' });
});
