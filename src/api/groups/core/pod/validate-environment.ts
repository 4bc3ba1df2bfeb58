/** Rules for environment variables and where their values come from. */

import {
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { dataKeyProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type {
  Container,
  EphemeralContainer,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
} from '../../../types.gen.ts';
import {
  downwardFieldProblem,
  ENVIRONMENT_FIELDS,
  validateResourceField,
} from './validate-downward-field.ts';

const PRINTABLE = /^[ -<>-~]+$/;
const NAME_PROBLEM =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

export function validateEnvironment(
  path: FieldPath,
  container: Container | EphemeralContainer,
): FieldError[] {
  const errors: FieldError[] = [];
  const { env = [], envFrom = [] } = container;
  const [ofEnv, ofEnvFrom] = [path.child('env'), path.child('envFrom')];
  env.forEach((variable, i) => {
    if (!isPlain(variable)) errors.push(...validateVariable(ofEnv.index(i), variable));
  });
  for (const [i, source] of envFrom.entries()) errors.push(...validateFrom(ofEnvFrom.index(i), source));
  return errors;
}

/** Most are: a sound name and a value. */
function isPlain({ name, valueFrom }: EnvVar): boolean {
  return valueFrom === undefined && PRINTABLE.test(name);
}

function validateVariable(path: FieldPath, { name, value = '', valueFrom }: EnvVar): FieldError[] {
  const errors: FieldError[] = [];
  if (name !== '' && !PRINTABLE.test(name)) errors.push(invalid(path.child('name'), name, NAME_PROBLEM));
  if (valueFrom === undefined) return errors;
  const at = path.child('valueFrom');
  const sources = Object.keys(valueFrom).length;
  if (sources === 0) {
    const detail =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(at, '', detail));
  } else if (value !== '') {
    errors.push(invalid(at, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(at, '', 'may not have more than one field specified at a time'));
  }
  return [...errors, ...validateSource(at, valueFrom)];
}

function validateSource(path: FieldPath, source: EnvVarSource): FieldError[] {
  const errors: FieldError[] = [];
  if (source.fieldRef !== undefined) {
    const { fieldPath } = source.fieldRef;
    const at = path.child('fieldRef', 'fieldPath');
    if (downwardFieldProblem(fieldPath, ENVIRONMENT_FIELDS)) {
      errors.push(notSupported(at, fieldPath, ENVIRONMENT_FIELDS));
    }
  }
  if (source.resourceFieldRef !== undefined) {
    errors.push(...validateResourceField(path.child('resourceFieldRef'), source.resourceFieldRef, false));
  }
  for (const field of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = source[field];
    if (reference === undefined) continue;
    if ((reference.name ?? '') === '') errors.push(required(path.child(field, 'name')));
    const problem = reference.key === '' ? undefined : dataKeyProblem(reference.key);
    if (problem !== undefined) errors.push(invalid(path.child(field, 'key'), reference.key, problem));
  }
  return errors;
}

function validateFrom(path: FieldPath, source: EnvFromSource): FieldError[] {
  const { prefix = '', configMapRef, secretRef } = source;
  const errors: FieldError[] = [];
  if (prefix !== '' && !PRINTABLE.test(prefix))
    errors.push(invalid(path.child('prefix'), prefix, NAME_PROBLEM));
  if (configMapRef === undefined && secretRef === undefined) {
    errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
  }
  if (configMapRef !== undefined && secretRef !== undefined) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
  for (const [field, reference] of [
    ['configMapRef', configMapRef],
    ['secretRef', secretRef],
  ] as const) {
    if (reference === undefined) continue;
    const at = path.child(field, 'name');
    const { name = '' } = reference;
    const problem = dns1123SubdomainProblem(name);
    if (name === '') errors.push(required(at));
    else if (problem !== undefined) errors.push(invalid(at, name, problem));
  }
  return errors;
}
