/**
 * What of a policy's expressions cannot be true of the kinds that it matches: fields that these do not have,
 * comparisons of what is never of one type. Pure; upstream's `TypeChecker`. Such a policy works all the same:
 * an expression that fails is an answer too.
 */

import { compile } from '../../api/cel/cel.ts';
import { withVariables, type Environment } from '../../api/cel/environment.ts';
import { kubernetesEnvironment } from '../../api/cel/kubernetes/environment.ts';
import { formatIssues } from '../../api/cel/syntax/issue.ts';
import { DYN, type CelType } from '../../api/cel/types/type.ts';
import { admissionVariables } from '../../api/groups/admissionregistration/admission-types.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
  Variable,
} from '../../api/types.gen.ts';

/** More are not looked at. */
const KINDS_MAX = 10;

export type Kind = Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'plural'>;
/** Undefined: the kind has no schema. */
export type TypeOf = (kind: Kind) => CelType | undefined;

export function expressionWarnings(
  { spec }: ValidatingAdmissionPolicy,
  kinds: readonly Kind[],
  typeOf: TypeOf,
): readonly ExpressionWarning[] {
  const params = paramsType(spec.paramKind, kinds, typeOf);
  const environments = matchedKinds(spec.matchConstraints?.resourceRules ?? [], kinds).flatMap((kind) => {
    const object = typeOf(kind);
    if (object === undefined) return [];
    return [{ kind, environment: environmentFor(object, params, spec.variables ?? []) }];
  });
  return (spec.validations ?? []).flatMap(({ expression, messageExpression = '' }, i) => {
    const fields = { expression, ...(messageExpression === '' ? {} : { messageExpression }) };
    return Object.entries(fields).flatMap(([field, text]) => {
      const warning = environments
        .flatMap(({ kind, environment }) => {
          const compiled = compile(text, environment);
          return compiled.ok ? [] : [`${kindText(kind)}: ${formatIssues(text, compiled.issues)}\n`];
        })
        .join('\n');
      return warning === '' ? [] : [{ fieldRef: `spec.validations[${i}].${field}`, warning }];
    });
  });
}

/** Each variable may name those before it; one that does not compile may be anything. */
function environmentFor(
  object: CelType,
  params: CelType | undefined,
  variables: readonly Variable[],
): Environment {
  const base = kubernetesEnvironment(new Map());
  const known = new Map<string, CelType>();
  const environment = (): Environment => {
    const names = admissionVariables({
      params: params !== undefined,
      authorizer: true,
      defined: variables.length === 0 ? undefined : new Map(known),
    });
    const typed = new Map(names).set('object', object).set('oldObject', object);
    if (params !== undefined) typed.set('params', params);
    return withVariables(base, typed);
  };
  for (const { name, expression } of variables) {
    const compiled = compile(expression, environment());
    known.set(name, compiled.ok ? compiled.program.type : DYN);
  }
  return environment();
}

function paramsType(
  paramKind: ValidatingAdmissionPolicy['spec']['paramKind'],
  kinds: readonly Kind[],
  typeOf: TypeOf,
): CelType | undefined {
  if (paramKind === undefined) return undefined;
  const wanted = `${paramKind.apiVersion ?? ''} ${paramKind.kind ?? ''}`;
  const found = kinds.find(
    ({ group, version, kind }) => `${group === '' ? version : `${group}/${version}`} ${kind}` === wanted,
  );
  // Upstream knows no `params` then; that the kind is missing is not the expression's fault.
  return (found === undefined ? undefined : typeOf(found)) ?? DYN;
}

/** In order of group, version and kind. A rule with a wildcard could mean anything, and is not looked at. */
export function matchedKinds(
  rules: readonly NamedRuleWithOperations[],
  kinds: readonly Kind[],
): readonly Kind[] {
  const found = new Map<string, Kind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const plurals = resources.filter((name) => !/[*/]/.test(name));
    const matched = kinds
      .filter(
        ({ group, version, plural }) =>
          apiGroups.includes(group) && apiVersions.includes(version) && plurals.includes(plural),
      )
      .toSorted(byName);
    for (const kind of matched.slice(0, KINDS_MAX)) found.set(kindText(kind), kind);
    if (matched.length >= KINDS_MAX) break;
  }
  return [...found.values()].toSorted(byName);
}

/** As Go prints it: `apps/v1, Kind=Deployment`. */
function kindText({ group, version, kind }: Kind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function byName(a: Kind, b: Kind): number {
  for (const field of ['group', 'version', 'kind'] as const) {
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1;
  }
  return 0;
}
