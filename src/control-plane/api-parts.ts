/** The parts of the API server that decide: who asks, what they may, what is admitted, what is allocated. */

import { certificateAuthenticator } from '../apiserver/authentication/authenticator.ts';
import type { RbacAuthorizer } from '../apiserver/authorization/rbac.ts';
import type { ApiServerParts } from '../apiserver/apiserver.ts';
import type { Resources } from '../apiserver/resources.ts';
import { NODE_PORTS, ServiceAllocator } from '../apiserver/services/service-allocator.ts';
import { namespaceFinalizeHandler } from '../apiserver/subresources/namespace-finalize.ts';
import { podBindingHandler } from '../apiserver/subresources/pod-binding.ts';
import { podEphemeralContainersHandler } from '../apiserver/subresources/pod-ephemeral-containers.ts';
import { podEvictionHandler } from '../apiserver/subresources/pod-eviction.ts';
import { scaleHandler } from '../apiserver/subresources/scale.ts';
import type { ControlPlaneOptions } from './control-plane.ts';

type Decided = Pick<
  ApiServerParts,
  'admission' | 'companions' | 'authorizer' | 'authenticators' | 'subresources' | 'paths'
>;

export function apiParts(options: ControlPlaneOptions, { schemas }: Resources, rbac: RbacAuthorizer): Decided {
  return {
    admission: [],
    companions: new ServiceAllocator({
      store: options.store,
      serviceCidr: options.networks.serviceCidr,
      nodePorts: NODE_PORTS,
      random: options.random,
      clock: options.clock,
    }),
    authorizer: rbac,
    authenticators: [certificateAuthenticator],
    subresources: [
      namespaceFinalizeHandler,
      podBindingHandler(schemas),
      podEphemeralContainersHandler,
      podEvictionHandler(schemas),
      scaleHandler(schemas),
    ],
    paths: [],
  };
}
