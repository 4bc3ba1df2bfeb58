/** Where everything of one cluster lies under its data folder. Pure paths. */

import { homedir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly root: string;
  /** What `up` was asked for; read by every later command. */
  readonly clusterFile: string;
  readonly store: string;
  readonly pki: string;
  readonly logs: string;
  readonly run: string;
  readonly supervisorStatus: string;
  readonly kubeconfig: string;
  readonly images: string;
  /** Folders that pods got as volumes. */
  readonly volumes: string;
  node(name: string): string;
}

export function dataFolder(root: string): DataFolder {
  const run = join(root, 'run');
  return {
    root,
    clusterFile: join(root, 'cluster.json'),
    store: join(root, 'store'),
    pki: join(root, 'pki'),
    logs: join(root, 'logs'),
    run,
    supervisorStatus: join(run, 'supervisor.json'),
    kubeconfig: join(root, 'admin.kubeconfig'),
    images: join(root, 'images'),
    volumes: join(root, 'volumes'),
    node: (name) => join(root, 'nodes', name),
  };
}

type Environment = { readonly [name: string]: string | undefined };

/** `/var/lib/k8ts` for root, else `$XDG_DATA_HOME/k8ts`. */
export function defaultDataRoot(environment: Environment, isRoot: boolean): string {
  const chosen = environment['K8TS_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (isRoot) return '/var/lib/k8ts';
  const xdg = environment['XDG_DATA_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.local', 'share'), 'k8ts');
}
