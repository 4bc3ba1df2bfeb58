/**
 * `pods/binding`, and `bindings` of old, which names the pod in its body: gives a pod to a node. As upstream's
 * `BindingREST`: the node's name, annotations and the condition PodScheduled are written at once, and only
 * while the pod has no node.
 */

import { formatTime } from '../../api/time/time.ts';
import { notSupported, required, type FieldError } from '../../api/field/field-error.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { badRequestError, conflictError, invalidError } from '../../api/meta/api-error.ts';
import { packed } from '../../api/meta/own-key.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { resolveResource } from '../../api/resource.ts';
import type { Binding, Pod, PodCondition } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';

import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { admitCreated, bodyType, decodeCreated, type Schemas } from './subresource-body.ts';
import { CREATED } from './success.ts';

const SUBJECT = { group: '', resource: 'pods/binding' };

export function podBindingHandler(schemas: Schemas): SubresourceHandler {
  const type = bodyType(schemas, '', 'v1', 'Binding');
  return {
    path: 'pods/binding',
    group: '',
    handle: async (call) => bind(call, await admitCreated(call, type, decodeCreated<Binding>(type, call))),
  };
}

/** `POST namespaces/<namespace>/bindings` */
export function bindingHandler(schemas: Schemas): SubresourceHandler {
  const type = bodyType(schemas, '', 'v1', 'Binding');
  const resource = resolveResource(pods as unknown as ResourceDefinition, schemas);
  return {
    path: 'bindings',
    group: '',
    handle: async (call) => {
      const binding = await admitCreated(call, type, decodeCreated<Binding>(type, call));
      const { target } = call.operation;
      const { name = '', namespace = target.namespace } = binding.metadata;
      if (namespace !== target.namespace) {
        throw badRequestError(
          'the namespace of the provided object does not match the namespace sent on the request',
        );
      }
      const ofPod = { ...target, resource: 'pods', name, subresource: 'binding' };
      return bind({ ...call, resource, operation: { ...call.operation, target: ofPod } }, binding);
    },
  };
}

async function bind(call: SubresourceCall, binding: Binding): Promise<Outcome> {
  const { operation, context, resource } = call;
  if (operation.verb !== 'create') return CREATED;
  const { target } = operation;
  const { name = '' } = binding.metadata;
  if (name !== '' && name !== target.name) {
    throw badRequestError('name in URL does not match name in Binding object');
  }
  const errors = validate(binding);
  if (errors.length > 0) throw invalidError({ group: '', resource: 'Binding' }, target.name, errors);
  const nowMs = call.parts.clock.now();
  const write = {
    resource,
    target,
    options: operation.options,
    context,
    ownRules: { countsGeneration: false, isServers: true, isAdmitted: true },
  };
  await call.writer.modify(write, (old) => bound(old as unknown as Pod, binding, nowMs), 'patch');
  return CREATED;
}

function validate({ target: { kind = '', name = '' } }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['<empty>', 'Node']));
  if (name === '') errors.push(required('target.name'));
  return errors;
}

function bound(pod: Pod, binding: Binding, nowMs: number): Pod {
  const { name = '', uid = '', deletionTimestamp } = pod.metadata;
  const refuse = (why: string): never => {
    throw conflictError(SUBJECT, name, why);
  };
  const wanted = binding.metadata.uid ?? '';
  if (wanted !== '' && wanted !== uid) {
    refuse(`Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`);
  }
  const version = binding.metadata.resourceVersion ?? '';
  const current = pod.metadata.resourceVersion ?? '';
  if (version !== '' && version !== current) {
    const where = `ResourceVersion in precondition: ${version}, ResourceVersion in object meta: ${current}`;
    refuse(`Precondition failed: ${where}`);
  }
  if (deletionTimestamp !== undefined) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  const { nodeName = '', schedulingGates = [] } = pod.spec;
  if (nodeName !== '') refuse(`pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`);
  if (schedulingGates.length > 0) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const { annotations, labels } = binding.metadata;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(labels === undefined ? {} : { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: packed({ ...pod.spec, nodeName: binding.target.name ?? '' }),
    status: scheduled(pod.status, nowMs),
  };
}

function scheduled(status: Pod['status'], nowMs: number): Pod['status'] {
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: formatTime(nowMs),
  };
  const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type);
  const { nominatedNodeName: _reached, ...rest } = status;
  return { ...rest, conditions: [...others, condition] };
}
