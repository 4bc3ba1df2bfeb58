/**
 * `pods/ephemeralcontainers`: adds containers to a running pod, for debugging. They can be added, never
 * changed.
 */

import { forbidden, ROOT_PATH, type FieldError } from '../../api/field/field-error.ts';
import { invalidError, methodNotAllowedError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { patchedObject } from '../registry/patch.ts';
import { getObject } from '../registry/read.ts';
import type { WriteCall } from '../registry/write.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';

export const podEphemeralContainersHandler: SubresourceHandler = {
  path: 'pods/ephemeralcontainers',
  group: '',
  handle,
};

async function handle({ operation, resource, context, writer, parts }: SubresourceCall): Promise<Outcome> {
  if (operation.verb === 'get') {
    const { target, resourceVersion = '' } = operation;
    return {
      type: 'object',
      object: await getObject(parts.store, resource, target, resourceVersion),
      created: false,
    };
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
  const next = (old: KubernetesObject): KubernetesObject =>
    withContainers(old as unknown as Pod, wanted(old) as unknown as Pod);
  const { object } = await writer.modify(write, next, operation.verb);
  return { type: 'object', object, created: false };
}

function withContainers(old: Pod, wanted: Pod): Pod {
  const errors = validate(old, wanted);
  if (errors.length > 0) {
    throw invalidError({ group: '', resource: 'Pod' }, old.metadata.name ?? '', errors);
  }
  const { ephemeralContainers = [] } = wanted.spec;
  const { resourceVersion = '' } = wanted.metadata;
  return {
    ...old,
    metadata: { ...old.metadata, resourceVersion },
    spec: ephemeralContainers.length === 0 ? old.spec : { ...old.spec, ephemeralContainers },
  };
}

function validate(old: Pod, wanted: Pod): FieldError[] {
  const path = ROOT_PATH.child('spec', 'ephemeralContainers');
  const after = new Map(
    (wanted.spec.ephemeralContainers ?? []).map((container) => [container.name, container]),
  );
  return (old.spec.ephemeralContainers ?? []).flatMap((container) => {
    const now = after.get(container.name);
    const name = JSON.stringify(container.name);
    if (now === undefined)
      return [forbidden(path, `existing ephemeral containers ${name} may not be removed\n`)];
    if (deepEqual(now, container)) return [];
    return [forbidden(path, `existing ephemeral containers ${name} may not be changed\n`)];
  });
}
