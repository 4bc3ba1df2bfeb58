/**
 * `scale` of every kind that has replicas: one small object (autoscaling/v1 Scale) in place of many kinds.
 * Where replicas and selector lie is data of the kind's definition.
 */

import { formatTime } from '../../api/time/time.ts';
import { applyConfiguration } from '../../api/apply/apply.ts';
import { fieldStep } from '../../api/apply/field-set.ts';
import { readManagedFields, writeManagedFields, type ManagedSets } from '../../api/apply/managed-fields.ts';
import { fromLabelMap, fromLabelSelector, selectorText, type LabelMap } from '../../api/labels/selector.ts';
import { invalid } from '../../api/field/field-error.ts';
import { badRequestError, invalidError, methodNotAllowedError } from '../../api/meta/api-error.ts';
import { parseApiVersion, type KubernetesObject } from '../../api/meta/object.ts';
import { objectSchemaOf } from '../../api/object-schema.ts';
import type { ScalePaths } from '../../api/meta/resource-definition.ts';
import type { Resource } from '../../api/resource.ts';
import { present } from '../../base/assert.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import type { Patched } from '../../api/patch/patch.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { LabelSelector, ManagedFieldsEntry, Scale } from '../../api/types.gen.ts';
import { stepsOf } from '../../api/structural/scale.ts';
import type { PatchRequest } from '../../client/client.ts';
import type { Outcome, PatchBody } from '../../client/operation.ts';
import { updateRequest } from '../registry/admission-requests.ts';
import { requireManager } from '../registry/apply.ts';

import { decodingOfPatched, requireReadable } from '../registry/patch-refusal.ts';
import { getObject } from '../registry/read.ts';
import type { WriteCall } from '../registry/write.ts';
import { emptyReplicasError, noReplicasError, readCustomScale, type ScaleParts } from './custom-scale.ts';
import {
  SCALE_API_VERSION,
  toParentEntries,
  toScaleEntries,
  type ReplicasPathOf,
} from './scale-ownership.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { bodyType, decodeAs, type BodyType, type Schemas } from './subresource-body.ts';

export function scaleHandler(schemas: Schemas): SubresourceHandler {
  const type = bodyType(schemas, 'autoscaling', 'v1', 'Scale');
  return { path: '*/scale', group: '*', handle: (call) => handle(type, call) };
}

async function handle(type: BodyType, call: SubresourceCall): Promise<Outcome> {
  const { operation, resource, parts } = call;
  switch (operation.verb) {
    case 'get': {
      const version = operation.resourceVersion ?? '';
      const object = await getObject(parts.store, resource, operation.target, version);
      if (saysNoReplicas(resource, object)) throw noReplicasError(paths(resource));
      return answer(resource, object);
    }
    case 'update': {
      const scale = decodeAs<Scale>(type, operation.body, call);
      const { name = '' } = scale.metadata;
      if (name !== operation.target.name) {
        const where = `the name on the URL (${operation.target.name})`;
        throw badRequestError(`the name of the object (${name}) does not match ${where}`);
      }
      return write(call, type, () => scale, 'update');
    }
    case 'patch': {
      const { patch } = operation;
      const mode = operation.options.fieldValidation ?? 'Warn';
      if (patch.type === 'apply') {
        requireReadable(patch, mode);
        return write(call, type, applied(type, call, patch.body), 'apply');
      }
      const patched = (current: Scale): Scale => {
        requireReadable(patch, mode);
        const { value: json, literals } = applyPatch(patch, current);
        const decoding = decodingOfPatched(patch, current as unknown as JsonValue, json, literals);
        return decodeAs<Scale>(type, { json, duplicateFields: [] }, call, decoding);
      };
      return write(call, type, patched, 'patch');
    }
    default:
      throw methodNotAllowedError(resource.subject, operation.verb);
  }
}

async function write(
  call: SubresourceCall,
  { group, version, kind }: BodyType,
  wanted: (current: Scale) => Scale,
  how: 'update' | 'patch' | 'apply',
): Promise<Outcome> {
  const { operation, resource, context } = call;
  if (operation.verb !== 'update' && operation.verb !== 'patch') {
    throw methodNotAllowedError(resource.subject, operation.verb);
  }
  const { target, options } = operation;
  const ownRules = { countsGeneration: true, isAdmitted: true };
  const write: WriteCall = { resource, target, options, context, ownRules };
  const next = async (old: KubernetesObject): Promise<KubernetesObject> => {
    const isUnset = saysNoReplicas(resource, old);
    const owners = how === 'apply' ? scaleOwners(call, old) : undefined;
    const current = withOwners(scaleOf(resource, old), owners?.shown);
    const asked = wanted(isUnset ? { ...current, spec: { replicas: UNSET } } : current);
    if (isUnset && asked.spec.replicas === UNSET) throw emptyReplicasError(paths(resource));
    const scale = await call.parts.admission.admitOther({
      ...updateRequest(write, asked, current),
      isInternal: false,
      body: { kind: { group, version, kind }, object: asked, oldObject: current },
    });
    const { replicas = 0 } = scale.spec;
    // Custom objects are judged as a whole, by their own rules.
    if (replicas < 0 && !isCustom(resource)) {
      const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
      throw invalidError({ group: 'autoscaling', resource: 'Scale' }, target.name, [error]);
    }
    const changed = setAt(old as unknown as JsonObject, stepsOf(paths(resource).specReplicas), replicas);
    const { resourceVersion = '', uid = '' } = scale.metadata;
    const metadata = { ...old.metadata, resourceVersion, ...(uid === '' ? {} : { uid }) };
    const next = { ...(changed as unknown as KubernetesObject), metadata };
    return withOwners(next, owners?.after(scale));
  };
  const { object } = await call.writer.modify(write, next, how);
  return answer(resource, object);
}

/** What an apply makes of the scale; its owners come along in `managedFields`. */
function applied(type: BodyType, call: SubresourceCall, config: JsonValue): (current: Scale) => Scale {
  const { operation, parts } = call;
  const options: PatchRequest = operation.verb === 'patch' ? operation.options : {};
  const manager = requireManager(options);
  return (current) => {
    const outcome = applyConfiguration({
      schema: objectSchemaOf(type.schema),
      kind: type.kind,
      apiVersion: SCALE_API_VERSION,
      subresource: 'scale',
      time: formatTime(parts.clock.now()),
      live: current as unknown as KubernetesObject,
      config: config ?? {},
      manager,
      force: options.force ?? false,
    });
    if (!outcome.ok) throw outcome.error;
    return decodeAs<Scale>(
      type,
      { json: outcome.object as unknown as JsonObject, duplicateFields: [] },
      call,
    );
  };
}

interface ScaleOwners {
  /** As the scale shows them. */
  readonly shown: readonly ManagedFieldsEntry[];
  after(scale: Scale): readonly ManagedFieldsEntry[];
}

function scaleOwners({ resource, parts }: SubresourceCall, old: KubernetesObject): ScaleOwners {
  const parent: ManagedSets = readManagedFields(old.metadata.managedFields) ?? new Map();
  const pathOf: ReplicasPathOf = (apiVersion) => {
    const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
    const found = parts.resources.find(group, version, resource.definition.plural);
    if (found === undefined) return undefined;
    const { scale } = found.definition;
    return scale === undefined ? [] : stepsOf(scale.specReplicas).map(fieldStep);
  };
  return {
    shown: writeManagedFields(toScaleEntries(parent, pathOf)),
    after: ({ metadata }) => {
      const sets: ManagedSets = readManagedFields(metadata.managedFields) ?? new Map();
      return writeManagedFields(toParentEntries(parent, sets, resource.apiVersion, pathOf));
    },
  };
}

/** The object as it is where nothing is said about owners. */
function withOwners<T extends KubernetesObject | Scale>(
  object: T,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
): T {
  if (managedFields === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** Stands for replicas that an object says nothing about, so that a patch that says nothing either is told. */
const UNSET = -(2 ** 31);

function isCustom({ stored }: Resource): boolean {
  return stored !== undefined;
}

function saysNoReplicas(resource: Resource, object: KubernetesObject): boolean {
  if (!isCustom(resource)) return false;
  return readCustomScale(paths(resource), object as unknown as JsonObject).specReplicas === undefined;
}

function applyPatch(patch: PatchBody, current: Scale): Extract<Patched, { ok: true }> {
  const json = current as unknown as JsonObject;
  // A Scale has no lists to merge by key, so the other kinds of patches all read as merge patches.
  const outcome =
    patch.type === 'json'
      ? applyJsonPatch(json, patch.body, patch.literals)
      : applyMergePatch(json, patch.body ?? {}, patch.type === 'merge' ? patch.literals : undefined);
  if (!outcome.ok) throw outcome.error;
  return outcome;
}

function paths(resource: Resource): ScalePaths {
  return present(resource.definition.scale, `scale paths of ${resource.definition.plural}`);
}

function answer(resource: Resource, object: KubernetesObject): Outcome {
  return { type: 'object', object: scaleOf(resource, object) as unknown as KubernetesObject, created: false };
}

function scaleOf(resource: Resource, object: KubernetesObject): Scale {
  const json = object as unknown as JsonObject;
  const {
    specReplicas = 0,
    statusReplicas,
    selector,
  } = isCustom(resource) ? readCustomScale(paths(resource), json) : readScale(paths(resource), json);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: specReplicas === 0 ? {} : { replicas: specReplicas },
    status: { replicas: statusReplicas, ...(selector === '' ? {} : { selector }) },
  };
}

function readScale(at: ScalePaths, object: JsonObject): ScaleParts {
  const replicas = getAt(object, stepsOf(at.specReplicas));
  const current = getAt(object, stepsOf(at.statusReplicas));
  return {
    specReplicas: typeof replicas === 'number' ? replicas : undefined,
    statusReplicas: typeof current === 'number' ? current : 0,
    selector: at.selector === '' ? '' : selectorTextOf(getAt(object, stepsOf(at.selector))),
  };
}

/** A LabelSelector, a plain map of labels, or already text. */
function selectorTextOf(selector: JsonValue | undefined): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null || Array.isArray(selector)) return '';
  const isStructured = 'matchLabels' in selector || 'matchExpressions' in selector;
  const compiled = isStructured
    ? fromLabelSelector(selector as unknown as LabelSelector)
    : fromLabelMap(selector as unknown as LabelMap);
  return selectorText((compiled ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1)));
}

function getAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}

function setAt(object: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return object;
  if (rest.length === 0) return { ...object, [step]: value };
  const below = object[step];
  const inner =
    typeof below === 'object' && below !== null && !Array.isArray(below) ? (below as JsonObject) : {};
  return { ...object, [step]: setAt(inner, rest, value) };
}
