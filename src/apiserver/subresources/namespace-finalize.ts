/** `namespaces/finalize`: the namespace controller takes its finalizer off, and nothing else changes. */

import { methodNotAllowedError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Namespace } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import { decodeBody } from '../registry/decode-body.ts';
import type { WriteCall } from '../registry/write.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';

export const namespaceFinalizeHandler: SubresourceHandler = {
  path: 'namespaces/finalize',
  group: '',
  handle: finalize,
};

async function finalize({ operation, resource, context, writer }: SubresourceCall): Promise<Outcome> {
  if (operation.verb !== 'update') throw methodNotAllowedError(resource.subject, operation.verb);
  const { target, options, body } = operation;
  const write: WriteCall = { resource, target, options, context, ownRules: { countsGeneration: false } };
  const wanted = decodeBody(write, body) as unknown as Namespace;
  const next = (old: KubernetesObject): KubernetesObject => {
    const namespace = old as unknown as Namespace;
    const { resourceVersion = '', uid = '' } = wanted.metadata;
    const { finalizers: _replaced, ...spec } = namespace.spec;
    const { finalizers = [] } = wanted.spec;
    return {
      ...namespace,
      metadata: { ...namespace.metadata, resourceVersion, ...(uid === '' ? {} : { uid }) },
      spec: finalizers.length === 0 ? spec : { ...spec, finalizers },
    } as KubernetesObject;
  };
  const { object } = await writer.modify(write, next, 'update');
  return { type: 'object', object, created: false };
}
