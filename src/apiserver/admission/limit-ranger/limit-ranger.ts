/**
 * LimitRanger: pods and claims of a namespace keep within its LimitRanges, and containers that say nothing of
 * their resources get what those say. Only what is created is changed; a resize is judged.
 */

import { limitRanges } from '../../../api/groups/core/limit-range/limit-range.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../../api/types.gen.ts';
import { prefixRange, type Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { claimProblems, podProblems } from './constraints.ts';
import { withDefaults } from './defaults.ts';

export function limitRanger(store: Store<KubernetesObject>): AdmissionPlugin {
  const rangesOf = (namespace: string): readonly LimitRange[] => {
    const page = store.list(prefixRange(`/registry/core/${limitRanges.plural}/${namespace}/`));
    return page.ok ? page.result.entries.map(({ value }) => value as LimitRange) : [];
  };
  return {
    name: 'LimitRanger',
    kinds: ['/pods', '/persistentvolumeclaims'],
    mutate: (request) => {
      if (kindOf(request) !== 'Pod' || request.operation !== 'CREATE') return request.object;
      return rangesOf(request.target.namespace).reduce<Pod>(
        (pod, { spec }) => withDefaults(spec.limits, pod),
        request.object as Pod,
      );
    },
    validate: (request) => {
      const kind = kindOf(request);
      const { object, resource, target } = request;
      if (kind === undefined || object === undefined) return;
      for (const { spec } of rangesOf(target.namespace)) {
        const problems =
          kind === 'Pod'
            ? podProblems(spec.limits, object as Pod)
            : claimProblems(spec.limits, object as PersistentVolumeClaim);
        const [first, ...more] = new Set(problems);
        if (first === undefined) continue;
        const why = more.length === 0 ? first : `[${[first, ...more].join(', ')}]`;
        throw forbiddenError(resource.subject, object.metadata.name ?? '', why);
      }
    },
  };
}

/** Undefined: LimitRanges have no say. */
function kindOf({ operation, resource, target, object }: AdmissionRequest): 'Pod' | 'Claim' | undefined {
  if (operation === 'DELETE' || operation === 'CONNECT') return undefined;
  if (object?.metadata.deletionTimestamp !== undefined) return undefined;
  if (resource.definition.plural === 'persistentvolumeclaims')
    return target.subresource === '' ? 'Claim' : undefined;
  // Other updates of pods cannot change resources.
  const isJudged = operation === 'CREATE' ? target.subresource === '' : target.subresource === 'resize';
  return isJudged ? 'Pod' : undefined;
}
