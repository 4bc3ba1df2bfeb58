/**
 * What single steps of the API machinery cost in processor time, without a socket: judging a pod of 3 KB from
 * its text on, and a server-side apply of a Deployment through the whole pipeline.
 */

import { deployments } from '../src/api/groups/apps/deployment/deployment.ts';
import type { KubernetesObject } from '../src/api/meta/object.ts';
import type { JsonObject } from '../src/api/schema/schema.ts';
import { parseJson } from '../src/api/schema/json.ts';
import { createTestPipeline } from '../src/apiserver/pipeline.fixture.ts';
import { compare, report, type BenchResult, type Round } from './harness.ts';

/** A pod as a web application has it: probes, environment, volumes; some 3 KB of JSON. */
function pod(): JsonObject {
  const probe = (path: string): JsonObject => ({
    httpGet: {
      path,
      port: 'http',
      scheme: 'HTTP',
      httpHeaders: [{ name: 'Accept', value: 'application/json' }],
    },
    initialDelaySeconds: 5,
    periodSeconds: 10,
    timeoutSeconds: 2,
  });
  const environment = Array.from({ length: 10 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `value of setting ${i}`,
  }));
  const container = (name: string): JsonObject => ({
    name,
    image: `registry.example.com/team/${name}:v1.2.3`,
    args: ['--listen=0.0.0.0:8080', '--log-level=info'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      ...environment,
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app' },
      { name: 'data', mountPath: '/var/lib/app' },
    ],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/ready'),
    securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-0',
      namespace: 'default',
      labels: { app: 'web', tier: 'front' },
      annotations: { note: 'x'.repeat(200) },
    },
    spec: {
      containers: [container('web'), container('sidecar')],
      volumes: [
        { name: 'config', configMap: { name: 'web' } },
        { name: 'data', emptyDir: {} },
      ],
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'web', effect: 'NoSchedule' }],
      nodeSelector: { zone: 'a' },
    },
  };
}

export async function run(): Promise<BenchResult[]> {
  const { resources, client } = createTestPipeline();
  const resource = resources.find('', 'v1', 'pods');
  if (resource === undefined) throw new Error('there are no pods');
  const text = JSON.stringify(pod());
  const judge = (): void => {
    const parsed = parseJson(text);
    if (!parsed.ok) throw new Error(parsed.error);
    const decoded = resource.schema.decode(parsed.value);
    if (!decoded.ok) throw new Error(decoded.error);
    const object = resource.schema.applyDefaults(decoded.value as unknown as KubernetesObject);
    const complete = resource.definition.defaults?.(object) ?? object;
    const problems = [
      ...resource.schema.validate(complete, undefined, 'object'),
      ...(resource.definition.validate?.(complete) ?? []),
    ];
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
  };
  let replicas = 0;
  const apply = async (): Promise<void> => {
    const template = { metadata: { labels: { app: 'web' } }, spec: pod()['spec'] };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: ++replicas % 100, selector: { matchLabels: { app: 'web' } }, template },
    };
    await client.patch(
      deployments,
      { namespace: 'default', name: 'web' },
      { type: 'apply', body },
      { fieldManager: 'bench' },
    );
  };
  const shared = { benchmark: 'API machinery: processor time', better: 'less', rounds: 5 } as const;
  return [
    await compare({
      ...shared,
      case: `decode, default and validate a pod of ${(text.length / 1000).toFixed(1)} KB`,
      unit: 'µs',
      goal: 60,
      ours: () => microseconds(3_000, async () => judge()),
    }),
    await compare({
      ...shared,
      case: 'server-side apply that changes a Deployment',
      unit: 'µs',
      goal: 500,
      ours: () => microseconds(1_000, apply),
    }),
  ];
}

async function microseconds(times: number, work: () => Promise<void>): Promise<Round> {
  // What it costs a server that has run for a while: the engine's compiler is done by then.
  for (let i = 0; i < 4 * times; i++) await work();
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await work();
  const { user, system } = process.cpuUsage(before);
  return { value: (user + system) / times };
}

if (import.meta.main) report(await run());
