/** What a refused apply tells its user: whose fields it would have changed. Worded as upstream words it. */

import { ApiError } from '../meta/api-error.ts';
import { pathTexts, type FieldSet } from './field-set.ts';
import { identityKey, type ManagedSet } from './managed-fields.ts';

export type Conflicts = ReadonlyMap<ManagedSet, FieldSet>;

export function conflictError(conflicts: Conflicts): ApiError {
  const byManager = [...conflicts].toSorted(([a], [b]) => (identityKey(a) < identityKey(b) ? -1 : 1));
  const groups = byManager.map(([set, fields]) => ({ who: managerText(set), paths: pathTexts(fields) }));
  const all = groups.flatMap(({ who, paths }) => paths.map((path) => ({ who, path })));
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: path,
  }));
  return new ApiError(409, 'Conflict', conflictText(groups, all), { causes });
}

function conflictText(
  groups: readonly { readonly who: string; readonly paths: readonly string[] }[],
  all: readonly { readonly who: string; readonly path: string }[],
): string {
  const [first] = all;
  if (all.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.path}`;
  }
  const lines = groups.flatMap(({ who, paths }) => [
    `conflicts with ${who}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${all.length} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl-client-side-apply" using apps/v1` */
function managerText({ manager, operation, subresource, apiVersion }: ManagedSet): string {
  const name =
    JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
