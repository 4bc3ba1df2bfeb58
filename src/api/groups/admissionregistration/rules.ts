/**
 * What the kinds of admission share: which requests they match, where parameters come from. CEL expressions
 * are checked here for being there; whether they compile is judged in `expressions.ts`.
 */

import { checked } from '../../field/rules.ts';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../field/field-error.ts';
import { fromLabelSelector, labelKeyProblem, selectorText } from '../../labels/selector.ts';
import { parseApiVersion } from '../../meta/object.ts';
import { dns1035LabelProblem, dns1123SubdomainProblem, pathSegmentProblem } from '../../names/names.ts';
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  RuleWithOperations,
  Variable,
} from '../../types.gen.ts';
import { validateLabelSelector } from '../core/pod/validate-label-selector.ts';
import { ExpressionJudge, MATCH_CONDITION, WEBHOOK_SCOPE } from './expressions.ts';

export const ADMISSION_GROUP = 'admissionregistration.k8s.io';
export const EXTENSIONS: readonly string[] = ['api-extensions'];

const OPERATIONS: readonly string[] = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
/** What can be changed on its way: there is nothing to change in a deletion. */
const MUTATING_OPERATIONS: readonly string[] = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const SCOPES: readonly string[] = ['*', 'Cluster', 'Namespaced'];
const MATCH_CONDITIONS_MAX = 64;

export function validateRule(path: FieldPath, rule: RuleWithOperations): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const at = path.child('operations');
  const errors = validateWildcards(at, operations, 'operations');
  for (const [i, operation] of operations.entries()) {
    if (!OPERATIONS.includes(operation)) errors.push(notSupported(at.index(i), operation, OPERATIONS));
  }
  errors.push(...validateWildcards(path.child('apiGroups'), apiGroups, 'API groups'));
  const versionsAt = path.child('apiVersions');
  errors.push(...validateWildcards(versionsAt, apiVersions, 'API versions'));
  for (const [i, version] of apiVersions.entries()) {
    if (version === '') errors.push(required(versionsAt.index(i)));
  }
  errors.push(...validateResources(path.child('resources'), resources));
  if (scope !== undefined && !SCOPES.includes(scope)) {
    errors.push(notSupported(path.child('scope'), scope, SCOPES));
  }
  return errors;
}

/** At least one value, and `*` only alone. */
function validateWildcards(path: FieldPath, values: readonly string[], what: string): FieldError[] {
  if (values.length === 0) return [required(path)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalid(path, [...values], `if '*' is present, must not specify other ${what}`)];
}

// Resources are `pods`, `pods/status`, `pods/*`, `*/status`, `*` or `*/*`; what one covers must not stand again.
function validateResources(path: FieldPath, resources: readonly string[]): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  let lastPlainIsNamed = false;
  for (const [i, text] of resources.entries()) {
    const at = path.index(i);
    if (text === '') {
      errors.push(required(at));
      continue;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      lastPlainIsNamed = text !== '*';
      continue;
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    const covered = (by: string): FieldError =>
      invalid(at, text, `if '${by}' is present, must not specify ${text}`);
    if (wholeResources.has(resource)) errors.push(covered(`${resource}/*`));
    if (wholeSubresources.has(subresource)) errors.push(covered(`*/${subresource}`));
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    const detail = "if '*/*' is present, must not specify other resources";
    errors.push(invalid(path, [...resources], detail));
  }
  if (resources.includes('*') && lastPlainIsNamed) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, [...resources], detail));
  }
  return errors;
}

function validateNamedRule(path: FieldPath, rule: NamedRuleWithOperations): FieldError[] {
  const names = new Set<string>();
  const errors = (rule.resourceNames ?? []).flatMap((name, i) => {
    const at = path.child('resourceNames').index(i);
    const found = checked(at, name, pathSegmentProblem(name));
    if (names.has(name)) found.push(duplicate(at, name));
    names.add(name);
    return found;
  });
  return [...errors, ...validateRule(path, rule)];
}

export function validateMatchResources(path: FieldPath, match: MatchResources | undefined): FieldError[] {
  if (match === undefined) return [];
  const { namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  const excluded = path.child('excludeResourceRules');
  return [
    ...validateLabelSelector(path.child('namespaceSelector'), namespaceSelector),
    ...validateLabelSelector(path.child('objectSelector'), objectSelector),
    ...resourceRules.flatMap((rule, i) => validateNamedRule(path.child('resourceRules').index(i), rule)),
    ...excludeResourceRules.flatMap((rule, i) => validateNamedRule(excluded.index(i), rule)),
  ];
}

/** A policy must say what it is about, so that its expressions have types. */
export function validateMatchConstraints(path: FieldPath, match: MatchResources | undefined): FieldError[] {
  if (match === undefined) return [required(path)];
  const errors = validateMatchResources(path, match);
  if ((match.resourceRules ?? []).length === 0) errors.push(required(path.child('resourceRules')));
  return errors;
}

export function validateMutatingOperations(path: FieldPath, match: MatchResources | undefined): FieldError[] {
  return (match?.resourceRules ?? [])
    .flatMap(({ operations = [] }) => operations)
    .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
    .map((operation) =>
      notSupported(path.child('resourceRules', 'operations'), operation, MUTATING_OPERATIONS),
    );
}

export function validateMatchConditions(
  path: FieldPath,
  conditions: readonly MatchCondition[] = [],
  judge: ExpressionJudge = new ExpressionJudge(WEBHOOK_SCOPE),
): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > MATCH_CONDITIONS_MAX) {
    errors.push(tooMany(path, conditions.length, MATCH_CONDITIONS_MAX));
  }
  const names = new Set<string>();
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = path.index(i);
    errors.push(...notBlank(at.child('expression'), expression));
    errors.push(...judge.judge(at.child('expression'), expression.trim(), MATCH_CONDITION));
    if (name === '') continue;
    errors.push(...checked(at.child('name'), name, labelKeyProblem(name)));
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
  }
  return errors;
}

/** Blank though not empty, which the schema refuses itself. */
function notBlank(path: FieldPath, text: string, detail = ''): FieldError[] {
  return text !== '' && text.trim() === '' ? [required(path, detail)] : [];
}

const CEL_IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const CEL_RESERVED: readonly string[] = [
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import',
  'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
]; // prettier-ignore

export function validateVariables(
  path: FieldPath,
  variables: readonly Variable[],
  judge: ExpressionJudge,
): FieldError[] {
  return variables.flatMap((variable, i) => {
    const { name, expression } = variable;
    const at = path.index(i);
    const isIdentifier = CEL_IDENTIFIER.test(name) && !CEL_RESERVED.includes(name);
    const errors =
      name.trim() === ''
        ? [required(at.child('name'), 'name is not specified')]
        : checked(at.child('name'), name, isIdentifier ? undefined : 'name is not a valid CEL identifier');
    const expressionAt = at.child('expression');
    if (expression.trim() !== '') return [...errors, ...judge.judgeVariable(expressionAt, variable)];
    return [...errors, required(expressionAt, 'expression is not specified')];
  });
}

export function validateParamKind(path: FieldPath, paramKind: ParamKind | undefined): FieldError[] {
  if (paramKind === undefined) return [];
  const { apiVersion = '', kind = '' } = paramKind;
  const errors = validateParamVersion(path.child('apiVersion'), apiVersion);
  const at = path.child('kind');
  if (kind === '') return [...errors, required(at)];
  const problem = dns1035LabelProblem(kind.toLowerCase());
  const detail = 'may have mixed case, but should otherwise match: ';
  return [...errors, ...checked(at, kind, problem === undefined ? undefined : detail + problem)];
}

function validateParamVersion(path: FieldPath, apiVersion: string): FieldError[] {
  if (apiVersion === '') return [required(path)];
  const parsed = parseApiVersion(apiVersion === '/' ? '' : apiVersion);
  if (parsed === undefined) {
    return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const { group, version } = parsed;
  const errors = group === '' ? [] : checked(path, group, dns1123SubdomainProblem(group));
  if (version === '') return [...errors, invalid(path, apiVersion, 'version must be specified')];
  return [...errors, ...checked(path, version, dns1035LabelProblem(version))];
}

export function validateParamRef(path: FieldPath, reference: ParamRef | undefined): FieldError[] {
  if (reference === undefined) return [];
  const { name = '', selector, parameterNotFoundAction: action = '' } = reference;
  const errors: FieldError[] = [];
  const both = 'name and selector are mutually exclusive';
  const isBoth = name !== '' && selector !== undefined;
  if (name !== '') errors.push(...checked(path.child('name'), name, pathSegmentProblem(name)));
  if (isBoth) errors.push(forbidden(path.child('name'), both));
  errors.push(...validateLabelSelector(path.child('selector'), selector));
  if (isBoth) errors.push(forbidden(path.child('selector'), both));
  if (name === '' && selector === undefined) {
    errors.push(required(path, 'one of name or selector must be specified'));
  }
  const at = path.child('parameterNotFoundAction');
  if (action === '') errors.push(required(at));
  else if (action !== 'Deny' && action !== 'Allow') errors.push(notSupported(at, action, ['Deny', 'Allow']));
  return errors;
}

export function validatePolicyName(path: FieldPath, name: string): FieldError[] {
  return name === '' ? [] : checked(path, name, dns1123SubdomainProblem(name));
}

export function paramKindText(kind: ParamKind | undefined): string {
  return kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;
}

/** Whether the parameter has a namespace cannot be told from here, so one without is in any. */
export function paramRefText(reference: ParamRef | undefined): string {
  const { name = '', namespace = '', selector } = reference ?? {};
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
  return selector === undefined ? '<unset>' : selectorText(fromLabelSelector(selector) ?? []);
}
