/** Rules for CustomResourceDefinitions, worded as upstream's apiextensions/validation. */

import * as error from '../../../field/field-error.ts';
import { ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { dns1035LabelProblem, nameProblem } from '../../../names/names.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from '../../../types.gen.ts';

const SPEC = ROOT_PATH.child('spec');
const NAMES = SPEC.child('names');
const VERSIONS = SPEC.child('versions');
const SCOPES = ['Cluster', 'Namespaced'];

export function validateCustomResourceDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = definition;
  const errors: FieldError[] = [];
  const expected = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== undefined && metadata.name !== expected) {
    const detail = `must be spec.names.plural+"."+spec.group`;
    errors.push(error.invalid('metadata.name', metadata.name, detail));
  }
  errors.push(...validateGroup(spec.group));
  if (!SCOPES.includes(spec.scope)) errors.push(error.notSupported(SPEC.child('scope'), spec.scope, SCOPES));
  errors.push(...validateVersions(spec.versions), ...validateNames(spec.names));
  return errors;
}

function validateGroup(group: string): FieldError[] {
  const path = SPEC.child('group');
  if (group === '') return [];
  const problem = nameProblem('dns1123Subdomain', group);
  if (problem !== undefined) return [error.invalid(path, group, problem)];
  return group.includes('.') ? [] : [error.invalid(path, group, 'should be a domain with at least one dot')];
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name }] of versions.entries()) {
    const path = VERSIONS.index(i).child('name');
    const problem = dns1035LabelProblem(name);
    if (problem !== undefined) errors.push(error.invalid(path, name, problem));
    if (seen.has(name)) {
      errors.push(
        error.invalid(
          VERSIONS,
          versions.map((v) => v.name),
          'must contain unique version names',
        ),
      );
    }
    seen.add(name);
  }
  const stored = versions.filter(({ storage }) => storage).length;
  if (stored !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    errors.push(
      error.invalid(
        VERSIONS,
        versions.map((v) => v.name),
        detail,
      ),
    );
  }
  return errors;
}

function validateNames(names: CustomResourceDefinitionNames): FieldError[] {
  const errors: FieldError[] = [];
  const label = (name: string, text: string | undefined): void => {
    const problem = text === undefined || text === '' ? undefined : dns1035LabelProblem(text);
    if (problem !== undefined) errors.push(error.invalid(NAMES.child(name), text, problem));
  };
  label('plural', names.plural);
  label('singular', names.singular);
  // Kinds follow the rules of labels but for their capitals.
  label('kind', names.kind.toLowerCase());
  label('listKind', names.listKind?.toLowerCase());
  if (names.listKind !== undefined && names.kind === names.listKind) {
    errors.push(
      error.invalid(NAMES.child('listKind'), names.listKind, 'kind and listKind may not be the same'),
    );
  }
  for (const [i, shortName] of (names.shortNames ?? []).entries()) {
    const problem = dns1035LabelProblem(shortName);
    if (problem !== undefined)
      errors.push(error.invalid(NAMES.child('shortNames').index(i), shortName, problem));
  }
  return errors;
}

export function validateUpdate(next: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (name: 'group' | 'scope'): void => {
    if (next.spec[name] !== old.spec[name]) {
      errors.push(error.invalid(SPEC.child(name), next.spec[name], 'field is immutable'));
    }
  };
  immutable('group');
  if (isEstablished(old)) {
    immutable('scope');
    for (const name of ['plural', 'kind'] as const) {
      if (next.spec.names[name] !== old.spec.names[name]) {
        errors.push(error.invalid(NAMES.child(name), next.spec.names[name], 'field is immutable'));
      }
    }
  }
  return errors;
}

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status.conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
