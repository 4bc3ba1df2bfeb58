/** What a version brings beside its schema: subresources, columns, selectable fields, its deprecation. */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import { findField } from '../../../structural/field-path.ts';
import type { JsonSchema } from '../../../structural/structural.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from '../../../types.gen.ts';

const WARNING_MAX_BYTES = 256;

export function validateDeprecation(version: CustomResourceDefinitionVersion, path: FieldPath): FieldError[] {
  const { deprecated = false, deprecationWarning: warning } = version;
  if (warning === undefined) return [];
  const at = path.child('deprecationWarning');
  const problems: string[] = [];
  if (!deprecated) problems.push('can only be set for deprecated versions');
  else {
    if (Buffer.byteLength(warning) > WARNING_MAX_BYTES) problems.push('must be <= 256 characters long');
    if (warning === '') problems.push('must not be an empty string');
    const found = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
    if (found !== null) {
      const index = Buffer.byteLength(warning.slice(0, found.index));
      problems.push(
        `must only contain printable UTF-8 characters; non-printable character found at index ${index}`,
      );
    }
  }
  return problems.map((detail) => error.invalid(at, warning, detail));
}

export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  path: FieldPath,
): FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const errors: FieldError[] = [];
  const check = (name: string, text: string, roots: readonly string[], where: string): void => {
    const at = path.child('scale', name);
    const problem = jsonPathProblem(text);
    if (problem !== undefined) errors.push(error.invalid(at, text, problem));
    else if (!roots.some((root) => text.startsWith(`.${root}.`))) {
      errors.push(error.invalid(at, text, `should be a json path under ${where}`));
    }
  };
  for (const [name, root] of [
    ['specReplicasPath', 'spec'],
    ['statusReplicasPath', 'status'],
  ] as const) {
    if (scale[name] === '') errors.push(error.required(path.child('scale', name)));
    else check(name, scale[name], [root], `.${root}`);
  }
  const { labelSelectorPath = '' } = scale;
  if (labelSelectorPath !== '') {
    check('labelSelectorPath', labelSelectorPath, ['spec', 'status'], 'either .spec or .status');
  }
  return errors;
}

function jsonPathProblem(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  return text.startsWith('.') ? undefined : 'must be a simple json path starting with .';
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function validateColumns(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (columns ?? []).flatMap((column, i) => validateColumn(column, path.index(i)));
}

function validateColumn(column: CustomResourceColumnDefinition, path: FieldPath): FieldError[] {
  const { name, type, format = '', jsonPath } = column;
  const errors: FieldError[] = [];
  if (name === '') errors.push(error.required(path.child('name')));
  const types = `must be one of ${COLUMN_TYPES.join()}`;
  if (type === '') errors.push(error.required(path.child('type'), types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(error.invalid(path.child('type'), type, types));
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    errors.push(error.invalid(path.child('format'), format, `must be one of ${COLUMN_FORMATS.join()}`));
  }
  if (jsonPath === '') errors.push(error.required(path.child('JSONPath')));
  else {
    const problem = jsonPathProblem(jsonPath);
    if (problem !== undefined) errors.push(error.invalid(path.child('JSONPath'), jsonPath, problem));
  }
  return errors;
}

export const SELECTABLE_FIELDS_MAX = 8;
const SELECTABLE_TYPES: readonly (string | undefined)[] = ['string', 'boolean', 'integer'];

export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JsonSchema,
  path: FieldPath,
  toleratesTooMany: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of fields.entries()) {
    const at = path.index(i).child('jsonPath');
    if (jsonPath === '') {
      errors.push(error.required(at));
      continue;
    }
    const found = findField(jsonPath, schema, false);
    if (!found.ok) {
      errors.push(error.invalid(at, jsonPath, `is an invalid path: ${found.problem}`));
      continue;
    }
    if (found.first === 'metadata') {
      errors.push(error.invalid(at, jsonPath, 'must not point to fields in metadata'));
    }
    if (!SELECTABLE_TYPES.includes(found.schema.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(error.invalid(at, jsonPath, detail));
    }
    const name = found.path.toString();
    if (seen.has(name)) errors.push(error.duplicate(at, jsonPath));
    seen.add(name);
  }
  if (seen.size > SELECTABLE_FIELDS_MAX && !toleratesTooMany) {
    errors.push(error.tooMany(path, seen.size, SELECTABLE_FIELDS_MAX));
  }
  return errors;
}
