/** The access reviews: may somebody, or may I, do this; and everything that I may. */

import { localSubjectAccessReviews } from '../../api/groups/authorization/local-subject-access-review/local-subject-access-review.ts';
import { selfSubjectAccessReviews } from '../../api/groups/authorization/self-subject-access-review/self-subject-access-review.ts';
import { selfSubjectRulesReviews } from '../../api/groups/authorization/self-subject-rules-review/self-subject-rules-review.ts';
import { subjectAccessReviews } from '../../api/groups/authorization/subject-access-review/subject-access-review.ts';
import { forbidden, invalid, required, type FieldError } from '../../api/field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../api/labels/selector.ts';
import { badRequestError, invalidError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type {
  LocalSubjectAccessReview,
  NonResourceRule,
  PolicyRule,
  ResourceAttributes,
  ResourceRule,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../api/types.gen.ts';
import type { Outcome, UserInfo } from '../../client/operation.ts';
import type { AccessAttributes, Authorizer } from '../authorization/authorizer.ts';
import { SUPERUSER_GROUP, type RbacAuthorizer } from '../authorization/rbac.ts';
import type { SubresourceHandler } from './subresource.ts';
import { admitCreated, bodyType, decodeCreated, type Schemas } from './subresource-body.ts';

export interface AccessReviewParts {
  readonly schemas: Schemas;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
}

/** One handler for each of the four kinds. */
export function accessReviewHandlers({
  schemas,
  authorizer,
  rbac,
}: AccessReviewParts): readonly SubresourceHandler[] {
  const type = ({ group, version, kind }: { group: string; version: string; kind: string }) =>
    bodyType(schemas, group, version, kind);
  const ofOthers = type(subjectAccessReviews);
  const local = type(localSubjectAccessReviews);
  const ofSelf = type(selfSubjectAccessReviews);
  const rules = type(selfSubjectRulesReviews);
  const { group } = subjectAccessReviews;
  return [
    {
      path: subjectAccessReviews.plural,
      group,
      handle: async (call) => {
        const review = await admitCreated(call, ofOthers, decodeCreated<SubjectAccessReview>(ofOthers, call));
        check(review.kind, [...validateSubject(review.spec), ...validateAttributes(review.spec)]);
        const status = await ask(authorizer, subjectOf(review.spec), review.spec);
        return created({ ...review, status });
      },
    },
    {
      path: localSubjectAccessReviews.plural,
      group,
      handle: async (call) => {
        const review = await admitCreated(call, local, decodeCreated<LocalSubjectAccessReview>(local, call));
        const { namespace } = call.operation.target;
        check(review.kind, [...validateSubject(review.spec), ...validateLocal(review.spec, namespace)]);
        const status = await ask(authorizer, subjectOf(review.spec), review.spec);
        return created({
          ...review,
          metadata: { ...review.metadata, namespace },
          status,
        });
      },
    },
    {
      path: selfSubjectAccessReviews.plural,
      group,
      handle: async (call) => {
        const review = await admitCreated(call, ofSelf, decodeCreated<SelfSubjectAccessReview>(ofSelf, call));
        check(review.kind, validateAttributes(review.spec));
        const status = await ask(authorizer, call.context.user, review.spec);
        return created({ ...review, status });
      },
    },
    {
      path: selfSubjectRulesReviews.plural,
      group,
      handle: async (call) => {
        const review = await admitCreated(call, rules, decodeCreated<SelfSubjectRulesReview>(rules, call));
        const { namespace = '' } = review.spec;
        if (namespace === '') throw badRequestError('no namespace on request');
        const status = { ...rulesOf(rbac, call.context.user, namespace), incomplete: false };
        return created({ ...review, status });
      },
    },
  ];
}

function created<T extends KubernetesObject>(object: T): Outcome {
  return { type: 'object', object, created: true };
}

function check(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw invalidError({ group: subjectAccessReviews.group, resource: kind }, '', errors);
}

type Attributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

function validateSubject({ user = '', groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return [];
  return [required('spec.user', 'at least one of user or group must be specified')];
}

function validateAttributes({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', { ...nonResourceAttributes }, detail)];
  }
  if (resourceAttributes !== undefined) return validateSelectors(resourceAttributes);
  if (nonResourceAttributes !== undefined) return [];
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalid('spec.resourceAttributes', null, detail)];
}

/** Operators that nobody knows yet are let through: newer clients may send them. */
function validateSelectors({ fieldSelector, labelSelector }: ResourceAttributes): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, selector] of Object.entries({ fieldSelector, labelSelector })) {
    if (selector === undefined) continue;
    const at = `spec.resourceAttributes.${name}`;
    const { rawSelector = '', requirements = [] } = selector;
    if (rawSelector !== '' && requirements.length > 0) {
      errors.push(
        invalid(`${at}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'),
      );
    }
    if (rawSelector === '' && requirements.length === 0) {
      const detail = `when ${at} is specified, requirements or rawSelector is required`;
      errors.push(required(`${at}.requirements`, detail));
    }
    for (const [i, requirement] of requirements.entries()) {
      errors.push(...validateRequirement(requirement, `${at}.requirements[${i}]`, name === 'labelSelector'));
    }
  }
  return errors;
}

function validateRequirement(
  { key = '', operator, values = [] }: { key?: string; operator: string; values?: readonly string[] },
  at: string,
  isLabel: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errors.push(forbidden(`${at}.values`, detail));
  }
  if (!isLabel) return errors;
  const ofKey = labelKeyProblem(key);
  if (ofKey !== undefined) errors.push(invalid(`${at}.key`, key, ofKey));
  for (const [i, value] of values.entries()) {
    const ofValue = labelValueProblem(value);
    if (ofValue !== undefined) errors.push(invalid(`${at}.values[${i}]`, value, ofValue));
  }
  return errors;
}

function validateLocal(spec: SubjectAccessReviewSpec, namespace: string): FieldError[] {
  const errors = validateAttributes(spec);
  if (spec.nonResourceAttributes !== undefined) {
    errors.push(forbidden('spec.nonResourceAttributes', 'disallowed on this kind of request'));
  }
  const given = spec.resourceAttributes?.namespace ?? '';
  if (spec.resourceAttributes !== undefined && given !== namespace) {
    errors.push(invalid('spec.resourceAttributes.namespace', given, 'must match metadata.namespace'));
  }
  return errors;
}

function subjectOf({ user = '', groups = [], uid = '', extra = {} }: SubjectAccessReviewSpec): UserInfo {
  return { name: user, groups, ...(uid === '' ? {} : { uid }), extra };
}

async function ask(
  authorizer: Authorizer,
  user: UserInfo,
  { resourceAttributes, nonResourceAttributes }: Attributes,
): Promise<SubjectAccessReviewStatus> {
  const attributes: AccessAttributes =
    nonResourceAttributes === undefined
      ? onResource(user, resourceAttributes ?? {})
      : {
          type: 'path',
          user,
          verb: nonResourceAttributes.verb ?? '',
          path: nonResourceAttributes.path ?? '',
        };
  const { allowed, reason } = await authorizer.authorize(attributes);
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

function onResource(user: UserInfo, attributes: ResourceAttributes): AccessAttributes {
  const {
    verb = '',
    group = '',
    version = '',
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
  } = attributes;
  return { type: 'resource', user, verb, group, version, resource, subresource, namespace, name };
}

interface Rules {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
}

function rulesOf(rbac: RbacAuthorizer, user: UserInfo, namespace: string): Rules {
  const everything: readonly PolicyRule[] = user.groups.includes(SUPERUSER_GROUP)
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : [];
  const rules = [...everything, ...rbac.rulesFor(user, namespace)];
  const resourceRules: ResourceRule[] = [];
  const nonResourceRules: NonResourceRule[] = [];
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
    if (nonResourceURLs !== undefined && nonResourceURLs.length > 0)
      nonResourceRules.push({ verbs, nonResourceURLs });
    if (resources === undefined || resources.length === 0) continue;
    resourceRules.push({
      verbs,
      ...(apiGroups === undefined ? {} : { apiGroups }),
      resources,
      ...(resourceNames === undefined || resourceNames.length === 0 ? {} : { resourceNames }),
    });
  }
  return { resourceRules, nonResourceRules };
}
