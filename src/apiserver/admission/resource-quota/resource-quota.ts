/**
 * ResourceQuota: refuses what would take more than the quotas of its namespace leave, and charges what is
 * written.
 *
 * The charge is written in the same commit as the object, under the condition that the quotas are still as
 * they were read: no number of writers at once can take more than there is, and a write that fails leaves
 * nothing behind. Upstream writes the charge first, and gives it back later when the write fails.
 */

import { resourceQuotas } from '../../../api/groups/core/resource-quota/resource-quota.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { charge } from '../../../api/quota/charge.ts';
import { evaluatorOf } from '../../../api/quota/evaluator.ts';
import { NOTHING_AROUND } from '../../../api/quota/surroundings.ts';
import type { ResourceQuota } from '../../../api/types.gen.ts';
import type { Clock } from '../../../host/host.ts';
import { prefixRange, type Entry, type KeyRange, type Store } from '../../../store/store.ts';
import { NO_CHARGE, type AdmissionPlugin, type AdmissionRequest, type Charge } from '../admission.ts';
import { storedSurroundings } from './stored-surroundings.ts';

/** As upstream: they come and go by themselves. */
const IGNORED: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

export function resourceQuotaAdmission(store: Store<KubernetesObject>, clock: Clock): AdmissionPlugin {
  return {
    name: 'ResourceQuota',
    charges: (request) => isCounted(request) && store.count(rangeOf(request)) > 0,
    charge: (request) => chargeOf(store, request, clock.now()),
  };
}

function rangeOf({ target }: AdmissionRequest): KeyRange {
  return prefixRange(`/registry/core/${resourceQuotas.plural}/${target.namespace}/`);
}

function isCounted({ operation, resource, target, object, oldObject: old }: AdmissionRequest): boolean {
  const { definition } = resource;
  if (object === undefined || !definition.namespaced || IGNORED.has(nameOf(definition))) return false;
  const evaluator = evaluatorOf(definition, NOTHING_AROUND);
  if (target.subresource !== '')
    return operation === 'UPDATE' && target.subresource === evaluator.subresource;
  if (operation === 'CREATE') return true;
  return operation === 'UPDATE' && old !== undefined && evaluator.chargesUpdate?.(object, old) === true;
}

function nameOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function chargeOf(store: Store<KubernetesObject>, request: AdmissionRequest, nowMs: number): Charge {
  const { resource, object, oldObject: old } = request;
  const page = store.list(rangeOf(request));
  if (!page.ok || object === undefined) return NO_CHARGE;
  const entries = new Map<string, Entry<KubernetesObject>>();
  for (const entry of page.result.entries) entries.set(entry.value.metadata.name ?? '', entry);
  const quotas = [...entries.values()].map(({ value }) => value as ResourceQuota);
  const evaluator = evaluatorOf(resource.definition, storedSurroundings(store));
  const outcome = charge({ quotas, evaluator, object, old, nowMs });
  if (!outcome.ok) throw forbiddenError(resource.subject, object.metadata.name ?? '', outcome.refusal);
  const charged = outcome.charged.flatMap((quota) => {
    const entry = entries.get(quota.metadata.name ?? '');
    return entry === undefined ? [] : [{ quota, entry }];
  });
  return {
    changes: charged.map(({ quota, entry: { key } }) => ({ type: 'put', key, value: quota })),
    preconditions: charged.map(({ entry: { key, modRevision } }) => ({ key, modRevision })),
  };
}
