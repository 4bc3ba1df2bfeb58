/** CSIDriver: what a storage driver needs of the cluster, under the driver's name. */

import { immutable } from '../../../field/rules.ts';
import { duplicate, invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN, NONE, textOr } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { CSIDriver, TokenRequest } from '../../../types.gen.ts';
import { STORAGE_GROUP } from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const UPDATE_SECONDS_MIN = 10;

export const csiDrivers: ResourceDefinition<CSIDriver> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'storage/v1.CSIDriver',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  validateUpdate: ({ spec: next }, { spec: old }) => [
    // Upstream has this slip of the pen.
    ...immutable(SPEC.child('attachedRequired'), next.attachRequired, old.attachRequired),
    ...immutable(SPEC.child('volumeLifecycleModes'), next.volumeLifecycleModes, old.volumeLifecycleModes),
  ],
  columns: [
    NAME_COLUMN,
    flag(
      'AttachRequired',
      'Whether its volumes are attached to nodes.',
      ({ spec }) => spec.attachRequired ?? true,
    ),
    flag('PodInfoOnMount', 'Whether it is told of the pod.', ({ spec }) => spec.podInfoOnMount ?? false),
    flag(
      'StorageCapacity',
      'Whether it says how much there is.',
      ({ spec }) => spec.storageCapacity ?? false,
    ),
    {
      name: 'TokenRequests',
      type: 'string',
      description: 'The audiences of the tokens that it gets.',
      priority: 0,
      value: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    },
    flag(
      'RequiresRepublish',
      'Whether volumes are published again and again.',
      ({ spec }) => spec.requiresRepublish ?? false,
    ),
    {
      name: 'Modes',
      type: 'string',
      description: 'The lifecycles that its volumes have.',
      priority: 0,
      value: ({ spec }) => textOr(NONE, (spec.volumeLifecycleModes ?? []).join(',')),
    },
    AGE_COLUMN,
  ],
};

function flag(name: string, description: string, value: (driver: CSIDriver) => boolean): Column<CSIDriver> {
  return { name, type: 'boolean', description, priority: 0, value };
}

function validate({ spec }: CSIDriver): FieldError[] {
  const { tokenRequests = [], nodeAllocatableUpdatePeriodSeconds: period } = spec;
  const errors = validateTokens(tokenRequests);
  if (period !== undefined && period < UPDATE_SECONDS_MIN) {
    const detail = `must be greater than or equal to ${UPDATE_SECONDS_MIN} seconds`;
    errors.push(invalid(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, detail));
  }
  return errors;
}

function validateTokens(requests: readonly TokenRequest[]): FieldError[] {
  const errors: FieldError[] = [];
  const audiences = new Set<string>();
  for (const [i, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const path = SPEC.child('tokenRequests').index(i);
    if (audiences.has(audience)) {
      errors.push(duplicate(path.child('audience'), audience));
      continue;
    }
    audiences.add(audience);
    const at = path.child('expirationSeconds');
    if (seconds === undefined) continue;
    if (seconds < TOKEN_SECONDS_MIN) {
      errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds > TOKEN_SECONDS_MAX) {
      errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
    }
  }
  return errors;
}
