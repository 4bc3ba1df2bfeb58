/** EndpointSlice: up to a thousand endpoints of a Service, with the ports that they all serve. */

import { ipWarning } from '../../../addresses/cidr.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { immutable } from '../../../field/rules.ts';
import { AGE_COLUMN, firstFew, NAME_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Endpoint, EndpointSlice } from '../../../types.gen.ts';
import { validateEndpointSlice } from './validate-endpoint-slice.ts';

const SHOWN_MAX = 3;
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** They write addresses in good form only; going through thousands of them again would be a waste. */
const TRUSTED_WRITERS: readonly (string | undefined)[] = [
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
];

export const endpointSlices: ResourceDefinition<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'discovery/v1.EndpointSlice',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  prepareForCreate: withoutTopology,
  prepareForUpdate: (next, old) => withoutTopology(countLabels(next, old)),
  validate: validateEndpointSlice,
  validateUpdate: (next, old) => immutable('addressType', next.addressType, old.addressType),
  warnings: (slice, old) => [
    ...(old === undefined && slice.addressType === 'FQDN'
      ? ['spec.addressType: FQDN endpoints are deprecated']
      : []),
    ...addressWarnings(slice),
  ],
  columns: [
    NAME_COLUMN,
    {
      name: 'AddressType',
      type: 'string',
      description: 'What kind of addresses its endpoints have.',
      priority: 0,
      value: (slice) => slice.addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'The ports that all of its endpoints serve.',
      priority: 0,
      value: ({ ports }) =>
        firstFew(
          (ports ?? []).map(({ port, name = '*' }) => String(port ?? name)),
          SHOWN_MAX,
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'The addresses of its endpoints.',
      priority: 0,
      value: ({ endpoints }) =>
        firstFew(
          (endpoints ?? []).flatMap((e) => e.addresses),
          SHOWN_MAX,
          '<unset>',
        ),
    },
    AGE_COLUMN,
  ],
};

/** A field of the past: nobody writes it any more. */
function withoutTopology(slice: EndpointSlice): EndpointSlice {
  if (slice.endpoints.every((endpoint) => endpoint.deprecatedTopology === undefined)) return slice;
  const bare = ({ deprecatedTopology: _dropped, ...rest }: Endpoint): Endpoint => rest;
  return { ...slice, endpoints: slice.endpoints.map(bare) };
}

/** Whose endpoints they are stands in labels: a change of them is a change of the slice. */
function countLabels(next: EndpointSlice, old: EndpointSlice): EndpointSlice {
  if (deepEqual(next.metadata.labels, old.metadata.labels)) return next;
  return { ...next, metadata: { ...next.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

function addressWarnings({ metadata, endpoints }: EndpointSlice): readonly string[] {
  if (TRUSTED_WRITERS.includes(metadata.labels?.[MANAGED_BY_LABEL])) return [];
  return endpoints.flatMap(({ addresses }, i) =>
    addresses.flatMap((address, j) => {
      const path = ROOT_PATH.child('endpoints').index(i).child('addresses').index(j);
      return ipWarning(path.toString(), address) ?? [];
    }),
  );
}
