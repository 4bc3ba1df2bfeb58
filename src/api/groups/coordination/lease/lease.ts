/** Lease: who holds something, and since when; node heartbeats and leader election. */

import {
  forbidden,
  invalid,
  notSupported,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { checked } from '../../../field/rules.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Lease } from '../../../types.gen.ts';

/** By what a leader is chosen; others have a qualified name. */
const STRATEGIES: readonly string[] = ['OldestEmulationVersion'];

export const leases: ResourceDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'coordination/v1.Lease',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  createOnUpdate: true,
  validate,
  columns: [
    NAME_COLUMN,
    {
      name: 'Holder',
      type: 'string',
      description: 'holderIdentity contains the identity of the holder of a current lease.',
      priority: 0,
      value: (lease) => lease.spec.holderIdentity ?? '',
    },
    AGE_COLUMN,
  ],
};

function validate({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const path = ROOT_PATH.child('spec');
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) {
    errors.push(
      invalid(path.child('leaseDurationSeconds'), spec.leaseDurationSeconds, 'must be greater than 0'),
    );
  }
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalid(path.child('leaseTransitions'), spec.leaseTransitions, detail));
  }
  const { strategy = '', preferredHolder = '' } = spec;
  if (spec.strategy !== undefined) errors.push(...validateStrategy(path.child('strategy'), strategy));
  if (preferredHolder !== '' && strategy === '') {
    errors.push(forbidden(path.child('preferredHolder'), 'may only be specified if `strategy` is defined'));
  }
  return errors;
}

/** Upstream names the field twice. */
function validateStrategy(path: FieldPath, strategy: string): FieldError[] {
  const field = path.child('strategy');
  if (strategy.includes('/')) return checked(field, strategy, labelKeyProblem(strategy));
  return STRATEGIES.includes(strategy) ? [] : [notSupported(field, strategy, STRATEGIES)];
}
