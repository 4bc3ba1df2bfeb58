/** `k8ts status`: what runs, how it is, and how to reach it. Exit code 0 only when everything is healthy. */

import { componentStatuses } from '../api/groups/core/component-status/component-status.ts';
import { nodes as nodeType } from '../api/groups/core/node/node.ts';
import { humanDuration } from '../api/meta/columns.ts';
import type { ComponentStatus, Node } from '../api/types.gen.ts';
import { HttpClient } from '../client/http/http-client.ts';
import type { Host } from '../host/host.ts';
import { loadCredentials } from './credentials.ts';
import type { DataFolder } from './data-folder.ts';
import { runningServer, runningSupervisor } from './running-cluster.ts';
import { serverHosts } from './server-hosts.ts';
import type { ClusterSettings } from './settings.ts';
import { accessTo } from './kubeconfig.ts';

export interface ClusterStatus {
  readonly lines: readonly string[];
  readonly healthy: boolean;
}

export async function clusterStatus(
  host: Host,
  folder: DataFolder,
  settings: ClusterSettings,
): Promise<ClusterStatus> {
  const supervisor = await runningSupervisor(folder);
  const server = await runningServer(folder);
  const lines = [
    `data        ${folder.root}`,
    `kubeconfig  ${settings.kubeconfig} (context ${settings.context})`,
  ];
  if (supervisor === undefined || server === undefined) {
    lines.push(`supervisor  ${supervisor === undefined ? 'not running' : `pid ${supervisor.pid}`}`);
    lines.push(`server      ${server === undefined ? 'not running' : `pid ${server.pid}`}`);
    return { lines, healthy: false };
  }
  lines.push(`supervisor  pid ${supervisor.pid}`);
  for (const child of supervisor.children) {
    const since = humanDuration(host.clock.now() - child.startedMs);
    lines.push(`${child.name.padEnd(11)} pid ${child.pid}, up ${since}, ${child.restarts} restarts`);
  }
  lines.push(`server      ${server.url}, ${server.version}`);
  const credentials = await loadCredentials({
    ...host,
    folder: folder.pki,
    hosts: serverHosts(settings, folder),
  });
  const { authorityPem, client } = accessTo(settings, credentials);
  const api = new HttpClient({ url: server.url, authorityPem, ...client }, 'k8ts/status');
  try {
    return await askServer(api, lines);
  } finally {
    api.close();
  }
}

async function askServer(api: HttpClient, lines: string[]): Promise<ClusterStatus> {
  try {
    const { status, body } = await api.text('/readyz?verbose');
    const failed = body.split('\n').filter((line) => line.startsWith('[-]'));
    lines.push(
      `API         ${status === 200 ? 'ready' : 'not ready'}`,
      ...failed.map((line) => `            ${line}`),
    );
    const parts = await api.list(componentStatuses);
    lines.push(...parts.items.flatMap(unwellLine));
    const { items } = await api.list(nodeType);
    const states = items.map((node) => ({ name: node.metadata.name ?? '', ready: isReady(node), node }));
    for (const { name, ready, node } of states) {
      lines.push(
        `node        ${name}  ${ready ? 'Ready' : 'NotReady'}  ${node.status.nodeInfo?.containerRuntimeVersion ?? ''}`,
      );
    }
    return { lines, healthy: status === 200 && states.length > 0 && states.every(({ ready }) => ready) };
  } catch (error) {
    lines.push(`API         not reachable: ${error instanceof Error ? error.message : String(error)}`);
    return { lines, healthy: false };
  }
}

/** What is told of a part of the control plane: nothing while it is well. */
export function unwellLine({ metadata, conditions = [] }: ComponentStatus): readonly string[] {
  const unwell = conditions.find(({ type, status }) => type === 'Healthy' && status !== 'True');
  if (unwell === undefined) return [];
  return [`${metadata.name}  ${unwell.error ?? unwell.message ?? 'not healthy'}`];
}

export function isReady(node: Node): boolean {
  return (node.status.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
}
