/** `pods/resize`: changes how much CPU and memory the containers of a running pod get, and nothing else. */

import { forbidden, invalid, ROOT_PATH, type FieldError } from '../../api/field/field-error.ts';
import { qosClass } from '../../api/groups/core/pod/quality-of-service.ts';
import { invalidError, methodNotAllowedError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { patchedObject } from '../registry/patch.ts';
import { getObject } from '../registry/read.ts';
import type { WriteCall } from '../registry/write.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';

const SPEC = ROOT_PATH.child('spec');
const MUTABLE: readonly string[] = ['cpu', 'memory'];

export const podResizeHandler: SubresourceHandler = { path: 'pods/resize', group: '', handle };

async function handle({ operation, resource, context, writer, parts }: SubresourceCall): Promise<Outcome> {
  if (operation.verb === 'get') {
    const { target, resourceVersion = '' } = operation;
    const object = await getObject(parts.store, resource, target, resourceVersion);
    return { type: 'object', object, created: false };
  }
  if (operation.verb !== 'update' && operation.verb !== 'patch') {
    throw methodNotAllowedError(resource.subject, operation.verb);
  }
  const { target, options } = operation;
  const write: WriteCall = { resource, target, options, context, ownRules: { countsGeneration: true } };
  const wanted = (old: KubernetesObject): KubernetesObject =>
    operation.verb === 'update'
      ? decodeBody(write, operation.body)
      : patchedObject(write, operation.patch, old);
  const next = (old: KubernetesObject): KubernetesObject => resized(old as Pod, wanted(old) as Pod);
  const { object } = await writer.modify(write, next, operation.verb);
  return { type: 'object', object, created: false };
}

function resized(old: Pod, wanted: Pod): Pod {
  const { initContainers } = old.spec;
  const spec = {
    ...old.spec,
    containers: withResources(old.spec.containers, wanted.spec.containers),
    ...(initContainers === undefined
      ? {}
      : { initContainers: withResources(initContainers, wanted.spec.initContainers ?? []) }),
  };
  const errors = validate(old, wanted, spec);
  if (errors.length > 0) throw invalidError({ group: '', resource: 'Pod' }, old.metadata.name ?? '', errors);
  const { resourceVersion = '' } = wanted.metadata;
  return { ...old, metadata: { ...old.metadata, resourceVersion }, spec };
}

function withResources(old: readonly Container[], wanted: readonly Container[]): readonly Container[] {
  return old.map((container, i) => {
    const after = wanted[i];
    if (after === undefined) return container;
    const { resizePolicy } = after;
    return {
      ...container,
      resources: after.resources,
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

function validate(old: Pod, wanted: Pod, next: Pod['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const before = qosClass(old.spec);
  if (qosClass(next) !== before) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid(SPEC, qosClass(next), detail));
  }
  for (const [i, container] of old.spec.containers.entries()) {
    errors.push(...onlyMutable(i, container.resources, next.containers[i]?.resources ?? {}));
  }
  // What differs beside the resources was not asked for in the right place.
  const { ephemeralContainers: _a, ...rest } = wanted.spec;
  const { ephemeralContainers: _b, ...expected } = next;
  if (!deepEqual(rest, expected)) errors.push(forbidden(SPEC, 'only cpu and memory resources are mutable'));
  return errors;
}

function onlyMutable(i: number, old: ResourceRequirements, next: ResourceRequirements): FieldError[] {
  const path = SPEC.child('containers').index(i).child('resources');
  const errors: FieldError[] = [];
  for (const field of ['limits', 'requests'] as const) {
    const before = old[field] ?? {};
    const after = next[field] ?? {};
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of names) {
      if (before[name] === after[name] || MUTABLE.includes(name)) continue;
      errors.push(forbidden(path.child(field), 'only cpu and memory resources are mutable'));
    }
    const removed = MUTABLE.filter((name) => before[name] !== undefined && after[name] === undefined);
    if (removed.length > 0) errors.push(forbidden(path.child(field), `resource ${field} cannot be removed`));
  }
  return errors;
}
