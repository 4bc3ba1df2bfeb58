/**
 * `k8ts up`: checks, starts the supervisor, waits until the cluster is ready, says how to use it. Running
 * it again is harmless: what runs is left alone.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isApiError } from '../api/meta/api-error.ts';
import { nodes as nodeType } from '../api/groups/core/node/node.ts';
import { HttpClient } from '../client/http/http-client.ts';
import type { Host } from '../host/host.ts';
import { loadCredentials } from './credentials.ts';
import type { DataFolder } from './data-folder.ts';
import { accessTo } from './kubeconfig.ts';
import { mergeIntoUserKubeconfig, writeOwnKubeconfig } from './kubeconfig-files.ts';
import { serverHosts } from './server-hosts.ts';
import { missingOnThisMachine } from './preflight.ts';
import type { Progress } from './progress.ts';
import { runningServer, runningSupervisor, SUPERVISE } from './running-cluster.ts';
import { UsageError, type ClusterSettings } from './settings.ts';

const READY_MAX_MS = 60_000;
const POLL_MS = 50;

export interface UpParts {
  readonly host: Host;
  readonly folder: DataFolder;
  readonly settings: ClusterSettings;
  readonly progress: Progress;
  /** The command that starts this program again: node, its flags and the main file. */
  readonly self: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export async function up(parts: UpParts): Promise<void> {
  const { folder, settings, progress, host } = parts;
  const alreadyRunning = (await runningSupervisor(folder)) !== undefined;
  if (!alreadyRunning) {
    await checkMachine(parts);
    await progress.step('data folder, certificates and kubeconfig', () => prepare(parts));
    await progress.step('supervisor', () => startSupervisor(parts));
  }
  const credentials = await loadCredentials({
    ...host,
    folder: folder.pki,
    hosts: serverHosts(settings, folder),
  });
  const access = accessTo(settings, credentials);
  await writeOwnKubeconfig(settings.kubeconfig, access);
  if (settings.mergeInto !== '') await mergeIntoUserKubeconfig(settings.mergeInto, access);
  const client = new HttpClient(
    {
      url: access.server,
      authorityPem: access.authorityPem,
      certificatePem: access.client.certificatePem,
      keyPem: access.client.keyPem,
    },
    'k8ts/up',
  );
  try {
    await progress.step('API server', () => untilReady(parts, client));
    await progress.step(`${settings.nodes} ${settings.runtime} node${settings.nodes === 1 ? '' : 's'}`, () =>
      untilNodesReady(parts, client),
    );
  } finally {
    client.close();
  }
}

async function checkMachine({ host, settings }: UpParts): Promise<void> {
  if (settings.runtime === 'containerd') {
    const missing = await missingOnThisMachine(host);
    if (missing !== undefined) throw new UsageError(missing);
  }
  await checkPort(settings.bindAddress, settings.port);
}

function checkPort(address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'is taken by another program'
          : `cannot be used (${cause.code ?? cause.message})`;
      reject(new UsageError(`port ${port} on ${address} ${why}: choose another one with --port`, { cause }));
    });
    server.listen(port, address, () => server.close(() => resolve()));
  });
}

async function prepare({ host, folder, settings }: UpParts): Promise<void> {
  for (const path of [folder.root, folder.logs, folder.run])
    await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(folder.clusterFile, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
  await loadCredentials({ ...host, folder: folder.pki, hosts: serverHosts(settings, folder) });
}

async function startSupervisor({ host, folder, self, environment }: UpParts): Promise<void> {
  await rm(folder.supervisorStatus, { force: true });
  await rm(join(folder.run, 'server.json'), { force: true });
  host.processes.spawn([...self, SUPERVISE, '--data-dir', folder.root], {
    detached: true,
    environment,
    logFile: join(folder.logs, 'supervisor.log'),
  });
  await until(
    host,
    READY_MAX_MS,
    async () => (await runningSupervisor(folder)) !== undefined,
    () => `the supervisor did not start: see ${join(folder.logs, 'supervisor.log')}`,
  );
}

async function untilReady({ host, folder }: UpParts, client: HttpClient): Promise<void> {
  const log = join(folder.logs, 'server.log');
  let last = 'it has not written its state yet';
  await until(
    host,
    READY_MAX_MS,
    async () => {
      if ((await runningServer(folder)) === undefined) return false;
      try {
        const { status, body } = await client.text('/readyz');
        last = body;
        return status === 200;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
        return false;
      }
    },
    () => `the API server did not become ready: ${last.trim()}; its log is ${log}`,
  );
}

async function untilNodesReady({ host, folder, settings }: UpParts, client: HttpClient): Promise<void> {
  let ready = 0;
  await until(
    host,
    READY_MAX_MS + settings.nodes * 2_000,
    async () => {
      try {
        const { items } = await client.list(nodeType);
        ready = items.filter((node) =>
          (node.status.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True'),
        ).length;
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
      return ready >= settings.nodes;
    },
    () => `${ready} of ${settings.nodes} nodes are ready; logs are in ${folder.logs}`,
  );
}

async function until(
  host: Host,
  withinMs: number,
  done: () => Promise<boolean>,
  problem: () => string,
): Promise<void> {
  const endMs = host.clock.monotonicMs() + withinMs;
  while (!(await done())) {
    if (host.clock.monotonicMs() > endMs) throw new UsageError(problem());
    await host.clock.sleep(POLL_MS);
  }
}
