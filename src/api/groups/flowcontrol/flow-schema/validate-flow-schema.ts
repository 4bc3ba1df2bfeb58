/** Rules for which requests a FlowSchema matches. */

import { checked } from '../../../field/rules.ts';
import {
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type {
  FlowcontrolV1Subject,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  ServiceAccountSubject,
} from '../../../types.gen.ts';
import { EXEMPT } from '../mandatory-objects.ts';

const PRECEDENCE_MAX = 10_000;
const DISTINGUISHERS: readonly string[] = ['ByNamespace', 'ByUser'];
const SUBJECT_KINDS: readonly string[] = ['Group', 'ServiceAccount', 'User'];
const VERBS: readonly string[] = [
  'create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch',
]; // prettier-ignore

export function validateFlowSchemaSpec(path: FieldPath, name: string, spec: FlowSchemaSpec): FieldError[] {
  const { priorityLevelConfiguration: level, distinguisherMethod: method, rules = [] } = spec;
  const errors = validatePrecedence(path.child('matchingPrecedence'), name, spec.matchingPrecedence);
  if (method !== undefined && !DISTINGUISHERS.includes(method.type)) {
    const at = path.child('distinguisherMethod', 'type');
    errors.push(notSupported(at, { type: method.type }, DISTINGUISHERS));
  }
  const at = path.child('priorityLevelConfiguration', 'name');
  if (level.name === '') errors.push(required(at, 'must reference a priority level'));
  else errors.push(...checked(at, level.name, dns1123SubdomainProblem(level.name)));
  return [...errors, ...rules.flatMap((rule, i) => validateRule(path.child('rules').index(i), rule))];
}

function validatePrecedence(path: FieldPath, name: string, precedence: number): FieldError[] {
  const errors: FieldError[] = [];
  if (precedence <= 0) errors.push(invalid(path, precedence, 'must be a positive value'));
  if (precedence > PRECEDENCE_MAX) {
    errors.push(invalid(path, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  }
  if (precedence === 1 && name !== EXEMPT) {
    errors.push(invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  return errors;
}

function validateRule(path: FieldPath, rule: PolicyRulesWithSubjects): FieldError[] {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  const errors = subjects.flatMap((subject, i) => validateSubject(path.child('subjects').index(i), subject));
  if (subjects.length === 0) {
    errors.push(required(path.child('subjects'), 'subjects must contain at least one value'));
  }
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((r, i) => validateResourceRule(path.child('resourceRules').index(i), r)),
    ...nonResourceRules.flatMap((r, i) => validateUrlRule(path.child('nonResourceRules').index(i), r)),
  ];
}

const FIELDS = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const;
/** In which order upstream looks for what does not belong there. */
const FOREIGN = {
  User: ['ServiceAccount', 'Group'],
  Group: ['ServiceAccount', 'User'],
  ServiceAccount: ['User', 'Group'],
} as const;

function validateSubject(path: FieldPath, subject: FlowcontrolV1Subject): FieldError[] {
  const { kind } = subject;
  if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount') {
    return [notSupported(path.child('kind'), kind, SUBJECT_KINDS)];
  }
  const field = FIELDS[kind];
  const errors: FieldError[] = [];
  if (subject[field] === undefined) {
    errors.push(required(path.child(field), `${field} is required when subject kind is '${kind}'`));
  } else if (kind === 'ServiceAccount' && subject.serviceAccount !== undefined) {
    errors.push(...validateAccount(path.child(field), subject.serviceAccount));
  }
  for (const other of FOREIGN[kind]) {
    const foreign = FIELDS[other];
    if (subject[foreign] === undefined) continue;
    const detail = `${foreign} is forbidden when subject kind is not '${other}'`;
    errors.push(forbidden(path.child(foreign), detail));
  }
  return errors;
}

function validateAccount(path: FieldPath, { name, namespace }: ServiceAccountSubject): FieldError[] {
  const isAny = name === '' || name === '*';
  const errors = checked(path.child('name'), name, isAny ? undefined : dns1123SubdomainProblem(name));
  const at = path.child('namespace');
  if (namespace === '') return [...errors, required(at, 'must specify namespace for service account')];
  return [...errors, ...checked(at, namespace, dns1123LabelProblem(namespace))];
}

function validateVerbs(path: FieldPath, verbs: readonly string[]): FieldError[] {
  if (verbs.length === 0) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return onlyWildcard(path, verbs, 'verbs');
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, [...verbs], VERBS)];
}

function onlyWildcard(path: FieldPath, values: readonly string[], what: string): FieldError[] {
  if (values.length < 2 || !values.includes('*')) return [];
  return [invalid(path, [...values], `if '*' is present, must not specify other ${what}`)];
}

function validateResourceRule(path: FieldPath, rule: ResourcePolicyRule): FieldError[] {
  const { verbs, apiGroups, resources, namespaces, clusterScope = false } = rule;
  const errors = validateVerbs(path.child('verbs'), verbs);
  const groupsAt = path.child('apiGroups');
  if (apiGroups.length === 0) {
    errors.push(required(groupsAt, 'resource rules must supply at least one api group'));
  }
  errors.push(...onlyWildcard(groupsAt, apiGroups, 'api groups'));
  const resourcesAt = path.child('resources');
  if (resources.length === 0) {
    errors.push(required(resourcesAt, 'resource rules must supply at least one resource'));
  }
  errors.push(...onlyWildcard(resourcesAt, resources, 'resources'));
  const at = path.child('namespaces');
  if (namespaces.length === 0 && !clusterScope) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace';
    return [...errors, required(at, detail)];
  }
  if (namespaces.includes('*')) return [...errors, ...onlyWildcard(at, namespaces, 'namespaces')];
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  const bad = namespaces.flatMap((namespace, i) => {
    const problem = dns1123LabelProblem(namespace);
    return checked(at.index(i), namespace, problem === undefined ? undefined : intro + problem);
  });
  return [...errors, ...bad];
}

function validateUrlRule(path: FieldPath, { verbs, nonResourceURLs }: NonResourcePolicyRule): FieldError[] {
  const errors = validateVerbs(path.child('verbs'), verbs);
  const at = path.child('nonResourceURLs');
  if (nonResourceURLs.length === 0) {
    return [...errors, required(at, 'nonResourceURLs must contain at least one value')];
  }
  if (nonResourceURLs.includes('*')) {
    return [...errors, ...onlyWildcard(at, nonResourceURLs, 'non-resource URLs')];
  }
  return [...errors, ...nonResourceURLs.flatMap((url, i) => checked(at.index(i), url, urlProblem(url)))];
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  const isSuffix = stars === 1 && url.endsWith('/*');
  return stars === 0 || isSuffix ? undefined : 'wildcard can only do suffix matching';
}
