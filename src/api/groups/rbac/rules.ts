/**
 * What the four RBAC kinds share: validation of rules, subjects and role references, and the columns of
 * bindings.
 */

import {
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../meta/columns.ts';
import { deepEqual } from '../../meta/equal.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import { dns1123SubdomainProblem, pathSegmentProblem } from '../../names/names.ts';
import type { PolicyRule, RoleRef, Subject } from '../../types.gen.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function validateRules(rules: readonly PolicyRule[], namespaced: boolean): FieldError[] {
  return rules.flatMap((rule, i) => validateRule(ROOT_PATH.child('rules').index(i), rule, namespaced));
}

function validateRule(path: FieldPath, rule: PolicyRule, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (rule.verbs.length === 0)
    errors.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    if (namespaced) {
      errors.push(
        invalid(
          path.child('nonResourceURLs'),
          [...urls],
          'namespaced rules cannot apply to non-resource URLs',
        ),
      );
    }
    if (rule.apiGroups !== undefined || rule.resources !== undefined || rule.resourceNames !== undefined) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(path.child('nonResourceURLs'), [...urls], detail));
    }
    return errors;
  }
  if ((rule.apiGroups ?? []).length === 0) {
    errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if ((rule.resources ?? []).length === 0) {
    errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}

interface Binding extends KubernetesObject {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

export function defaultBinding<T extends Binding>(binding: T): T {
  const subjects = binding.subjects?.map(defaultSubject);
  const roleRef =
    (binding.roleRef.apiGroup ?? '') === '' ? { ...binding.roleRef, apiGroup: RBAC_GROUP } : binding.roleRef;
  return { ...binding, roleRef, ...(subjects === undefined ? {} : { subjects }) };
}

function defaultSubject(subject: Subject): Subject {
  if ((subject.apiGroup ?? '') !== '') return subject;
  return subject.kind === 'User' || subject.kind === 'Group' ? { ...subject, apiGroup: RBAC_GROUP } : subject;
}

export function validateBinding(binding: Binding, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const ref = ROOT_PATH.child('roleRef');
  const { apiGroup, kind, name } = binding.roleRef;
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported(ref.child('apiGroup'), apiGroup, [RBAC_GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind)) errors.push(notSupported(ref.child('kind'), kind, kinds));
  const problem = name === '' ? undefined : pathSegmentProblem(name);
  if (problem !== undefined) errors.push(invalid(ref.child('name'), name, problem));
  for (const [i, subject] of (binding.subjects ?? []).entries()) {
    errors.push(...validateSubject(ROOT_PATH.child('subjects').index(i), subject, namespaced));
  }
  return errors;
}

function validateSubject(path: FieldPath, subject: Subject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (subject.name === '') errors.push(required(path.child('name')));
  switch (subject.kind) {
    case 'ServiceAccount': {
      const problem = subject.name === '' ? undefined : dns1123SubdomainProblem(subject.name);
      if (problem !== undefined) errors.push(invalid(path.child('name'), subject.name, problem));
      if ((subject.apiGroup ?? '') !== '')
        errors.push(notSupported(path.child('apiGroup'), subject.apiGroup, ['']));
      if (!namespaced && (subject.namespace ?? '') === '') errors.push(required(path.child('namespace')));
      return errors;
    }
    case 'User':
    case 'Group':
      if (subject.apiGroup !== RBAC_GROUP) {
        errors.push(notSupported(path.child('apiGroup'), subject.apiGroup, [RBAC_GROUP]));
      }
      return errors;
    default:
      return [...errors, notSupported(path.child('kind'), subject.kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

export function validateBindingUpdate(next: Binding, old: Binding): FieldError[] {
  if (deepEqual(next.roleRef, old.roleRef)) return [];
  return [
    invalid(
      'roleRef',
      next.roleRef as unknown as { readonly [key: string]: string },
      'cannot change roleRef',
    ),
  ];
}

/** Rules beyond what the author holds are refused by admission; here only the shape. */
export const ROLE_COLUMNS: readonly Column<KubernetesObject>[] = [
  NAME_COLUMN,
  {
    name: 'Created At',
    type: 'date',
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created.',
    priority: 0,
    value: (object) => object.metadata.creationTimestamp ?? '',
  },
];

const subjectsOf = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map((subject) =>
      kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name,
    )
    .join(', ');

export const BINDING_COLUMNS: readonly Column<Binding>[] = [
  NAME_COLUMN,
  {
    name: 'Role',
    type: 'string',
    description:
      'RoleRef can only reference a Role in the current namespace or a ClusterRole in the global namespace.',
    priority: 0,
    value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  },
  AGE_COLUMN,
  {
    name: 'Users',
    type: 'string',
    description: 'Users in the roleBinding',
    priority: 1,
    value: (binding) => subjectsOf(binding, 'User'),
  },
  {
    name: 'Groups',
    type: 'string',
    description: 'Groups in the roleBinding',
    priority: 1,
    value: (binding) => subjectsOf(binding, 'Group'),
  },
  {
    name: 'ServiceAccounts',
    type: 'string',
    description: 'ServiceAccounts in the roleBinding',
    priority: 1,
    value: (binding) => subjectsOf(binding, 'ServiceAccount'),
  },
];

/** A selector that aggregates other roles is a plain LabelSelector; an empty list aggregates nothing. */
export function validateAggregation(selectors: readonly unknown[] | undefined): FieldError[] {
  if (selectors === undefined || selectors.length > 0) return [];
  return [
    required(
      'aggregationRule.clusterRoleSelectors',
      'at least one clusterRoleSelector required if aggregationRule is non-nil',
    ),
  ];
}
