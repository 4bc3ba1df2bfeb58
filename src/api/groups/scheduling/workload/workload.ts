/** Workload: templates of the pod groups of something that runs as a whole. Alpha, served as PodGroup is. */

import { duplicate, ROOT_PATH, tooMany } from '../../../field/field-error.ts';
import { immutable } from '../../../field/rules.ts';
import { PLAIN_COLUMNS } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Workload } from '../../../types.gen.ts';
import { validatePolicy } from '../scheduling-policy.ts';

const SPEC = ROOT_PATH.child('spec');
const TEMPLATES_MAX = 8;

export const workloads: ResourceDefinition<Workload> = {
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'Workload',
  plural: 'workloads',
  singular: 'workload',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'scheduling/v1alpha2.Workload',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate: ({ spec: { podGroupTemplates } }) => {
    const path = SPEC.child('podGroupTemplates');
    const names = podGroupTemplates.map(({ name }) => name);
    return [
      ...(names.length > TEMPLATES_MAX ? [tooMany(path, names.length, TEMPLATES_MAX)] : []),
      ...names.flatMap((name, i) => (names.indexOf(name) < i ? [duplicate(path.index(i), { name })] : [])),
      ...podGroupTemplates.flatMap(({ schedulingPolicy }, i) =>
        validatePolicy(path.index(i).child('schedulingPolicy'), schedulingPolicy),
      ),
    ];
  },
  validateUpdate: ({ spec: next }, { spec: old }) =>
    (['controllerRef', 'podGroupTemplates'] as const).flatMap((name) =>
      immutable(SPEC.child(name), next[name], old[name]),
    ),
  columns: PLAIN_COLUMNS,
};
