/** NetworkPolicy: which traffic reaches and leaves the pods that it selects. */

import { cidrWarning, containsCidr, legacyCidrProblem, parseCidr } from '../../../addresses/cidr.ts';
import { checked } from '../../../field/rules.ts';
import {
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { AGE_COLUMN, labelSelectorText, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../../types.gen.ts';
import { validateLabelSelector } from '../../core/pod/validate-label-selector.ts';
import { portNameProblem, portNumberProblem } from '../../core/pod/validate-port.ts';

const SPEC = ROOT_PATH.child('spec');

export const networkPolicies: ResourceDefinition<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  categories: [],
  namespaced: true,
  message: 'networking/v1.NetworkPolicy',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  defaults,
  validate,
  warnings: (policy) =>
    blocks(policy).flatMap(([path, { cidr, except = [] }]) =>
      [
        cidrWarning(path.child('cidr').toString(), cidr),
        ...except.map((text, i) => cidrWarning(path.child('except').index(i).toString(), text)),
      ].filter((warning) => warning !== undefined),
    ),
  columns: [
    NAME_COLUMN,
    {
      name: 'Pod-Selector',
      type: 'string',
      description: 'The pods that the policy applies to.',
      priority: 0,
      value: ({ spec }) => labelSelectorText(spec.podSelector),
    },
    AGE_COLUMN,
  ],
};

/** A policy without types judges what comes in, and what goes out when it has rules for it. */
function defaults(policy: NetworkPolicy): NetworkPolicy {
  const { spec } = policy;
  if ((spec.policyTypes ?? []).length > 0) return policy;
  const policyTypes: NonNullable<typeof spec.policyTypes> =
    (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  return { ...policy, spec: { ...spec, policyTypes } };
}

interface Direction {
  readonly path: FieldPath;
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
  readonly peersPath: FieldPath;
}

function directions({ spec: { ingress = [], egress = [] } }: NetworkPolicy): Direction[] {
  return [
    ...ingress.map(({ ports = [], from = [] }, i) => {
      const path = SPEC.child('ingress').index(i);
      return { path, ports, peers: from, peersPath: path.child('from') };
    }),
    ...egress.map(({ ports = [], to = [] }, i) => {
      const path = SPEC.child('egress').index(i);
      return { path, ports, peers: to, peersPath: path.child('to') };
    }),
  ];
}

function blocks(policy: NetworkPolicy): [FieldPath, IPBlock][] {
  return directions(policy).flatMap(({ peers, peersPath }) =>
    peers.flatMap(({ ipBlock }, i): [FieldPath, IPBlock][] =>
      ipBlock === undefined ? [] : [[peersPath.index(i).child('ipBlock'), ipBlock]],
    ),
  );
}

function validate(policy: NetworkPolicy): FieldError[] {
  const { podSelector, policyTypes = [] } = policy.spec;
  const errors = validateLabelSelector(SPEC.child('podSelector'), podSelector);
  for (const { path, ports, peers, peersPath } of directions(policy)) {
    errors.push(...ports.flatMap((port, i) => validatePort(path.child('ports').index(i), port)));
    errors.push(...peers.flatMap((peer, i) => validatePeer(peersPath.index(i), peer)));
  }
  if (policyTypes.length > 2) {
    const detail = 'may not specify more than two policyTypes';
    errors.push(invalid(SPEC.child('policyTypes'), [...policyTypes], detail));
  }
  return errors;
}

function validatePort(path: FieldPath, { port, endPort }: NetworkPolicyPort): FieldError[] {
  const end = path.child('endPort');
  if (port === undefined) {
    const detail = 'may not be specified when `port` is not specified';
    return endPort === undefined ? [] : [invalid(end, endPort, detail)];
  }
  if (typeof port === 'string') {
    const detail = 'may not be specified when `port` is non-numeric';
    return [
      ...(endPort === undefined ? [] : [invalid(end, endPort, detail)]),
      ...checked(path.child('port'), port, portNameProblem(port)),
    ];
  }
  const errors = checked(path.child('port'), port, portNumberProblem(port));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(end, endPort, 'must be greater than or equal to `port`'));
  return [...errors, ...checked(end, endPort, portNumberProblem(endPort))];
}

function validatePeer(path: FieldPath, peer: NetworkPolicyPeer): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = [
    ...validateLabelSelector(path.child('podSelector'), podSelector),
    ...validateLabelSelector(path.child('namespaceSelector'), namespaceSelector),
    ...(ipBlock === undefined ? [] : validateBlock(path.child('ipBlock'), ipBlock)),
  ];
  const others = podSelector !== undefined || namespaceSelector !== undefined;
  if (ipBlock === undefined && !others) errors.push(required(path, 'must specify a peer'));
  if (ipBlock !== undefined && others) {
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function validateBlock(path: FieldPath, { cidr, except = [] }: IPBlock): FieldError[] {
  // The schema itself refuses an empty one.
  if (cidr === '') return [];
  const errors = checked(path.child('cidr'), cidr, legacyCidrProblem(cidr));
  const outer = parseCidr(cidr);
  if (outer === undefined) return errors;
  for (const [i, text] of except.entries()) {
    const at = path.child('except').index(i);
    errors.push(...checked(at, text, legacyCidrProblem(text)));
    const inner = parseCidr(text);
    if (inner === undefined) continue;
    if (!containsCidr(outer, inner) || outer.prefixLength >= inner.prefixLength) {
      errors.push(invalid(at, text, 'must be a strict subset of `cidr`'));
    }
  }
  return errors;
}
