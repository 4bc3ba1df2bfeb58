/**
 * The agent of a real node of this machine, which `up` starts: it makes its credentials from the cluster's
 * own authority.
 */

import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { nthAddress } from '../api/addresses/addresses.ts';
import { HttpClient } from '../client/http/http-client.ts';
import { isNearEnd, LiveKeyPair } from '../pki/live-key-pair.ts';
import { issueCertificate, type KeyPair } from '../pki/pki.ts';
import { runRealNode } from '../node-agent/real-node.ts';
import { renewDaily } from './certificate-renewal.ts';
import { collectForLongRun } from './engine.ts';
import { existing } from './existing-cluster.ts';
import { stopSignal } from './this-process.ts';
import { loadCredentials } from './credentials.ts';
import { createLogger } from './logging.ts';
import { nodeBridge, nodePlaces } from './node-places.ts';
import { serverHosts } from './server-hosts.ts';
import { advertisedAddress } from './server-hosts.ts';
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
  const issue = certificatesOf(credentials.authority, place.name, [place.name, hostname(), address]);
  const { clock } = host;
  collectForLongRun(clock);
  const [client, serving] = [issue.client(clock.now()), issue.serving(clock.now())];
  const live = { client: new LiveKeyPair(client), serving: new LiveKeyPair(serving) };
  const serverAddress = place.networkNamespace === undefined ? '127.0.0.1' : nodeBridge(folder).address;
  const api = new HttpClient(
    {
      url: `https://${serverAddress}:${settings.port}`,
      authorityPem: credentials.authority.certificatePem,
      client: () => live.client.current,
    },
    `k8ts/kubelet ${place.name}`,
  );
  const renew = (): Promise<readonly string[]> => {
    const names = (['client', 'serving'] as const).filter((name) =>
      isNearEnd(live[name].current, clock.now()),
    );
    for (const name of names) live[name].replace(issue[name](clock.now()));
    return Promise.resolve(names);
  };
  void renewDaily({ clock, logger, renew }, signal);
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
      serving: live.serving,
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

type Issue = (nowMs: number) => KeyPair;

/** By which the node knows itself to the API server, and by which the API server knows the node. */
function certificatesOf(
  authority: KeyPair,
  nodeName: string,
  hosts: readonly string[],
): { readonly client: Issue; readonly serving: Issue } {
  const request = { validDays: CERTIFICATE_DAYS, commonName: `system:node:${nodeName}` };
  const organizations = ['system:nodes'];
  return {
    client: (nowMs) => issueCertificate(authority, { ...request, nowMs, organizations, usage: 'client' }),
    serving: (nowMs) => issueCertificate(authority, { ...request, nowMs, hosts, usage: 'server' }),
  };
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
