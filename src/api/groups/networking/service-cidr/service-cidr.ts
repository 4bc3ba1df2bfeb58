/** ServiceCIDR: a network that Services get their addresses from. */

import { cidrProblem, parseCidr } from '../../../addresses/cidr.ts';
import { checked, immutable } from '../../../field/rules.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ServiceCIDR } from '../../../types.gen.ts';

const CIDRS = ROOT_PATH.child('spec', 'cidrs');

export const serviceCidrs: ResourceDefinition<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'networking/v1.ServiceCIDR',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  validate,
  validateUpdate,
  columns: [
    NAME_COLUMN,
    {
      name: 'CIDRs',
      type: 'string',
      description: 'The networks, one for each family of addresses.',
      priority: 0,
      value: ({ spec }) => (spec.cidrs ?? []).join(','),
    },
    AGE_COLUMN,
  ],
};

function validate({ spec: { cidrs = [] } }: ServiceCIDR): FieldError[] {
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(CIDRS, [...cidrs], 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, i) => checked(CIDRS.index(i), cidr, cidrProblem(cidr)));
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.version);
  if (cidrs.length === 2 && first !== undefined && first === second) {
    const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(invalid(CIDRS, [...cidrs], detail));
  }
  return errors;
}

/** The networks stay; a second one may be added, to serve both families. */
function validateUpdate(next: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const { cidrs: after = [] } = next.spec;
  const { cidrs: before = [] } = old.spec;
  const isExtended = before.length === 1 && after.length === 2;
  if (after.length !== before.length && !isExtended) return immutable(CIDRS, after, before);
  return before.flatMap((cidr, i) => immutable(CIDRS.index(i), after[i], cidr));
}
