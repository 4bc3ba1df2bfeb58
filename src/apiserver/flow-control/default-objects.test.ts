import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { priorityLevelConfigurations } from '../../api/groups/flowcontrol/priority-level-configuration/priority-level-configuration.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { AUTO_UPDATE_ANNOTATION, DEFAULT_FLOW_SCHEMAS, DEFAULT_PRIORITY_LEVELS } from './default-objects.ts';

test('every default object is valid, and complete as it stands', async () => {
  const { client } = createTestPipeline();
  const annotations = { [AUTO_UPDATE_ANNOTATION]: 'true' };
  for (const { name, spec } of DEFAULT_PRIORITY_LEVELS) {
    const made = await client.create(priorityLevelConfigurations, { metadata: { name, annotations }, spec });
    assert.deepEqual(made.spec, spec, name);
  }
  for (const { name, spec } of DEFAULT_FLOW_SCHEMAS) {
    const made = await client.create(flowSchemas, { metadata: { name, annotations }, spec });
    assert.deepEqual(made.spec, spec, name);
  }
});

test('every schema leads to a level, and every level is used', () => {
  const levels = DEFAULT_PRIORITY_LEVELS.map(({ name }) => name);
  const used = DEFAULT_FLOW_SCHEMAS.map(({ spec }) => spec.priorityLevelConfiguration.name);
  assert.deepEqual([...new Set(used)].toSorted(), levels.toSorted());
});
