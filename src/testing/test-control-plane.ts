/** The control plane of a cluster that lives in a test: on a simulated host, with keys of its own. */

import { generateKeyPairSync } from 'node:crypto';
import { silentLogger } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { FRONT_PROXY_NAME, type FrontProxy } from '../apiserver/authentication/request-header.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import { METRICS_PERIOD_MS } from '../control-plane/metrics-api.ts';
import { ControlPlane, type ControlPlaneOptions } from '../control-plane/control-plane.ts';
import {
  DEFAULT_TEXT,
  readConfiguration,
  type SchedulerConfiguration,
} from '../scheduler/configuration/configuration.ts';
import { parseFeatureGates } from '../scheduler/configuration/feature-gates.ts';
import type { Network } from '../host/host.ts';
import type { SimulatedHost } from '../host/simulated/simulated.ts';
import { createAuthority, issueCertificate } from '../pki/pki.ts';
import type { Store } from '../store/store.ts';

const AUTHORITY_DAYS = 3650;

export interface TestParts {
  readonly metricsPeriodMs?: number | undefined;
  /** The text of a `KubeSchedulerConfiguration`. */
  readonly schedulerConfig?: string | undefined;
  /** As `--feature-gates` takes them. */
  readonly featureGates?: string | undefined;
  /** How it reaches others; absent: as the host does. */
  readonly network?: Network | undefined;
}

export async function createTestControlPlane(
  host: SimulatedHost,
  store: Store<KubernetesObject>,
  operationsOf: ControlPlaneOptions['operationsOf'],
  {
    metricsPeriodMs = METRICS_PERIOD_MS,
    schedulerConfig,
    featureGates,
    network = host.network,
  }: TestParts = {},
): Promise<ControlPlane> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new ControlPlane({
    store,
    clock: host.clock,
    random: host.random,
    network,
    logger: silentLogger,
    metrics: noMetrics,
    networks: { podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', clusterDomain: 'cluster.local' },
    authority: createAuthority('k8ts-ca', host.clock.now(), AUTHORITY_DAYS),
    serviceAccountKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    advertise: { address: '127.0.0.1', port: 6443 },
    version: 'v1.36.0',
    descriptions: async () => ({}),
    operationsOf,
    metricsPeriodMs,
    localVolumesRoot: '/var/lib/k8ts/volumes',
    connectionOf: () => ({ type: 'simulated' }),
    frontProxy: await testFrontProxy(host.clock.now()),
    scheduler: await schedulerOf(schedulerConfig, featureGates),
  });
}

async function schedulerOf(
  text: string | undefined,
  featureGates = '',
): Promise<SchedulerConfiguration | undefined> {
  if (text === undefined && featureGates === '') return undefined;
  const parsed = parseFeatureGates(featureGates);
  if (!parsed.ok) throw new Error(`the feature gates are wrong: ${parsed.problem}`);
  const read = await readConfiguration(text ?? DEFAULT_TEXT, parsed.gates);
  if (!read.ok) throw new Error(`the scheduler's configuration is wrong: ${read.problems.join('; ')}`);
  return read.configuration;
}

async function testFrontProxy(nowMs: number): Promise<FrontProxy> {
  const authority = createAuthority('k8ts-front-proxy-ca', nowMs, AUTHORITY_DAYS);
  const request = {
    commonName: FRONT_PROXY_NAME,
    usage: 'client',
    nowMs,
    validDays: AUTHORITY_DAYS,
  } as const;
  return { authorityPem: authority.certificatePem, client: issueCertificate(authority, request) };
}
