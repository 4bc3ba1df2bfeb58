/**
 * What becomes of a CustomResourceDefinition, as pure functions: which of its names it gets, whether it is
 * established, and its conditions. Names belong to who had them first; a name that is taken is not given, and
 * the definition says so until it is free (upstream's naming and establishing controllers).
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../api/types.gen.ts';

type Condition = Pick<CustomResourceDefinitionCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The status that the definition should have; the same object when nothing is to change. */
export function planStatus(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinitionStatus {
  const { status } = definition;
  const { names, condition } = acceptNames(definition, all);
  let conditions = withCondition(status.conditions, condition, now);
  const isEstablished = status.conditions.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  if (!isEstablished) conditions = withCondition(conditions, established(condition.status === 'True'), now);
  if (conditions === status.conditions && deepEqual(names, status.acceptedNames)) return status;
  return { ...status, conditions, acceptedNames: names };
}

function established(areNamesAccepted: boolean): Condition {
  return areNamesAccepted
    ? {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

interface Accepted {
  readonly names: CustomResourceDefinitionNames;
  readonly condition: Condition;
}

function acceptNames(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
): Accepted {
  const wanted = definition.spec.names;
  const held = definition.status.acceptedNames;
  const taken = takenNames(definition.spec.group, all);
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const accept = (
    name: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    among: ReadonlySet<string>,
  ): string => {
    const text = wanted[name] ?? '';
    if (text === (held[name] ?? '') || !among.has(text)) return text;
    conflict = { reason, message: `${JSON.stringify(text)} is already in use` };
    return held[name] ?? '';
  };
  const plural = accept('plural', 'PluralConflict', taken.resources);
  const singular = accept('singular', 'SingularConflict', taken.resources);
  const shortNames = wanted.shortNames ?? [];
  // A short name may say once more what the definition is called.
  const own = [...(held.shortNames ?? []), held.plural, held.singular];
  const bad = shortNames.filter((name) => !own.includes(name) && taken.resources.has(name));
  if (bad.length > 0) {
    const texts = bad.map((name) => `${JSON.stringify(name)} is already in use`);
    const [only = ''] = texts;
    conflict = { reason: 'ShortNamesConflict', message: texts.length === 1 ? only : `[${texts.join(', ')}]` };
  }
  const acceptedShort = bad.length > 0 ? (held.shortNames ?? []) : shortNames;
  const kind = accept('kind', 'KindConflict', taken.kinds);
  const listKind = accept('listKind', 'ListKindConflict', taken.kinds);
  const names: CustomResourceDefinitionNames = {
    plural,
    singular,
    ...(acceptedShort.length === 0 ? {} : { shortNames: acceptedShort }),
    kind,
    listKind,
    ...(wanted.categories === undefined ? {} : { categories: wanted.categories }),
  };
  const condition: Condition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  return { names, condition };
}

/**
 * The names that are held in the group. What a definition holds is taken for its other names, too: a kind
 * that it still has cannot be its list kind.
 */
function takenNames(
  group: string,
  all: readonly CustomResourceDefinition[],
): { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { spec, status } of all) {
    if (spec.group !== group) continue;
    const { plural, singular = '', shortNames = [], kind, listKind = '' } = status.acceptedNames;
    for (const name of [plural, singular, ...shortNames]) if (name !== '') resources.add(name);
    for (const name of [kind, listKind]) if (name !== '') kinds.add(name);
  }
  return { resources, kinds };
}

/** The list with the condition in it; the same list when it says so already. */
export function withCondition(
  conditions: readonly CustomResourceDefinitionCondition[],
  wanted: Condition,
  now: string,
): readonly CustomResourceDefinitionCondition[] {
  const present = conditions.find(({ type }) => type === wanted.type);
  if (
    present?.status === wanted.status &&
    present.reason === wanted.reason &&
    present.message === wanted.message
  ) {
    return conditions;
  }
  const lastTransitionTime = present?.status === wanted.status ? (present.lastTransitionTime ?? now) : now;
  const next = { ...wanted, lastTransitionTime };
  return present === undefined
    ? [...conditions, next]
    : conditions.map((condition) => (condition === present ? next : condition));
}
