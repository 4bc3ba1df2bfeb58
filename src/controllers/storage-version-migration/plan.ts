/**
 * What a StorageVersionMigration does next, and its conditions. Pure. Of those for one resource the oldest
 * runs alone; upstream's `migration-runner-controller`.
 */

import type { Condition, StorageVersionMigration } from '../../api/types.gen.ts';

/** `wait`: for another one of the same resource. */
export type MigrationAction = 'none' | 'wait' | 'begin' | 'note-version' | 'migrate' | 'clean-up';
export type Outcome = 'Succeeded' | 'Failed';

const REASONS: { readonly [outcome in Outcome]: string } = {
  Succeeded: 'StorageVersionMigrationSucceeded',
  Failed: 'StorageVersionMigrationFailed',
};

export function planMigration(
  migration: StorageVersionMigration,
  all: readonly StorageVersionMigration[],
): MigrationAction {
  if (isOver(migration)) return conditionOf(migration, 'Running') === undefined ? 'none' : 'clean-up';
  if (isTrue(migration, 'Running')) {
    return (migration.status.resourceVersion ?? '') === '' ? 'note-version' : 'migrate';
  }
  const rivals = all.filter((other) => isOfSameResource(other, migration) && !isOver(other));
  const isTaken = rivals.some((other) => isTrue(other, 'Running'));
  const [first] = rivals.toSorted(byAge);
  return !isTaken && first?.metadata.name === migration.metadata.name ? 'begin' : 'wait';
}

export function isOfSameResource(a: StorageVersionMigration, b: StorageVersionMigration): boolean {
  return (
    a.spec.resource.group === b.spec.resource.group && a.spec.resource.resource === b.spec.resource.resource
  );
}

export function isOver(migration: StorageVersionMigration): boolean {
  return isTrue(migration, 'Succeeded') || isTrue(migration, 'Failed');
}

export function begun(migration: StorageVersionMigration, now: string): StorageVersionMigration {
  const running = { reason: 'MigrationRunning', message: 'The migration is running' };
  return withCondition(migration, { type: 'Running', status: 'True', ...running, lastTransitionTime: now });
}

export function ended(
  migration: StorageVersionMigration,
  outcome: Outcome,
  message: string,
  now: string,
): StorageVersionMigration {
  const running = conditionOf(migration, 'Running');
  const stopped =
    running === undefined ? migration : withCondition(migration, { ...running, status: 'False' });
  const condition = { type: outcome, status: 'True', reason: REASONS[outcome], message };
  return withCondition(stopped, { ...condition, lastTransitionTime: now });
}

export function cleanedUp(migration: StorageVersionMigration): StorageVersionMigration {
  const { conditions = [] } = migration.status;
  const left = conditions.filter(({ type }) => type !== 'Running');
  return { ...migration, status: { ...migration.status, conditions: left } };
}

export function isTrue(migration: StorageVersionMigration, type: string): boolean {
  return conditionOf(migration, type)?.status === 'True';
}

function conditionOf({ status }: StorageVersionMigration, type: string): Condition | undefined {
  return (status.conditions ?? []).find((condition) => condition.type === type);
}

function withCondition(migration: StorageVersionMigration, condition: Condition): StorageVersionMigration {
  const { conditions = [] } = migration.status;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return { ...migration, status: { ...migration.status, conditions: [...others, condition] } };
}

function byAge({ metadata: a }: StorageVersionMigration, { metadata: b }: StorageVersionMigration): number {
  const [ageA, ageB] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}
