/** ServiceCIDR: a network that Services get their addresses from. */

import { ipVersion } from '../../../addresses/ip-version.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { deepEqual } from '../../../meta/equal.ts';
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
  validateUpdate: (next, old) =>
    deepEqual(next.spec.cidrs, old.spec.cidrs)
      ? []
      : [invalid(CIDRS, [...(next.spec.cidrs ?? [])], 'field is immutable')],
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
  return cidrs.flatMap((cidr, i) => {
    const [address = '', bits = ''] = cidr.split('/');
    const version = ipVersion(address);
    if (version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)) return [];
    const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
    return [invalid(CIDRS.index(i), cidr, detail)];
  });
}
