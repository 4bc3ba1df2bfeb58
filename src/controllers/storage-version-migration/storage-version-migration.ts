/**
 * Writes every object of a resource again, without a change, so that all of them lie in the version that is
 * stored today.
 *
 * Inputs: StorageVersionMigrations from the informer, `kinds` (what is served at this moment), the objects
 * from the server itself, page by page. Outputs: the objects, conditions and `resourceVersion` of the
 * migration, `storedVersions` of a CustomResourceDefinition. Invariant: a migration succeeds only when every
 * object that was there at its `resourceVersion` has been written since, or is gone. After a restart it
 * begins anew, which costs reads only: what lies right already is not written.
 */

import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { storageVersionMigrations } from '../../api/groups/storagemigration/storage-version-migration/storage-version-migration.ts';
import { ApiError, isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { ALL_VERBS, type ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { formatTime, timeMs } from '../../api/time/time.ts';
import type { CustomResourceDefinition, StorageVersionMigration } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import { isSettled, migrated, migrating } from './definition-status.ts';
import { begun, cleanedUp, ended, isOfSameResource, isTrue, planMigration, type Outcome } from './plan.ts';

const WORKERS = 5;
const PAGE = 500;
/** Writes that share a flush. */
const TOGETHER = 20;
/** A kind is served a moment after its definition is there. */
const KIND_GRACE_MS = 60_000;
const KIND_RETRY_MS = 2_000;
const TOO_MANY_REQUESTS = 429;

export function storageVersionMigrationController(
  kinds: () => readonly ResourceDefinition[],
): ControllerDefinition {
  const group = 'storagemigration.k8s.io';
  return {
    name: 'storage-version-migrator-controller',
    permissions: [
      { apiGroups: [group], resources: ['storageversionmigrations'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [group], resources: ['storageversionmigrations/status'], verbs: ['update'] },
      {
        apiGroups: ['apiextensions.k8s.io'],
        resources: ['customresourcedefinitions/status'],
        verbs: ['update'],
      },
      { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'patch'] },
    ],
    workers: WORKERS,
    build: (context, enqueue) => new MigrationReconciler(context, enqueue, kinds),
  };
}

class MigrationReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #kinds: () => readonly ResourceDefinition[];
  readonly #migrations: Informer<StorageVersionMigration>;
  /** By the resource, since of its migrations one runs at a time. */
  readonly #ownWrites: OwnWrites<StorageVersionMigration>;

  constructor(context: ControllerContext, enqueue: Enqueue, kinds: () => readonly ResourceDefinition[]) {
    this.#context = context;
    this.#kinds = kinds;
    this.#migrations = context.informers.of(storageVersionMigrations);
    this.#ownWrites = new OwnWrites(this.#migrations, context.clock);
    this.#migrations.subscribe((next, old, key) => {
      enqueue(key);
      // One that ends lets the next one begin.
      const changed = next ?? old;
      for (const other of this.#migrations.list()) {
        if (changed !== undefined && isOfSameResource(other, changed)) enqueue(other.metadata.name ?? '');
      }
    });
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const migration = this.#migrations.getByKey(name);
    if (migration === undefined) return {};
    switch (planMigration(migration, this.#migrations.list())) {
      case 'none':
      case 'wait':
        return {};
      case 'begin':
        // One that was begun a moment ago may not show yet.
        if (!this.#ownWrites.caughtUp(resourceKey(migration))) return { requeueAfterMs: CATCH_UP_MS };
        await this.#changeDefinition(migration, (definition) => migrating(definition, name, this.#now()));
        await this.#write(begun(migration, this.#now()));
        return {};
      case 'note-version':
        return this.#noteVersion(migration);
      case 'migrate':
        await this.#migrate(migration, signal);
        return {};
      case 'clean-up':
        await this.#changeDefinition(migration, (definition) =>
          isSettled(definition)
            ? definition
            : migrated(definition, isTrue(migration, 'Succeeded'), this.#now()),
        );
        await this.#write(cleanedUp(migration));
        return {};
    }
  }

  async #noteVersion(migration: StorageVersionMigration): Promise<ReconcileResult> {
    const type = this.#kindOf(migration);
    if (type === undefined) return this.#missKind(migration);
    const { resourceVersion } = await this.#context.client.list(type, { limit: 1 });
    await this.#write({ ...migration, status: { ...migration.status, resourceVersion } });
    return {};
  }

  async #missKind(migration: StorageVersionMigration): Promise<ReconcileResult> {
    const { creationTimestamp } = migration.metadata;
    const ageMs =
      this.#context.clock.now() - (creationTimestamp === undefined ? 0 : timeMs(creationTimestamp));
    if (ageMs < KIND_GRACE_MS) return { requeueAfterMs: KIND_RETRY_MS };
    await this.#end(migration, 'Failed', 'resource does not exist in discovery');
    return {};
  }

  async #migrate(migration: StorageVersionMigration, signal: AbortSignal): Promise<void> {
    const type = this.#kindOf(migration);
    if (type === undefined) return this.#end(migration, 'Failed', 'resource not found');
    const { client } = this.#context;
    let next: string | undefined;
    do {
      const page = await client.list(type, {
        limit: PAGE,
        ...(next === undefined ? {} : { continue: next }),
      });
      for (let at = 0; at < page.items.length; at += TOGETHER) {
        // Whoever takes over begins anew.
        if (signal.aborted) return;
        const some = page.items.slice(at, at + TOGETHER);
        const results = await Promise.all(some.map((object) => this.#rewrite(type, object)));
        if (results.includes(false)) {
          return this.#end(migration, 'Failed', 'migration encountered unhandled error');
        }
      }
      next = page.continue;
    } while (next !== undefined && next !== '');
    await this.#end(migration, 'Succeeded', '');
  }

  /** False when it can never be written. Throws for what may pass. */
  async #rewrite(type: ResourceDefinition, { metadata }: KubernetesObject): Promise<boolean> {
    const { namespace, name = '', uid = '', resourceVersion = '' } = metadata;
    try {
      const body = { metadata: { uid, resourceVersion } };
      await this.#context.client.patch(type, { namespace, name }, { type: 'merge', body });
      return true;
    } catch (error) {
      // Written by somebody else since, or gone.
      if (isApiError(error, 'Conflict') || isApiError(error, 'NotFound')) return true;
      if (!(error instanceof ApiError) || error.code >= 500 || error.code === TOO_MANY_REQUESTS) throw error;
      const { logger } = this.#context;
      logger.warn(`${type.plural} ${namespace ?? ''}/${name} could not be migrated: ${error.message}`, {
        error,
      });
      return false;
    }
  }

  /** The stored version, when it is served. */
  #kindOf({ spec: { resource } }: StorageVersionMigration): ResourceDefinition | undefined {
    const all = this.#kinds().filter(
      ({ group, plural, verbs = ALL_VERBS }) =>
        group === resource.group &&
        plural === resource.resource &&
        verbs.includes('list') &&
        verbs.includes('patch'),
    );
    return all.find(({ isOtherVersion }) => isOtherVersion !== true) ?? all[0];
  }

  async #changeDefinition(
    { spec: { resource } }: StorageVersionMigration,
    change: (definition: CustomResourceDefinition) => CustomResourceDefinition,
  ): Promise<void> {
    const { client } = this.#context;
    try {
      const name = `${resource.resource}.${resource.group}`;
      const current = await client.get(customResourceDefinitions, { name });
      const next = change(current);
      if (next !== current) await client.update(customResourceDefinitions, next, { subresource: 'status' });
    } catch (error) {
      // Most kinds are built in.
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  #end(migration: StorageVersionMigration, outcome: Outcome, message: string): Promise<void> {
    return this.#write(ended(migration, outcome, message, this.#now()));
  }

  async #write(migration: StorageVersionMigration): Promise<void> {
    const { client } = this.#context;
    try {
      const written = await client.update(storageVersionMigrations, migration, { subresource: 'status' });
      this.#ownWrites.wrote(resourceKey(migration), written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  #now(): string {
    return formatTime(this.#context.clock.now());
  }
}

function resourceKey({ spec: { resource } }: StorageVersionMigration): string {
  return `${resource.group}/${resource.resource}`;
}
