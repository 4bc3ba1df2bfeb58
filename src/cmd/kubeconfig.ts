/**
 * Kubeconfig files: the cluster's own, and its context merged into the user's without touching others.
 * Pure.
 */

import type { KeyPair } from '../pki/pki.ts';
import type { Credentials } from './credentials.ts';
import type { ClusterSettings } from './settings.ts';

export interface Access {
  readonly name: string;
  readonly server: string;
  readonly authorityPem: string;
  readonly client: KeyPair;
}

/** The administrator's. */
export function accessTo(
  { context, bindAddress, port }: Pick<ClusterSettings, 'context' | 'bindAddress' | 'port'>,
  { authority, admin }: Pick<Credentials, 'authority' | 'admin'>,
): Access {
  return {
    name: context,
    server: `https://${bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress}:${port}`,
    authorityPem: authority.certificatePem,
    client: admin,
  };
}

interface Named {
  readonly name: string;
}

export interface Kubeconfig {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly 'current-context'?: string;
  readonly clusters?: readonly Named[] | null;
  readonly contexts?: readonly Named[] | null;
  readonly users?: readonly Named[] | null;
}

export function kubeconfigFor(access: Access): Kubeconfig {
  const { name, server, authorityPem, client } = access;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authorityPem) } } as Named],
    contexts: [{ name, context: { cluster: name, user: name } } as Named],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(client.certificatePem),
          'client-key-data': base64(client.keyPem),
        },
      } as Named,
    ],
  };
}

/** `into` with the entries of `added` put in or replaced by name, and its context made current. */
export function mergeKubeconfig(into: Kubeconfig, added: Kubeconfig): Kubeconfig {
  return {
    ...into,
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': added['current-context'] ?? into['current-context'] ?? '',
    clusters: replaceByName(into.clusters, added.clusters),
    contexts: replaceByName(into.contexts, added.contexts),
    users: replaceByName(into.users, added.users),
  };
}

/** `from` without the cluster, context and user of that name. */
export function removeFromKubeconfig(from: Kubeconfig, name: string): Kubeconfig {
  const without = (entries: readonly Named[] | null | undefined): readonly Named[] =>
    (entries ?? []).filter((entry) => entry.name !== name);
  return {
    ...from,
    ...(from['current-context'] === name ? { 'current-context': '' } : {}),
    clusters: without(from.clusters),
    contexts: without(from.contexts),
    users: without(from.users),
  };
}

function replaceByName(
  present: readonly Named[] | null | undefined,
  added: readonly Named[] | null | undefined,
): readonly Named[] {
  const names = new Set((added ?? []).map((entry) => entry.name));
  return [...(present ?? []).filter((entry) => !names.has(entry.name)), ...(added ?? [])];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
