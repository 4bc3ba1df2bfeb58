/**
 * What a cluster is asked to be: flags first, then `K8TS_…` variables, then what an earlier `up` wrote
 * down, then defaults. Parsed and checked once, here.
 */

import { join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { parseDuration } from '../api/time/time.ts';
import type { Disk } from '../host/host.ts';
import { LOCAL_NODES_MAX } from './node-places.ts';
import { dataFolder, defaultDataRoot, type DataFolder } from './data-folder.ts';

/** Simulated nodes of one server; beyond this nobody has measured. */
const SIMULATED_NODES_MAX = 1_000;

export type Runtime = 'containerd' | 'simulated';

export interface ClusterSettings {
  readonly context: string;
  readonly nodes: number;
  readonly runtime: Runtime;
  readonly bindAddress: string;
  readonly port: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  /** How often it is measured what nodes and pods use, and at least as often autoscalers look. */
  readonly metricsPeriodSeconds: number;
  /** File with the scheduler's configuration; empty or absent: its defaults. */
  readonly schedulerConfig?: string;
  /** `Name=true,…`; empty or absent: every gate as upstream has it by default. */
  readonly featureGates?: string;
  /** The user's kubeconfig, to merge the context into; empty: leave it alone. */
  readonly mergeInto: string;
  /** Where the cluster's own kubeconfig is written. */
  readonly kubeconfig: string;
}

export interface ClusterFlags {
  readonly dataDir?: string;
  readonly context?: string;
  readonly nodes?: string;
  readonly runtime?: string;
  readonly bindAddress?: string;
  readonly port?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly clusterDomain?: string;
  readonly metricsPeriod?: string;
  readonly schedulerConfig?: string;
  readonly featureGates?: string;
  readonly kubeconfig?: string;
  readonly merge?: boolean;
}

export interface ServerFlags extends ClusterFlags {
  /** A duration in Go's form, `30s`. */
  readonly shutdownDelayDuration?: string;
}

export type Environment = { readonly [name: string]: string | undefined };

/** A wrong flag, or something the user has to do: printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Place {
  readonly environment: Environment;
  readonly isRoot: boolean;
  readonly isLinux: boolean;
}

export function dataFolderOf(flags: { readonly dataDir?: string }, place: Place): DataFolder {
  return dataFolder(resolve(flags.dataDir ?? defaultDataRoot(place.environment, place.isRoot)));
}

/** What an earlier `up` wrote down; undefined when there is no cluster here. */
export async function savedSettings(disk: Disk, folder: DataFolder): Promise<ClusterSettings | undefined> {
  const bytes = await disk.readFile(folder.clusterFile);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as ClusterSettings);
}

export function chooseSettings(
  flags: ClusterFlags,
  saved: ClusterSettings | undefined,
  folder: DataFolder,
  place: Place,
): ClusterSettings {
  const pick = (
    flag: string | undefined,
    variable: string,
    before: string | undefined,
    fallback: string,
  ): string => flag ?? place.environment[variable] ?? before ?? fallback;
  const canContain = place.isRoot && place.isLinux;
  const runtime = pick(
    flags.runtime,
    'K8TS_RUNTIME',
    saved?.runtime,
    canContain ? 'containerd' : 'simulated',
  );
  if (runtime !== 'containerd' && runtime !== 'simulated') {
    throw new UsageError(`--runtime ${runtime}: choose containerd or simulated`);
  }
  return {
    context: pick(flags.context, 'K8TS_CONTEXT', saved?.context, 'k8ts'),
    nodes: integer(
      '--nodes',
      pick(flags.nodes, 'K8TS_NODES', saved?.nodes.toString(), '1'),
      1,
      runtime === 'containerd' ? LOCAL_NODES_MAX : SIMULATED_NODES_MAX,
    ),
    runtime,
    bindAddress: pick(
      flags.bindAddress,
      'K8TS_BIND_ADDRESS',
      saved?.bindAddress,
      runtime === 'containerd' ? '0.0.0.0' : '127.0.0.1',
    ),
    port: integer('--port', pick(flags.port, 'K8TS_PORT', saved?.port.toString(), '6443'), 1, 65_535),
    podCidr: cidr('--pod-cidr', pick(flags.podCidr, 'K8TS_POD_CIDR', saved?.podCidr, '10.42.0.0/16')),
    serviceCidr: cidr(
      '--service-cidr',
      pick(flags.serviceCidr, 'K8TS_SERVICE_CIDR', saved?.serviceCidr, '10.43.0.0/16'),
    ),
    clusterDomain: pick(flags.clusterDomain, 'K8TS_CLUSTER_DOMAIN', saved?.clusterDomain, 'cluster.local'),
    metricsPeriodSeconds: integer(
      '--metrics-period',
      pick(flags.metricsPeriod, 'K8TS_METRICS_PERIOD', saved?.metricsPeriodSeconds?.toString(), '2'),
      1,
      3600,
    ),
    schedulerConfig: file(pick(flags.schedulerConfig, 'K8TS_SCHEDULER_CONFIG', saved?.schedulerConfig, '')),
    featureGates: pick(flags.featureGates, 'K8TS_FEATURE_GATES', saved?.featureGates, ''),
    mergeInto: flags.merge === false ? '' : userKubeconfig(place.environment),
    kubeconfig: resolve(pick(flags.kubeconfig, 'K8TS_KUBECONFIG', saved?.kubeconfig, folder.kubeconfig)),
  };
}

/** The first file of `$KUBECONFIG`, else `~/.kube/config`: where kubectl writes too. */
export function userKubeconfig(environment: Environment): string {
  const first = (environment['KUBECONFIG'] ?? '').split(':').find((path) => path !== '');
  return first ?? join(environment['HOME'] ?? homedir(), '.kube', 'config');
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new UsageError(`${flag} ${text}: must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** The server may run in another folder than the command that named the file. */
function file(path: string): string {
  return path === '' ? '' : resolve(path);
}

/** A duration in Go's form; none: no delay. */
export function delayMs(flag: string, text = '0s'): number {
  const nanos = parseDuration(text);
  if (typeof nanos !== 'bigint') throw new UsageError(`${flag} ${text}: ${nanos.error}`);
  if (nanos < 0n) throw new UsageError(`${flag} can not be negative value`);
  return Number(nanos / 1_000_000n);
}

function cidr(flag: string, text: string): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const valid =
    match !== null && match.slice(1, 5).every((part) => Number(part) < 256) && Number(match[5]) <= 28;
  if (!valid) throw new UsageError(`${flag} ${text}: must be an IPv4 network such as 10.42.0.0/16`);
  return text;
}
