/**
 * For tests: what is true of definitions and their conditions, judged without the controller's own rules: after
 * every change, and when all is quiet.
 */

import assert from 'node:assert/strict';
import { deepEqual } from '../../api/meta/equal.ts';
import type {
  CustomResourceDefinition as Definition,
  CustomResourceDefinitionNames as Names,
} from '../../api/types.gen.ts';

function conditionOf({ status }: Definition, type: string) {
  return status.conditions.find((condition) => condition.type === type);
}

const titleOf = ({ metadata }: Definition): string => metadata.name ?? '';

export const isTrue = (definition: Definition, type: string): boolean =>
  conditionOf(definition, type)?.status === 'True';

/** Of one kind of name, which must not meet in a group. */
function resourcesOf({ plural, singular, shortNames = [] }: Names): readonly string[] {
  return [plural, singular ?? '', ...shortNames].filter((name) => name !== '');
}

function kindsOf({ kind, listKind }: Names): readonly string[] {
  return [kind, listKind ?? ''].filter((name) => name !== '');
}

const inOneWay = (all: Names): Required<Names> => ({
  singular: '',
  listKind: '',
  ...all,
  shortNames: all.shortNames ?? [],
  categories: all.categories ?? [],
});

/** What may happen to a definition in one write, whoever wrote. */
export function checkChange(old: Definition | undefined, next: Definition): void {
  const { name = '' } = next.metadata;
  if (isTrue(next, 'Established') && (old === undefined || !isTrue(old, 'Established')))
    assert.ok(isTrue(next, 'NamesAccepted'), `${name} is established without its names`);
  if (old === undefined) return;
  const isPlayedByTest = !deepEqual(old.spec, next.spec);
  if (isPlayedByTest) return assert.deepEqual(next.status, old.status, `${name}: status by a user`);
  const [had, has, wants] = [old.status.acceptedNames, next.status.acceptedNames, next.spec.names].map(
    inOneWay,
  );
  for (const field of ['plural', 'singular', 'shortNames', 'kind', 'listKind'] as const) {
    const [before, after, wanted] = [had?.[field], has?.[field], wants?.[field]];
    if (!deepEqual(before, after)) assert.deepEqual(after, wanted, `${name}: ${field} that nobody asked for`);
  }
  if (isTrue(old, 'Established')) assert.ok(isTrue(next, 'Established'), `${name} is established no more`);
  assert.deepEqual(next.status.storedVersions, old.status.storedVersions, name);
  for (const before of old.status.conditions) {
    const after = conditionOf(next, before.type);
    assert.ok(after !== undefined, `${name} lost its ${before.type}`);
    if (after.status === before.status)
      assert.equal(after.lastTransitionTime, before.lastTransitionTime, `${name}: ${before.type}`);
  }
  const gone = (old.metadata.finalizers ?? []).filter((one) => !next.metadata.finalizers?.includes(one));
  assert.ok(gone.length <= 1, `${name}: ${gone.join()} at once`);
  const isCleanedUp = !deepEqual(old.metadata.finalizers, next.metadata.finalizers);
  const isMarked = old.metadata.deletionTimestamp !== next.metadata.deletionTimestamp;
  if (isCleanedUp || isMarked) return;
  assert.notDeepEqual(next.status, old.status, `${name} was written for nothing`);
  if (next.metadata.deletionTimestamp !== undefined) return;
  assert.equal(isTrue(next, 'NamesAccepted'), deepEqual(has, wants), `${name}: NamesAccepted`);
}

/** No name is held twice in a group. */
export function checkNames(all: readonly Definition[]): void {
  for (const namesOf of [resourcesOf, kindsOf]) {
    const holders = new Map<string, string>();
    for (const { metadata, spec, status } of all) {
      for (const held of new Set(namesOf(status.acceptedNames))) {
        const key = `${held} of ${spec.group}`;
        const { name = '' } = metadata;
        assert.ok(!holders.has(key), `${key} belongs to ${holders.get(key) ?? ''} and ${name}`);
        holders.set(key, name);
      }
    }
  }
}

/**
 * What stands in the way of a definition's names once all is quiet: reason and message of the last of them.
 * Its own names are in its way like those of others, though a short name may say once more what it is called.
 */
function conflictOf(own: Definition, all: readonly Definition[]): string {
  const group = all.filter(({ spec }) => spec.group === own.spec.group);
  const taken = (namesOf: typeof kindsOf) =>
    new Set(group.flatMap(({ status }) => namesOf(status.acceptedNames)));
  const [wants, has] = [inOneWay(own.spec.names), inOneWay(own.status.acceptedNames)];
  let conflict = 'NoConflicts: no conflicts found';
  const single = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    among: Set<string>,
  ): void => {
    if (wants[field] === has[field]) return;
    assert.ok(among.has(wants[field]), `${titleOf(own)}: ${field} is free`);
    conflict = `${reason}: "${wants[field]}" is already in use`;
  };
  const [resources, kinds] = [taken(resourcesOf), taken(kindsOf)];
  single('plural', 'PluralConflict', resources);
  single('singular', 'SingularConflict', resources);
  if (!deepEqual(wants.shortNames, has.shortNames)) {
    const bad = wants.shortNames.filter((short) => resources.has(short) && !resourcesOf(has).includes(short));
    assert.ok(bad.length > 0, `${titleOf(own)}: short names are free`);
    const texts = bad.map((short) => `"${short}" is already in use`).join(', ');
    conflict = `ShortNamesConflict: ${bad.length > 1 ? `[${texts}]` : texts}`;
  }
  single('kind', 'KindConflict', kinds);
  single('listKind', 'ListKindConflict', kinds);
  assert.deepEqual(has.categories, wants.categories, titleOf(own));
  return conflict;
}

export function checkSettled(own: Definition, all: readonly Definition[]): void {
  const { reason = '', message = '', status } = conditionOf(own, 'NamesAccepted') ?? {};
  assert.equal(`${reason}: ${message}`, conflictOf(own, all), titleOf(own));
  assert.equal(status, reason === 'NoConflicts' ? 'True' : 'False', titleOf(own));
  const established = conditionOf(own, 'Established');
  if (status === 'True') assert.equal(established?.status, 'True', titleOf(own));
  const why = established?.status === 'True' ? 'InitialNamesAccepted' : 'NotAccepted';
  assert.equal(established?.reason, why, titleOf(own));
}
