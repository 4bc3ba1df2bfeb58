/**
 * Tells the authors of ValidatingAdmissionPolicies which of their expressions do not fit the kinds that they
 * are about: `status.typeChecking`. A policy is looked at once for each of its generations.
 */

import { validatingAdmissionPolicies } from '../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { ValidatingAdmissionPolicy } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { expressionWarnings, type Kind, type TypeOf } from './plan.ts';

const WORKERS = 5;

export function validatingAdmissionPolicyStatusController(
  kinds: () => readonly Kind[],
  typeOf: TypeOf,
): ControllerDefinition {
  const apiGroups = ['admissionregistration.k8s.io'];
  return {
    name: 'validatingadmissionpolicy-status-controller',
    permissions: [
      { apiGroups, resources: ['validatingadmissionpolicies'], verbs: ['get', 'list', 'watch'] },
      { apiGroups, resources: ['validatingadmissionpolicies/status'], verbs: ['update'] },
    ],
    workers: WORKERS,
    build: ({ client, informers }, enqueue) => {
      const policies = informers.of(validatingAdmissionPolicies);
      policies.subscribe((next, _old, key) => {
        if (next !== undefined && !isObserved(next)) enqueue(key);
      });
      return {
        reconcile: async (key) => {
          const policy = policies.getByKey(key);
          if (policy === undefined || isObserved(policy)) return {};
          const warnings = expressionWarnings(policy, kinds(), typeOf);
          const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings };
          const { generation = 0 } = policy.metadata;
          const status = { ...policy.status, observedGeneration: generation, typeChecking };
          try {
            await client.update(
              validatingAdmissionPolicies,
              { ...policy, status },
              { subresource: 'status' },
            );
          } catch (error) {
            if (!isApiError(error, 'NotFound')) throw error;
          }
          return {};
        },
      };
    },
  };
}

function isObserved({ metadata, status }: ValidatingAdmissionPolicy): boolean {
  return (metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
}
