/**
 * Server-side apply: a manager declares the fields it cares about, the server merges them and keeps account.
 *
 * Input: the live object (none when it is to be created) and the configuration as the client sent it.
 * Output: the merged object, normalised but without defaults, with its `managedFields`; or a conflict (409)
 * that names whose fields would have changed; 400 for one of another kind, 500 for one that does not fit the
 * schema.
 * Invariants: every field of the configuration ends up with the value it has there and owned by the
 * manager; a field that the manager named before and does not name now goes, unless someone else owns it;
 * an apply that changes nothing returns the live object itself. Behaviour of structured-merge-diff and
 * `apimachinery/pkg/util/managedfields`.
 */

import { ApiError, badRequestError } from '../meta/api-error.ts';
import { deepEqual } from '../meta/equal.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { sentText } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { typeProblems } from './declared-type.ts';
import { conflictError } from './conflict.ts';
import { differenceBelow, EMPTY_SET, equalSets, isEmptySet } from './field-set.ts';
import { isObject } from './field-type.ts';
import { fieldsOf } from './fields-of.ts';
import { KUBECTL, withLastApplied, withoutClientSideApply } from './last-applied.ts';
import { identityKey, readManagedFields } from './managed-fields.ts';
import type { ManagedSet, ManagedSets, ManagerIdentity } from './managed-fields.ts';
import { merge } from './merge.ts';
import { prune, transfer, withoutUnowned, type WriteContext } from './ownership.ts';
import { trackChange, withManagedFields, withoutManagedFields } from './track-update.ts';

const BEFORE_FIRST_APPLY = 'before-first-apply';

export interface ApplyRequest extends WriteContext {
  readonly kind: string;
  /** Undefined when the object does not exist. */
  readonly live: KubernetesObject | undefined;
  readonly config: JsonValue;
  readonly manager: string;
  readonly force: boolean;
}

export type Applied =
  | { readonly ok: true; readonly object: KubernetesObject }
  | { readonly ok: false; readonly error: ApiError };

export function applyConfiguration(request: ApplyRequest): Applied {
  const config = readConfig(request);
  if ('error' in config) return { ok: false, error: config.error };
  const { owned: type, zero } = request.schema;
  const live = request.live === undefined ? zero : withoutManagedFields(request.live);
  const sets = setsBefore(request, live, zero);

  const merged = merge(type, live, config.value);
  if (merged.problems.length > 0) {
    return { ok: false, error: untypedError(request, config.value, merged.problems) };
  }
  const { subresource, apiVersion, manager, resetFields } = request;
  const identity: ManagerIdentity = { manager, operation: 'Apply', subresource, apiVersion };
  const self = identityKey(identity);
  const previous = sets.get(self);
  const named = fieldsOf(type, config.value);
  const fields = resetFields === undefined ? named : differenceBelow(named, resetFields);
  const own: ManagedSet = { ...identity, fields, time: previous?.time };
  const withOwn = new Map(sets).set(self, own);
  const pruned = prune(request, merged.value, withOwn, previous?.fields ?? EMPTY_SET);

  const { others, conflicts } = transfer(request, live, pruned, withOwn, self);
  if (conflicts.size > 0 && !request.force) {
    const remaining = manager === KUBECTL ? withoutClientSideApply(request, live, conflicts) : conflicts;
    if (remaining.size > 0) return { ok: false, error: conflictError(remaining) };
  }
  return finish(request, live, pruned, config.value, others, own, previous);
}

function finish(
  request: ApplyRequest,
  live: JsonObject,
  pruned: JsonObject,
  config: JsonObject,
  others: ManagedSets,
  own: ManagedSet,
  previous: ManagedSet | undefined,
): Applied {
  const annotated = request.manager === KUBECTL ? withLastApplied(pruned, config) : pruned;
  const decoded = request.schema.decode(annotated, { isConversion: true });
  if (!decoded.ok) return { ok: false, error: unconvertedError(request, config, decoded.error) };
  const isChanged = !deepEqual(decoded.value, live);
  const object = (isChanged ? decoded.value : live) as unknown as KubernetesObject;
  const named = withoutUnowned(own.fields);
  const isSame = previous !== undefined && equalSets(previous.fields, named);
  // The very same set, whose wire form is known.
  const fields = isSame ? previous.fields : named;
  const isKept = !isChanged && isSame;
  const sets = new Map(others);
  if (!isEmptySet(fields)) {
    sets.set(identityKey(own), { ...own, fields, time: isKept ? previous.time : request.time });
  }
  const current = request.live?.metadata.managedFields;
  const base = !isChanged && request.live !== undefined ? request.live : withEntries(object, current);
  return { ok: true, object: withManagedFields(base, sets, request.live) };
}

/** The entries the object had, so that they can be recognised when they stay as they are. */
function withEntries(
  object: KubernetesObject,
  managedFields: KubernetesObject['metadata']['managedFields'],
): KubernetesObject {
  return managedFields === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, managedFields } };
}

/**
 * Who owned what; on the first apply to an object that nobody kept account of, all of it is one manager's.
 */
function setsBefore(request: ApplyRequest, live: JsonObject, zero: JsonObject): ManagedSets {
  const sets = readManagedFields(request.live?.metadata.managedFields) ?? new Map<string, ManagedSet>();
  if (sets.size > 0 || request.live === undefined) return sets;
  return trackChange(request, zero, live, sets, BEFORE_FIRST_APPLY);
}

function readConfig(request: ApplyRequest): { readonly value: JsonObject } | { readonly error: ApiError } {
  const { config, apiVersion, kind, schema } = request;
  if (!isObject(config)) return { error: badRequestError('an apply configuration must be an object') };
  if (config['kind'] !== kind || config['apiVersion'] !== apiVersion) {
    const sent = gvkText(sentText(config['apiVersion']), sentText(config['kind']));
    return { error: badRequestError(`invalid object type: ${sent}`) };
  }
  const metadata = config['metadata'];
  if (isObject(metadata) && (metadata['managedFields'] ?? undefined) !== undefined) {
    return { error: badRequestError('metadata.managedFields must be nil') };
  }
  const problems = typeProblems(schema.declared, config);
  if (problems.length > 0) return { error: untypedError(request, config, problems) };
  const decoded = schema.decodeSparse(config, { isConversion: true });
  if (!decoded.ok) return { error: unconvertedError(request, config, decoded.error) };
  const unknown = decoded.unknownFields.map((path) => `.${path}: field not declared in schema`);
  return unknown.length > 0 ? { error: untypedError(request, config, unknown) } : { value: decoded.value };
}

/** As Go prints a group, version and kind: `/v1, Kind=Pod`. */
function gvkText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
}

function subjectText({ apiVersion, kind }: ApplyRequest, config: JsonObject): string {
  const metadata = isObject(config['metadata']) ? config['metadata'] : {};
  const name = `${sentText(metadata['namespace'])}/${sentText(metadata['name'])}`;
  return `${name}; ${gvkText(apiVersion, kind)}`;
}

/** Upstream calls both of these its own errors (500), though the client is to blame, and gives no reason. */
function untypedError(request: ApplyRequest, config: JsonObject, problems: readonly string[]): ApiError {
  const what =
    problems.length === 1 ? problems[0] : `errors:\n${problems.map((text) => `  ${text}`).join('\n')}`;
  const text = `failed to create typed patch object (${subjectText(request, config)}): ${what}`;
  return new ApiError(500, '', text);
}

function unconvertedError(request: ApplyRequest, config: JsonObject, why: string): ApiError {
  const head = `failed to convert new object (${subjectText(request, config)}) to proper version`;
  const gvk = gvkText(request.apiVersion, request.kind);
  return new ApiError(500, '', `${head}: unable to convert unstructured object to ${gvk}: ${why}`);
}
