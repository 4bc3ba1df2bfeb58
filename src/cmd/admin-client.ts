/** The running cluster's API, as its administrator. */

import { HttpClient } from '../client/http/http-client.ts';
import type { Host } from '../host/host.ts';
import { existing } from './existing-cluster.ts';
import { loadCredentials } from './credentials.ts';
import { runningServer } from './running-cluster.ts';
import { serverHosts } from './server-hosts.ts';
import { UsageError, type ClusterFlags } from './settings.ts';
import { accessTo } from './kubeconfig.ts';

export interface Administration {
  readonly api: HttpClient;
  readonly authorityPem: string;
  readonly host: Host;
}

/** Throws `UsageError` when no cluster is running. The client is closed afterwards. */
export async function asAdministrator<T>(
  flags: Pick<ClusterFlags, 'dataDir'>,
  userAgent: string,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const { host, folder, settings } = await existing(flags);
  const server = await runningServer(folder);
  if (server === undefined) throw new UsageError('the cluster is not running: start it with k8ts up');
  const hosts = serverHosts(settings, folder);
  const credentials = await loadCredentials({ ...host, folder: folder.pki, hosts });
  const { authorityPem, client } = accessTo(settings, credentials);
  const api = new HttpClient({ url: server.url, authorityPem, ...client }, userAgent);
  try {
    return await work({ api, authorityPem, host });
  } finally {
    api.close();
  }
}
