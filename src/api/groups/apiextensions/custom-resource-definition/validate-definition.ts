/**
 * Rules for CustomResourceDefinitions, worded as upstream's apiextensions/validation.
 *
 * What all versions have alike (and what the only version has) upstream calls by an older name, without the
 * version: `spec.validation`, `spec.subresources`. Clients know the errors by these paths, so they are kept.
 */

import * as error from '../../../field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import { dns1035LabelProblem, nameProblem } from '../../../names/names.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../types.gen.ts';
import { someSchema } from './schema-walk.ts';
import { isEstablished, STRICT, toleranceOf, type Tolerance } from './tolerance.ts';
import { validateConversion } from './validate-conversion.ts';
import { validateApproval, validateNames } from './validate-names.ts';
import { validateSchema } from './validate-schema.ts';
import {
  validateColumns,
  validateDeprecation,
  validateSelectableFields,
  validateSubresources,
} from './validate-version.ts';

export { isEstablished };

const SPEC = ROOT_PATH.child('spec');
const NAMES = SPEC.child('names');
const VERSIONS = SPEC.child('versions');
const STATUS = ROOT_PATH.child('status');
const SCOPES = ['Cluster', 'Namespaced'];

export function validateCreate(definition: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = definition;
  const errors: FieldError[] = [];
  if (metadata.name !== undefined && metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const detail = `must be spec.names.plural+"."+spec.group`;
    errors.push(error.invalid('metadata.name', metadata.name, detail));
  }
  errors.push(...validateAll(definition, STRICT), ...validateApproval(definition, undefined));
  return [...errors, ...validatePreserving(spec)];
}

export function validateUpdate(next: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const errors = validateAll(next, toleranceOf(old));
  const immutable = (path: FieldPath, value: string, before: string): void => {
    if (value !== before) errors.push(error.invalid(path, value, 'field is immutable'));
  };
  if (isEstablished(old)) {
    immutable(SPEC.child('scope'), next.spec.scope, old.spec.scope);
    immutable(NAMES.child('kind'), next.spec.names.kind, old.spec.names.kind);
  }
  immutable(SPEC.child('group'), next.spec.group, old.spec.group);
  immutable(NAMES.child('plural'), next.spec.names.plural, old.spec.names.plural);
  errors.push(...validateApproval(next, old));
  if (old.spec.preserveUnknownFields !== true) errors.push(...validatePreserving(next.spec));
  return errors;
}

export function validateStatusUpdate(next: CustomResourceDefinition): FieldError[] {
  return validateNames(next.status.acceptedNames, STATUS.child('acceptedNames'));
}

function validateAll(definition: CustomResourceDefinition, tolerance: Tolerance): FieldError[] {
  const { spec } = definition;
  return [
    ...validateGroupAndScope(spec),
    ...validateSchemas(spec, tolerance),
    ...validateVersions(spec, tolerance),
    ...validateSpecNames(spec),
    ...validateShared(spec, tolerance),
    ...validateConversion(spec.conversion, tolerance.conversion),
    ...validateStatusUpdate(definition),
    ...validateStoredVersions(definition),
  ];
}

function validateGroupAndScope({ group, scope }: CustomResourceDefinitionSpec): FieldError[] {
  const errors: FieldError[] = [];
  const path = SPEC.child('group');
  const problem = nameProblem('dns1123Subdomain', group);
  if (group === '') errors.push(error.required(path));
  else if (problem !== undefined) errors.push(error.invalid(path, group, problem));
  else if (!group.includes('.')) {
    errors.push(error.invalid(path, group, 'should be a domain with at least one dot'));
  }
  if (scope === '') errors.push(error.required(SPEC.child('scope')));
  else if (!SCOPES.includes(scope)) errors.push(error.notSupported(SPEC.child('scope'), scope, SCOPES));
  return errors;
}

/** Every version has a schema, since what no schema names is pruned. */
function validateSchemas(spec: CustomResourceDefinitionSpec, { missingSchema }: Tolerance): FieldError[] {
  const isPreserving = spec.preserveUnknownFields === true;
  const errors: FieldError[] = [];
  for (const [i, { schema, served }] of spec.versions.entries()) {
    if (schema?.openAPIV3Schema !== undefined) continue;
    const path = VERSIONS.index(i).child('schema', 'openAPIV3Schema');
    if (!missingSchema) errors.push(error.required(path));
    else if (served && !isPreserving) {
      errors.push(error.required(path, 'because otherwise all fields are pruned'));
    }
  }
  const hasDefaults = spec.versions.some(
    ({ schema }) =>
      schema?.openAPIV3Schema !== undefined &&
      someSchema(schema.openAPIV3Schema, (one) => (one.default ?? null) !== null),
  );
  if (isPreserving && hasDefaults) {
    const detail = 'must be false in order to use defaults in the schema';
    errors.push(error.invalid(SPEC.child('preserveUnknownFields'), true, detail));
  }
  return errors;
}

type PerVersion = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

function isShared({ versions }: CustomResourceDefinitionSpec, name: PerVersion): boolean {
  return versions.every((version) => deepEqual(version[name], versions[0]?.[name]));
}

/** What differs between versions is judged with its version. */
function validateVersions(spec: CustomResourceDefinitionSpec, tolerance: Tolerance): FieldError[] {
  const { versions } = spec;
  const errors: FieldError[] = [];
  const [ownSchema, ownSubresources, ownColumns, ownFields] = (
    ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const
  ).map((name) => !isShared(spec, name));
  for (const [i, version] of versions.entries()) {
    const path = VERSIONS.index(i);
    const problem = dns1035LabelProblem(version.name);
    if (problem !== undefined) errors.push(error.invalid(path.child('name'), version.name, problem));
    errors.push(...validateDeprecation(version, path));
    const hasStatus = version.subresources?.status !== undefined;
    if (ownSchema === true) errors.push(...schemaErrors(version, path.child('schema'), hasStatus, tolerance));
    if (ownSubresources === true) {
      errors.push(...validateSubresources(version.subresources, path.child('subresources')));
    }
    if (ownColumns === true) {
      const at = path.child('additionalPrinterColumns');
      errors.push(...validateColumns(version.additionalPrinterColumns, at));
    }
    if (ownFields === true) errors.push(...fieldErrors(version, path.child('selectableFields'), tolerance));
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(error.invalid(VERSIONS, asJson(versions), 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    errors.push(error.invalid(VERSIONS, asJson(versions), detail));
  }
  return errors;
}

function schemaErrors(
  version: CustomResourceDefinitionVersion,
  path: FieldPath,
  hasStatus: boolean,
  tolerance: Tolerance,
): readonly FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [];
  const ruleCosts = tolerance.hasSchemaAsBefore(version);
  return validateSchema(path, schema, { hasStatus, tolerance: { ...tolerance.schema, ruleCosts } });
}

function fieldErrors(
  version: CustomResourceDefinitionVersion,
  path: FieldPath,
  tolerance: Tolerance,
): readonly FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  const { selectableFields = [] } = version;
  if (selectableFields.length === 0) return [];
  if (schema === undefined) {
    return [error.invalid(path, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
  }
  const toleratesTooMany = tolerance.hasTooManyFieldsAsBefore(version);
  return validateSelectableFields(selectableFields, schema, path, toleratesTooMany);
}

function validateSpecNames({ names }: CustomResourceDefinitionSpec): FieldError[] {
  const missing = (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => (names[name] ?? '') === '')
    .map((name) => error.required(NAMES.child(name)));
  return [...missing, ...validateNames(names, NAMES)];
}

/** What all versions have alike is judged once. */
function validateShared(spec: CustomResourceDefinitionSpec, tolerance: Tolerance): FieldError[] {
  const [version] = spec.versions;
  if (version === undefined) return [];
  const hasStatus = spec.versions.some(({ subresources }) => subresources?.status !== undefined);
  const errors: FieldError[] = [];
  if (isShared(spec, 'schema')) {
    errors.push(...schemaErrors(version, SPEC.child('validation'), hasStatus, tolerance));
  }
  if (isShared(spec, 'subresources')) {
    errors.push(...validateSubresources(version.subresources, SPEC.child('subresources')));
  }
  if (isShared(spec, 'additionalPrinterColumns')) {
    const at = SPEC.child('additionalPrinterColumns');
    errors.push(...validateColumns(version.additionalPrinterColumns, at));
  }
  if (isShared(spec, 'selectableFields')) {
    errors.push(...fieldErrors(version, SPEC.child('selectableFields'), tolerance));
  }
  return errors;
}

function validatePreserving({ preserveUnknownFields }: CustomResourceDefinitionSpec): FieldError[] {
  if (preserveUnknownFields !== true) return [];
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [error.invalid(SPEC.child('preserveUnknownFields'), true, detail)];
}

/** A version stays as long as objects may be stored in it. */
function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = STATUS.child('storedVersions');
  const stored = status.storedVersions;
  if (stored.length === 0) return [error.invalid(path, stored, 'must have at least one stored version')];
  const missing = spec.versions.filter(({ name, storage }) => storage && !stored.includes(name));
  const errors = missing.map(({ name }) =>
    error.invalid(path, stored, `must have the storage version ${name}`),
  );
  for (const [i, name] of stored.entries()) {
    if (spec.versions.some((version) => version.name === name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(error.invalid(path.index(i), name, detail));
  }
  return errors;
}
