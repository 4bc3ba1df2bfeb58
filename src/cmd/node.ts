/**
 * The agent of a real node of this machine, which `up` starts: it makes its credentials from the cluster's
 * own authority.
 */

import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { nthAddress } from '../api/addresses/addresses.ts';
import { HttpClient } from '../client/http/http-client.ts';
import { issueCertificate } from '../pki/pki.ts';
import { runRealNode } from '../node-agent/real-node.ts';
import { existing, stopSignal } from './commands.ts';
import { loadCredentials } from './credentials.ts';
import { createLogger } from './logging.ts';
import { nodeBridge, nodePlaces } from './node-places.ts';
import { serverHosts } from './server-hosts.ts';
import { advertisedAddress } from './server.ts';
import { UsageError } from './settings.ts';

const CERTIFICATE_DAYS = 365;

export async function runNode(flags: { readonly dataDir?: string; readonly name: string }): Promise<void> {
  const { host, folder, settings } = await existing(flags);
  const place = nodePlaces(folder, settings).find(({ name }) => name === flags.name);
  if (place === undefined) throw new UsageError(`this cluster has no node ${flags.name}`);
  const logger = createLogger(place.name);
  const signal = stopSignal();
  const credentials = await loadCredentials({
    ...host,
    folder: folder.pki,
    hosts: serverHosts(settings, folder),
  });
  const address = place.networkNamespace?.address.split('/')[0] ?? advertisedAddress(settings, folder);
  const request = {
    nowMs: host.clock.now(),
    validDays: CERTIFICATE_DAYS,
    commonName: `system:node:${place.name}`,
  };
  const [client, serving] = await Promise.all([
    issueCertificate(credentials.authority, { ...request, organizations: ['system:nodes'], usage: 'client' }),
    issueCertificate(credentials.authority, {
      ...request,
      hosts: [place.name, hostname(), address],
      usage: 'server',
    }),
  ]);
  const serverAddress = place.networkNamespace === undefined ? '127.0.0.1' : nodeBridge(folder).address;
  const api = new HttpClient(
    {
      url: `https://${serverAddress}:${settings.port}`,
      authorityPem: credentials.authority.certificatePem,
      ...client,
    },
    `k8ts/kubelet ${place.name}`,
  );
  await runRealNode(
    {
      ...place,
      nodeName: place.name,
      nodeAddress: address,
      podCidr: settings.podCidr,
      serviceCidr: settings.serviceCidr,
      clusterDomain: settings.clusterDomain,
      clusterDns: nthAddress(settings.serviceCidr, 10),
      upstreamDns: await machineResolvers(),
      serving,
      authorityPem: credentials.authority.certificatePem,
      registries: await configuredRegistries(folder.root),
      client: api,
      host,
      logger,
    },
    signal,
  );
  api.close();
}

/**
 * IPv4 servers of the machine's resolv.conf; a local stub that listens on loopback only is of use to this
 * machine too.
 */
export async function machineResolvers(): Promise<readonly string[]> {
  try {
    const text = await readFile('/etc/resolv.conf', 'utf8');
    return [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)].map((match) => match[1] ?? '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

interface RegistryFile {
  readonly registries: readonly { readonly registry: string; readonly url: string }[];
}

/**
 * `<data>/registries.json`: registries that are reached under another URL, such as a plain-HTTP one on
 * loopback.
 */
async function configuredRegistries(root: string): Promise<RegistryFile['registries']> {
  try {
    return (JSON.parse(await readFile(`${root}/registries.json`, 'utf8')) as RegistryFile).registries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UsageError(`${root}/registries.json cannot be read`, { cause: error });
  }
}
