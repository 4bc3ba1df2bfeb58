/**
 * In which order clients should look through groups and versions: higher first. Upstream's
 * `pkg/controlplane/apiserver/aggregator.go` and `cmd/kube-apiserver/app/server.go`.
 */

export interface Priority {
  readonly group: number;
  readonly version: number;
}

const GROUPS: { readonly [group: string]: number } = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'resource.k8s.io': 15_900,
  'storagemigration.k8s.io': 15_800,
  // As metrics-server's own manifest has it.
  'metrics.k8s.io': 100,
  // This server's own: nobody means it by a plural alone.
  'explain.k8ts.dev': 50,
};
/** Where a version's is not 15. */
const VERSIONS: { readonly [groupVersion: string]: number } = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'storagemigration.k8s.io/v1beta1': 9,
  'metrics.k8s.io/v1beta1': 100,
};

/** The group that serves APIServices comes before all others, and has no APIService itself. */
export const AGGREGATOR_GROUP = 'apiregistration.k8s.io';
export const CUSTOM_PRIORITY: Priority = { group: 1_000, version: 100 };

/** Whether a server elsewhere may serve the group in place of this one: metrics-server, for one. */
export function isReplaceable(group: string): boolean {
  return group === 'metrics.k8s.io';
}

/** Of a built-in group-version; undefined when it is none. */
export function builtInPriority(group: string, version: string): Priority | undefined {
  const priority = GROUPS[group];
  if (priority === undefined) return undefined;
  return { group: priority, version: VERSIONS[`${group}/${version}`] ?? 15 };
}
