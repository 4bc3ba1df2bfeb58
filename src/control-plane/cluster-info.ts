/**
 * The ConfigMap `kube-public/cluster-info`: where the API server is and whose certificates to trust, for
 * machines that are about to join and can prove nothing yet. Anybody may read it; `bootstrap-signer` signs it
 * for those who have a token. Matches kubeadm's, so that `kubeadm join` finds what it looks for.
 */

import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { Client } from '../client/client.ts';

const REF = { namespace: 'kube-public', name: 'cluster-info' };
const KEY = 'kubeconfig';

export interface ClusterInfo {
  /** `https://192.0.2.7:6443` */
  readonly server: string;
  readonly authorityPem: string;
}

/** Signatures of what stays are left alone. */
export async function ensureClusterInfo(client: Client, info: ClusterInfo): Promise<void> {
  const kubeconfig = kubeconfigText(info);
  try {
    await client.create(configMaps, { metadata: REF, data: { [KEY]: kubeconfig } });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    // The address may have changed since the last start.
    const current = await client.get(configMaps, REF);
    if (current.data?.[KEY] === kubeconfig) return;
    await client.update(configMaps, { ...current, data: { ...current.data, [KEY]: kubeconfig } });
  }
}

function kubeconfigText({ server, authorityPem }: ClusterInfo): string {
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${Buffer.from(authorityPem).toString('base64')}`,
    `    server: ${server}`,
    '  name: ""',
    'contexts: null',
    'current-context: ""',
    'kind: Config',
    'preferences: {}',
    'users: null',
    '',
  ].join('\n');
}
