/** The control plane of `k8ts server` on its durable store, from the first byte read to the last one served. */

import { whenAborted } from '../base/abort.ts';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import type { Descriptions } from '../api/schema/openapi-definitions.ts';
import { objectCodec } from '../apiserver/registry/value-codec.ts';
import { ControlPlane } from '../control-plane/control-plane.ts';
import type { Clock, Host } from '../host/host.ts';
import { objectsIn } from '../node-agent/played-node.ts';
import type { KeyPair } from '../pki/pki.ts';
import type { SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { openEmbeddedStore } from '../store/embedded/embedded.ts';
import { renewDaily } from './certificate-renewal.ts';
import { makeCredentials } from './credentials.ts';
import type { DataFolder } from './data-folder.ts';
import { accessTo } from './kubeconfig.ts';
import { refreshOwnKubeconfig } from './kubeconfig-files.ts';
import { LiveCredentials } from './live-credentials.ts';
import { createLogger } from './logging.ts';
import { mergeInThread } from './merge-in-thread.ts';
import { NodeDirectory } from './node-directory.ts';
import type { ServerFile } from './running-cluster.ts';
import { schedulerConfigurationOf } from './scheduler-file.ts';
import { advertisedAddress, serverHosts } from './server-hosts.ts';
import { UsageError, type ClusterSettings } from './settings.ts';
import { KUBERNETES_VERSION } from './version.ts';

export interface ServerParts {
  readonly host: Host;
  readonly folder: DataFolder;
  readonly settings: ClusterSettings;
  readonly signal: AbortSignal;
  readonly shutdownDelayMs: number;
}

/** Until the signal aborts. */
export async function serve(parts: ServerParts): Promise<void> {
  const { host, folder, settings } = parts;
  const scheduler = await schedulerConfigurationOf(host.disk, settings);
  const logger = createLogger('server');
  const pki = { ...host, folder: folder.pki, hosts: serverHosts(settings, folder) };
  const [store, made] = await Promise.all([
    openEmbeddedStore({ codec: objectCodec, host, folder: folder.store, logger, merge: mergeInThread }),
    makeCredentials(pki),
  ]);
  const credentials = new LiveCredentials(pki, made.credentials);
  try {
    await serveStore({ ...parts, scheduler, logger, credentials, written: made.written }, store);
  } finally {
    await store.close();
    await rm(serverFile(folder), { force: true });
  }
}

interface ServingParts extends ServerParts {
  readonly scheduler: SchedulerConfiguration | undefined;
  readonly logger: Logger;
  readonly credentials: LiveCredentials;
  /** When the credentials are durable. */
  readonly written: Promise<void>;
}

async function serveStore(
  { host, folder, settings, scheduler, logger, credentials, written, signal, shutdownDelayMs }: ServingParts,
  store: Awaited<ReturnType<typeof openEmbeddedStore<Parameters<typeof objectCodec.encode>[0]>>>,
): Promise<void> {
  const nodes = new NodeDirectory({
    host,
    settings,
    credentials,
    logger,
    ...objectsIn(store),
  });
  const controlPlane = new ControlPlane({
    store,
    clock: host.clock,
    random: host.random,
    network: host.network,
    logger,
    metrics: noMetrics,
    networks: settings,
    authority: credentials.authority,
    serviceAccountKeyPem: credentials.serviceAccountKeyPem,
    advertise: { address: advertisedAddress(settings, folder), port: settings.port },
    version: KUBERNETES_VERSION,
    descriptions: () => readDescriptions(),
    operationsOf: (nodeName) => nodes.operationsOf(nodeName),
    connectionOf: (nodeName) => nodes.connectionOf(nodeName),
    frontProxy: credentials.frontProxy,
    metricsPeriodMs: settings.metricsPeriodSeconds * 1000,
    localVolumesRoot: folder.volumes,
    scheduler,
  });
  // With its authority, so that a joining node can compare it with the hash in its token.
  const serving = ({ certificatePem, keyPem }: KeyPair): KeyPair => ({
    certificatePem: `${certificatePem}\n${credentials.authority.certificatePem}`,
    keyPem,
  });
  try {
    await controlPlane.listen({
      host: settings.bindAddress,
      port: settings.port,
      ...serving(credentials.server),
      clientCaPem: `${credentials.authority.certificatePem}\n${credentials.frontProxy.authorityPem}`,
    });
  } catch (cause) {
    throw new UsageError(`the API server cannot listen on ${settings.bindAddress}:${settings.port}`, {
      cause,
    });
  }
  // Nobody knew of the server until now; from here on others hold what its keys have signed.
  await written;
  const file: ServerFile = { pid: process.pid, url: localUrl(settings), version: KUBERNETES_VERSION };
  await writeFile(serverFile(folder), JSON.stringify(file), { mode: 0o600 });
  logger.info('serving', { url: file.url });
  const ending = endAfterDelay(signal, shutdownDelayMs, host.clock, () => controlPlane.announceStop());
  credentials.onServerReplaced((pair) => controlPlane.replaceCertificate(serving(pair)), ending);
  const renew = async (): Promise<readonly string[]> => {
    const names = await credentials.renew();
    if (names.includes('admin')) {
      await refreshOwnKubeconfig(settings.kubeconfig, accessTo(settings, credentials));
    }
    return names;
  };
  await Promise.all([
    controlPlane.start(ending),
    nodes.run(controlPlane, ending),
    renewDaily({ clock: host.clock, logger, renew }, ending),
  ]);
  logger.info('stopping');
  await controlPlane.stop();
}

/** Aborts `delayMs` after `signal`, and has it announced at once. */
function endAfterDelay(
  signal: AbortSignal,
  delayMs: number,
  clock: Clock,
  announce: () => void,
): AbortSignal {
  const ending = new AbortController();
  const begin = (): void => {
    announce();
    if (delayMs === 0) ending.abort();
    else clock.after(delayMs, () => ending.abort());
  };
  whenAborted(signal, begin);
  return ending.signal;
}

function serverFile(folder: DataFolder): string {
  return join(folder.run, 'server.json');
}

export function localUrl({ bindAddress, port }: ClusterSettings): string {
  return `https://${bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress}:${port}`;
}

/** Beside the bundle when it was built, in the sources otherwise; none is no error. */
async function readDescriptions(): Promise<Descriptions> {
  for (const path of ['./descriptions.json', '../api/schema/descriptions.gen.json']) {
    try {
      return JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as Descriptions;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return {};
}
