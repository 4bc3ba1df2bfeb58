/**
 * Writes to the store: create, update and patch of objects and their `status`, each through the same stages:
 * decode → admit (mutate) → default → prepare → validate → admit (validate) → commit.
 *
 * Invariants: the stored object is normalised and valid; nothing is written unless every stage passed; a
 * write whose precondition failed either retries on the fresh object (patches, and updates without a
 * version) or answers 409; a write that changes nothing is not committed and returns the stored object.
 */

import { present } from '../../base/assert.ts';
import { flat } from '../../base/flat-text.ts';
import type { FieldError } from '../../api/field/field-error.ts';
import { withoutTolerated } from '../../api/field/later-rule.ts';
import {
  alreadyExistsError,
  badRequestError,
  conflictError,
  invalidError,
  notFoundError,
  STALE_OBJECT,
} from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { generatedName } from '../../api/names/names.ts';
import type { Resource } from '../../api/resource.ts';
import type { WriteRequest } from '../../client/client.ts';
import type { Body, RequestContext, Target } from '../../client/operation.ts';
import type { Clock, Random } from '../../host/host.ts';
import type { Change, CommitOutcome, Entry, Precondition, Store } from '../../store/store.ts';
import { NO_CHARGE, type AdmissionChain, type Charge } from '../admission/admission.ts';
import type { Companions } from './companions.ts';
import { admittedNew, admittedUpdate } from './after-admission.ts';
import { createRequest, updateRequest } from './admission-requests.ts';
import { decodeBody, decodeNew } from './decode-body.ts';
import type { FieldOwnership } from './field-ownership.ts';
import { objectStoreKey } from './keys.ts';
import { commitFitting } from './object-size.ts';
import { entryFromStored, oneFromStored, toStored } from './stored-form.ts';
import { isFinished, sameContent, stampNew } from './written-object.ts';
import {
  carrySystemMetadata,
  validateMetadata,
  validateMetadataUpdate,
  withMetadata,
  withoutMetadata,
} from './metadata.ts';
import { withOtherVersions, type Versions } from './other-versions.ts';
import { checkVersionAndUid, requireLastingKind, requireTime } from './before-write.ts';
import { countGeneration, keepForeignParts, prepareUpdate } from './prepare-update.ts';
import { RecentParts } from './recent-parts.ts';

/** Upstream's `OptimisticLock` retries of a patch. */
const CONFLICT_RETRIES_MAX = 5;
const NAME_RETRIES_MAX = 8;

export interface WriteParts {
  readonly store: Store<KubernetesObject>;
  readonly admission: AdmissionChain;
  readonly companions: Companions;
  readonly ownership: FieldOwnership;
  /** Every served version, for what managers own in others than that of a request. */
  readonly resources: Versions;
  readonly clock: Clock;
  readonly random: Random;
}

export interface WriteCall {
  /** The stored version. */
  readonly resource: Resource;
  /** The version that the client speaks, when it is another one. */
  readonly served?: Resource | undefined;
  readonly target: Target;
  readonly options: WriteRequest;
  readonly context: RequestContext;
  /**
   * Set by handlers of subresources that judge a change themselves (a binding): spec and status are written
   * as they are given, and the kind's rules for updates do not apply.
   */
  readonly ownRules?: OwnRules;
}

export interface OwnRules {
  readonly countsGeneration: boolean;
  /** Who asked for it was admitted already, with the body that was sent: hooks hear no more of it. */
  readonly isAdmitted?: boolean;
  /**
   * The change is the server's own, known to be sound: it is not validated, and the caller comes to own none of
   * its fields.
   */
  readonly isServers?: boolean;
}

export interface Written {
  readonly object: KubernetesObject;
  readonly created: boolean;
}

/**
 * What the caller wants stored in place of `old`; throws `ApiError` to refuse. Runs again after a conflict.
 */
export type NextObject = (old: KubernetesObject) => KubernetesObject | Promise<KubernetesObject>;

export class ObjectWriter {
  readonly #parts: WriteParts;
  readonly #recent = new RecentParts();

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  async create(call: WriteCall, body: Body): Promise<Written> {
    const decoded = this.#recent.withSharedSpec(call.resource, decodeNew(call, body));
    return this.createDecoded(call, decoded, call.target.name);
  }

  /** Creates from an object that is already decoded (create-on-update, apply). */
  async createDecoded(
    call: WriteCall,
    decoded: KubernetesObject,
    pathName = '',
    how: 'create' | 'apply' = 'create',
  ): Promise<Written> {
    const draft = await this.#admitNew(call, this.#placeAndName(call, decoded, pathName), how);
    const { name = '', generateName = '' } = draft.metadata;
    const generates = name === '' && generateName !== '';
    for (let attempt = 1; ; attempt++) {
      const object = generates ? withMetadata(draft, { name: this.#generateName(draft) }) : draft;
      const outcome = await this.#tryCreate(call, object, generates);
      if (outcome.ok) return { object: outcome.object, created: true };
      const name = object.metadata.name ?? '';
      if (!generates || attempt >= NAME_RETRIES_MAX) throw alreadyExistsError(call.resource.subject, name);
    }
  }

  async update(call: WriteCall, body: Body): Promise<Written> {
    const sent = decodeBody(call, body, { stored: this.#current(call)?.value });
    const { resource, target } = call;
    const name = sent.metadata.name ?? '';
    if (name === '') throw badRequestError(`name of the object (${name}) must be set`);
    if (name !== target.name) {
      throw badRequestError(
        `the name of the object (${name}) does not match the name on the URL (${target.name})`,
      );
    }
    const namespace = sent.metadata.namespace ?? '';
    if (namespace !== '' && namespace !== target.namespace) {
      throw badRequestError(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    // What a body leaves out is what the path says.
    const isPlaced = namespace !== '' || !resource.definition.namespaced;
    const decoded = isPlaced ? sent : withMetadata(sent, { namespace: target.namespace });
    const mayCreate = resource.definition.createOnUpdate === true && target.subresource === '';
    if (mayCreate && this.#current(call) === undefined) {
      return this.createDecoded(call, withoutMetadata(decoded, 'resourceVersion', 'uid'), target.name);
    }
    return this.modify(call, () => decoded, 'update');
  }

  /**
   * Reads, lets `change` compute the next object, and writes it; starts over when someone else was faster,
   * unless the next object names a `resourceVersion` of its own.
   */
  async modify(call: WriteCall, change: NextObject, how: 'update' | 'patch' | 'apply'): Promise<Written> {
    for (let attempt = 1; ; attempt++) {
      const stored = this.#current(call);
      if (stored === undefined) throw notFoundError(call.resource.subject, call.target.name);
      const entry = await entryFromStored(call.resource, stored);
      const wanted = await change(entry.value);
      checkVersionAndUid(call, wanted, entry.value);
      const pinned = how === 'update' && (wanted.metadata.resourceVersion ?? '') !== '';
      const next = await this.#prepareUpdate(call, wanted, entry.value, how);
      const isStale = call.resource.stored?.isStale(stored.value) ?? false;
      if (next === entry.value && !isStale) return { object: entry.value, created: false };
      if (call.options.dryRun === true) {
        const request = updateRequest(call, next, entry.value);
        await this.#parts.admission.charged(request, async () => NOTHING_WRITTEN);
        return { object: next, created: false };
      }
      const outcome = await this.#commit(call, next, entry);
      if (outcome.ok) return { object: outcome.object, created: false };
      if (pinned || attempt >= CONFLICT_RETRIES_MAX) {
        throw conflictError(call.resource.subject, call.target.name, STALE_OBJECT);
      }
    }
  }

  #current(call: WriteCall): Entry<KubernetesObject> | undefined {
    return this.#parts.store.get(objectStoreKey(call.resource, call.target.namespace, call.target.name));
  }

  #generateName(object: KubernetesObject): string {
    return generatedName(object.metadata.generateName ?? '', (bound) => this.#parts.random.integer(bound));
  }

  #placeAndName(call: WriteCall, object: KubernetesObject, pathName: string): KubernetesObject {
    const { target, resource } = call;
    const { namespace = '', name = '', resourceVersion = '' } = object.metadata;
    if (resourceVersion !== '')
      throw badRequestError('resourceVersion should not be set on objects to be created');
    if (namespace !== '' && namespace !== target.namespace) {
      throw badRequestError(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    if (pathName !== '' && name !== '' && name !== pathName) {
      throw badRequestError(
        `the name of the object (${name}) does not match the name on the URL (${pathName})`,
      );
    }
    const placed =
      resource.definition.namespaced && namespace === ''
        ? withMetadata(object, { namespace: flat(target.namespace) })
        : object;
    return pathName === '' ? placed : withMetadata(placed, { name: pathName });
  }

  /** What plugins make of it. A name is generated after that, so that they see that there is none. */
  async #admitNew(
    call: WriteCall,
    draft: KubernetesObject,
    how: 'create' | 'apply',
  ): Promise<KubernetesObject> {
    const nowMs = this.#parts.clock.now();
    const { ownership, admission } = this.#parts;
    // What admission and the server add is nobody's.
    const tracked = how === 'create' ? ownership.trackCreate(draft, call, nowMs) : draft;
    requireLastingKind(call, draft);
    const admitted = await admission.mutate(createRequest(call, tracked));
    const own = admitted === tracked ? tracked : admittedNew(call, admitted, tracked);
    return this.#default(call.resource, own);
  }

  async #tryCreate(
    call: WriteCall,
    draft: KubernetesObject,
    isUnnamed: boolean,
  ): Promise<{ ok: true; object: KubernetesObject } | { ok: false }> {
    const { resource, target, options, context } = call;
    const { definition } = resource;
    const nowMs = this.#parts.clock.now();
    const prepare = { nowMs, user: context.user };
    let object = stampNew(resource, draft, this.#parts.random.uuid(), nowMs);
    object = definition.prepareForCreate?.(object, prepare) ?? object;
    const companions = this.#parts.companions.plan(resource, object, undefined);
    object = companions.object;
    this.#validate(call, object, undefined);
    const request = createRequest(call, object, isUnnamed);
    await this.#parts.admission.validate(request);
    const key = objectStoreKey(resource, target.namespace, object.metadata.name ?? '');
    if (options.dryRun === true) {
      await this.#parts.admission.charged(request, async () => NOTHING_WRITTEN);
      return this.#parts.store.get(key) === undefined ? { ok: true, object } : { ok: false };
    }
    const own = { type: 'put', key, value: await toStored(resource, object) } as const;
    const preconditions: Precondition[] = [{ key, modRevision: 0 }, ...companions.preconditions];
    const outcome = await this.#parts.admission.charged(request, (charge) => {
      requireTime(call);
      return commitFitting(
        this.#parts.store,
        [own, ...companions.changes, ...charge.changes],
        [...preconditions, ...charge.preconditions],
      );
    });
    if (outcome.ok) {
      const created = present(outcome.entries[0], 'created entry').value;
      return { ok: true, object: await oneFromStored(resource, created) };
    }
    if (outcome.key === key) return { ok: false };
    // Someone took what the companions had picked (an address): plan again on the fresh state.
    return this.#tryCreate(call, draft, isUnnamed);
  }

  async #prepareUpdate(
    call: WriteCall,
    wanted: KubernetesObject,
    old: KubernetesObject,
    how: 'update' | 'patch' | 'apply',
  ): Promise<KubernetesObject> {
    const { resource, target, context } = call;
    const nowMs = this.#parts.clock.now();
    const alike = this.#recent.withSharedStatus(resource, wanted);
    const carried = carrySystemMetadata(alike, old);
    const metadataErrors = validateMetadataUpdate(carried.metadata, old.metadata);
    if (metadataErrors.length > 0) throw invalidError(resource.kindSubject, target.name, metadataErrors);
    const merged =
      call.ownRules === undefined ? keepForeignParts(resource, target.subresource, carried, old) : carried;
    const isServers = call.ownRules?.isServers === true;
    const tracked = how === 'apply' || isServers ? merged : await this.#track(call, merged, old, nowMs);
    const admitted = await this.#parts.admission.mutate(updateRequest(call, tracked, old));
    const own = admitted === tracked ? tracked : admittedUpdate(call, admitted, old);
    let object = isServers ? own : this.#default(resource, own);
    object = prepareUpdate(resource, target.subresource, object, old, { nowMs, user: context.user });
    if (target.subresource === '' || call.ownRules?.countsGeneration === true) {
      object = countGeneration(resource, object, old);
    }
    const companions = this.#parts.companions.plan(resource, object, old);
    object = companions.object;
    const isUnchanged = sameContent(object, old);
    if (!isServers && !isUnchanged) this.#validate(call, object, old);
    await this.#parts.admission.validate(updateRequest(call, object, old));
    return isUnchanged ? old : object;
  }

  /** Most objects were written in one version only, so that nothing has to be waited for. */
  #track(
    call: WriteCall,
    changed: KubernetesObject,
    old: KubernetesObject,
    nowMs: number,
  ): KubernetesObject | Promise<KubernetesObject> {
    const { ownership, resources } = this.#parts;
    const tracked = withOtherVersions(resources, call.served ?? call.resource, (versionOf) =>
      ownership.trackUpdate(changed, old, call, nowMs, versionOf),
    );
    // As upstream: a write does not fail for that, and what may be wrong is not kept.
    return tracked instanceof Promise
      ? tracked.catch(() => withoutMetadata(changed, 'managedFields'))
      : tracked;
  }

  #default(resource: Resource, object: KubernetesObject): KubernetesObject {
    const defaulted = resource.schema.applyDefaults(object);
    return resource.definition.defaults?.(defaulted) ?? defaulted;
  }

  #validate(call: WriteCall, object: KubernetesObject, old: KubernetesObject | undefined): void {
    const { definition } = call.resource;
    const errors: FieldError[] = [...validateMetadata(call.resource, object)];
    const ofStatus = call.target.subresource === 'status';
    const part = ofStatus ? 'status' : 'object';
    errors.push(...call.resource.schema.validate(object, old, part, call.context.warn));
    if (!ofStatus || old === undefined) {
      const judge = (one = object): readonly FieldError[] => definition.validate?.(one) ?? [];
      errors.push(...withoutTolerated(judge(), () => (old === undefined ? [] : judge(old))));
    }
    if (old === undefined) errors.push(...(definition.validateCreate?.(object) ?? []));
    if (old !== undefined && call.ownRules === undefined) {
      const rule = ofStatus ? definition.validateStatusUpdate : definition.validateUpdate;
      if (rule !== undefined) errors.push(...rule.call(definition, object, old));
    }
    if (errors.length > 0) {
      const name = object.metadata.name ?? object.metadata.generateName ?? '';
      throw invalidError(call.resource.kindSubject, name, errors);
    }
    if (call.target.subresource !== '') return;
    for (const warning of definition.warnings?.(object, old) ?? []) call.context.warn(warning);
  }

  async #commit(
    call: WriteCall,
    next: KubernetesObject,
    entry: Entry<KubernetesObject>,
  ): Promise<{ ok: true; object: KubernetesObject } | { ok: false }> {
    const { resource } = call;
    const companions = this.#parts.companions.plan(resource, next, entry.value);
    const object = companions.object;
    const precondition = { key: entry.key, modRevision: entry.modRevision };
    const own: Change<KubernetesObject> = isFinished(resource, object)
      ? { type: 'delete', key: entry.key }
      : { type: 'put', key: entry.key, value: await toStored(resource, object) };
    const extra =
      own.type === 'delete' ? this.#parts.companions.release(resource, object) : companions.changes;
    const conditions = [precondition, ...(own.type === 'delete' ? [] : companions.preconditions)];
    const commit = (charge: Charge): Promise<CommitOutcome<KubernetesObject>> => {
      requireTime(call);
      return commitFitting(
        this.#parts.store,
        [own, ...extra, ...charge.changes],
        [...conditions, ...charge.preconditions],
      );
    };
    const outcome =
      own.type === 'delete'
        ? await commit(NO_CHARGE)
        : await this.#parts.admission.charged(updateRequest(call, object, entry.value), commit);
    if (!outcome.ok) return { ok: false };
    const written = outcome.entries[0];
    return {
      ok: true,
      object: written === undefined ? object : await oneFromStored(resource, written.value),
    };
  }
}

/** What a dry run commits. */
const NOTHING_WRITTEN: CommitOutcome<KubernetesObject> = { ok: true, revision: 0, entries: [] };
