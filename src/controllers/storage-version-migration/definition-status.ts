/**
 * How a CustomResourceDefinition tells of the migration of its objects. Pure. Once it is through, versions
 * in which nothing lies any more leave `storedVersions`, so that they may be removed; unless the definition
 * changed meanwhile, since then it is not certain what was written last.
 */

import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../api/types.gen.ts';

const TYPE = 'StorageMigrating';

export function migrating(
  definition: CustomResourceDefinition,
  migration: string,
  now: string,
): CustomResourceDefinition {
  return withCondition(definition, 'True', 'MigrationRunning', `Migration ${migration} is running`, now);
}

/** Unlike upstream's, a failed migration takes no version away: objects may still lie in it. */
export function migrated(
  definition: CustomResourceDefinition,
  succeeded: boolean,
  now: string,
): CustomResourceDefinition {
  if (!succeeded)
    return withCondition(definition, 'False', 'MigrationFailed', 'The migration has failed', now);
  const { metadata, spec, status } = definition;
  const running = status.conditions.find(({ type, status: value }) => type === TYPE && value === 'True');
  const isSame =
    running?.observedGeneration !== undefined && running.observedGeneration === metadata.generation;
  const what = isSame
    ? 'and the stored versions have been updated'
    : 'but the stored versions have not been updated due to a generation mismatch';
  const message = `The migration has succeeded ${what}`;
  const said = withCondition(definition, 'False', 'MigrationSucceeded', message, now);
  const storedVersions = spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  return isSame ? { ...said, status: { ...said.status, storedVersions } } : said;
}

/** Whether `migrated` was written already. */
export function isSettled({ status }: CustomResourceDefinition): boolean {
  return !status.conditions.some(({ type, status: value }) => type === TYPE && value === 'True');
}

function withCondition(
  definition: CustomResourceDefinition,
  status: 'True' | 'False',
  reason: string,
  message: string,
  now: string,
): CustomResourceDefinition {
  const { generation } = definition.metadata;
  const condition: CustomResourceDefinitionCondition = {
    type: TYPE,
    status,
    reason,
    message,
    lastTransitionTime: now,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const others = definition.status.conditions.filter(({ type }) => type !== TYPE);
  return { ...definition, status: { ...definition.status, conditions: [...others, condition] } };
}
