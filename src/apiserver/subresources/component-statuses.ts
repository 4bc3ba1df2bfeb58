/**
 * `componentstatuses`: how the parts of the control plane are, as their own health checks have it now. Old
 * clients and `kubectl get componentstatuses` ask for it.
 */

import { methodNotAllowedError, notFoundError } from '../../api/meta/api-error.ts';
import type { ComponentStatus } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import type { HealthCheck } from '../health.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';

export function componentStatusHandler(components: () => readonly HealthCheck[]): SubresourceHandler {
  return {
    path: 'componentstatuses',
    group: '',
    handle: (call) => Promise.resolve().then(() => answer(call, components())),
  };
}

function answer({ operation, resource }: SubresourceCall, components: readonly HealthCheck[]): Outcome {
  switch (operation.verb) {
    case 'get': {
      const { name } = operation.target;
      const component = components.find((check) => check.name === name);
      if (component === undefined) throw notFoundError(resource.subject, name);
      return { type: 'object', object: statusOf(component), created: false };
    }
    case 'list': {
      const items = components.map(statusOf);
      const list = { items, resourceVersion: '', continue: '', remainingItemCount: undefined };
      return { type: 'list', list };
    }
    default:
      throw methodNotAllowedError(resource.subject, operation.verb);
  }
}

function statusOf(component: HealthCheck): ComponentStatus {
  const problem = component.problem();
  const condition =
    problem === undefined
      ? { type: 'Healthy', status: 'True', message: 'ok' }
      : { type: 'Healthy', status: 'False', message: problem };
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: component.name },
    conditions: [condition],
  };
}
