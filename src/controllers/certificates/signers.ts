/** What each of Kubernetes' own signers signs, and what it refuses in which words; pure. */

import type { RequestedNames } from '../../pki/certificate-request.ts';

const NODES = 'system:nodes';
const NODE_PREFIX = 'system:node:';
const DOMAIN = 'kubernetes.io/';

export const KUBELET_CLIENT = `${DOMAIN}kube-apiserver-client-kubelet`;
const API_CLIENT = `${DOMAIN}kube-apiserver-client`;
const KUBELET_SERVING = `${DOMAIN}kubelet-serving`;
const LEGACY = `${DOMAIN}legacy-unknown`;

export const SIGNERS: readonly string[] = [LEGACY, API_CLIENT, KUBELET_CLIENT, KUBELET_SERVING];

/** Why the signer does not sign this; undefined when it does. */
export function signerProblem(
  signerName: string,
  names: RequestedNames,
  usages: readonly string[],
): string | undefined {
  switch (signerName) {
    case KUBELET_CLIENT:
      return kubeletClientProblem(names, usages);
    case KUBELET_SERVING:
      return kubeletServingProblem(names, usages);
    case API_CLIENT:
      return clientUsageProblem(usages);
    default:
      return undefined;
  }
}

export function kubeletClientProblem(names: RequestedNames, usages: readonly string[]): string | undefined {
  const { dnsNames, emails, addresses, uris } = names;
  return (
    organizationProblem(names) ??
    (dnsNames.length > 0 ? 'DNS subjectAltNames are not allowed' : undefined) ??
    (emails.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
    (addresses.length > 0 ? 'IP subjectAltNames are not allowed' : undefined) ??
    (uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
    nodeNameProblem(names) ??
    usageProblem(usages, 'client auth')
  );
}

function kubeletServingProblem(names: RequestedNames, usages: readonly string[]): string | undefined {
  const { dnsNames, emails, addresses, uris } = names;
  return (
    organizationProblem(names) ??
    (dnsNames.length + addresses.length === 0 ? 'DNS or IP subjectAltName is required' : undefined) ??
    (emails.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
    (uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
    usageProblem(usages, 'server auth') ??
    nodeNameProblem(names)
  );
}

function organizationProblem({ organizations }: RequestedNames): string | undefined {
  const isNode = organizations.length === 1 && organizations[0] === NODES;
  return isNode ? undefined : `subject organization is not ${NODES}`;
}

function nodeNameProblem({ commonName }: RequestedNames): string | undefined {
  if (commonName.startsWith(NODE_PREFIX)) return undefined;
  return `subject common name does not begin with ${NODE_PREFIX}`;
}

/** Keys that encipher nothing (ECDSA) need not say that they do. */
function usageProblem(usages: readonly string[], purpose: string): string | undefined {
  const wanted = ['key encipherment', 'digital signature', purpose];
  const said = new Set(usages);
  const isFull = said.size === wanted.length && wanted.every((usage) => said.has(usage));
  const isShort = said.size === 2 && wanted.slice(1).every((usage) => said.has(usage));
  return isFull || isShort ? undefined : `usages did not match [${wanted.toSorted().join(' ')}]`;
}

function clientUsageProblem(usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth'];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  if (usages.includes('client auth')) return undefined;
  return 'missing required usage for client certificate: client auth';
}
