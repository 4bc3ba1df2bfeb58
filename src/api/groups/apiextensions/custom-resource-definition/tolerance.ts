/**
 * What an update of a CustomResourceDefinition may leave as it was: rules that came later do not lock up
 * definitions that were accepted before.
 */

import { deepEqual } from '../../../meta/equal.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import type { JsonSchema } from '../../../structural/structural.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../../types.gen.ts';
import { someSchema } from './schema-walk.ts';
import { hasKnownReviewVersion, isInvalidCaBundle, type ConversionTolerance } from './validate-conversion.ts';
import { hasUnprunedDefault } from './validate-defaults.ts';
import { isSetOfGranularItems, validateMapKeys } from './validate-merging.ts';
import type { SchemaTolerance } from './validate-schema.ts';
import { unsupportedProblem, validateStructuralSchema } from './validate-structural.ts';
import { SELECTABLE_FIELDS_MAX } from './validate-version.ts';

export interface Tolerance {
  readonly missingSchema: boolean;
  readonly schema: Omit<SchemaTolerance, 'ruleCosts'>;
  readonly conversion: ConversionTolerance;
  readonly hasSchemaAsBefore: (version: CustomResourceDefinitionVersion) => boolean;
  readonly hasTooManyFieldsAsBefore: (version: CustomResourceDefinitionVersion) => boolean;
}

/** For new definitions. An authority may come in later, before the definition is established. */
export const STRICT: Tolerance = {
  missingSchema: false,
  schema: {
    structural: false,
    types: false,
    unprunedDefaults: false,
    setsOfGranularItems: false,
    mapKeys: false,
  },
  conversion: { unknownReviewVersions: false, invalidCaBundle: true },
  hasSchemaAsBefore: () => false,
  hasTooManyFieldsAsBefore: () => false,
};

const TYPES: readonly string[] = ['', 'array', 'boolean', 'integer', 'number', 'object', 'string'];

export function toleranceOf(old: CustomResourceDefinition): Tolerance {
  const { versions, conversion, preserveUnknownFields = false } = old.spec;
  const schemas = versions.flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  const some = (isWanted: (schema: JsonSchema) => boolean): boolean =>
    schemas.some((schema) => someSchema(schema, isWanted));
  const config = conversion?.webhook?.clientConfig;
  const reviewVersions = conversion?.webhook?.conversionReviewVersions ?? [];
  const before = (name: string): CustomResourceDefinitionVersion | undefined =>
    versions.find((version) => version.name === name);
  return {
    missingSchema: schemas.length < versions.length,
    schema: {
      structural: preserveUnknownFields && schemas.some(isNotStructural),
      types: some(({ type = '' }) => !TYPES.includes(type)),
      unprunedDefaults: some(hasUnprunedDefault),
      setsOfGranularItems: some(isSetOfGranularItems),
      mapKeys: some((schema) => validateMapKeys(schema, ROOT_PATH).length > 0),
    },
    conversion: {
      unknownReviewVersions: reviewVersions.length > 0 && !hasKnownReviewVersion(reviewVersions),
      invalidCaBundle: !isEstablished(old) || isInvalidCaBundle(config?.caBundle ?? ''),
    },
    hasSchemaAsBefore: ({ name, schema }) => {
      const known = before(name);
      return known !== undefined && deepEqual(known.schema, schema);
    },
    hasTooManyFieldsAsBefore: ({ name, selectableFields = [] }) =>
      selectableFields.length > SELECTABLE_FIELDS_MAX &&
      deepEqual(before(name)?.selectableFields, selectableFields),
  };
}

function isNotStructural(schema: JsonSchema): boolean {
  return unsupportedProblem(schema) !== undefined || validateStructuralSchema(ROOT_PATH, schema).length > 0;
}

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status.conditions.some(({ type, status: is }) => type === 'Established' && is === 'True');
}
