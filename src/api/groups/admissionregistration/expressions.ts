/**
 * The expressions of admission kinds, judged when they are written: whether they compile with what they may
 * name, and what they evaluate to. Worded as upstream.
 */

import { compile } from '../../cel/cel.ts';
import { type Environment, withVariables } from '../../cel/environment.ts';
import { kubernetesEnvironment } from '../../cel/kubernetes/environment.ts';
import { mutationType } from '../../cel/kubernetes/mutation-types.ts';
import { formatIssues, type Issue } from '../../cel/syntax/issue.ts';
import {
  BOOL,
  type CelType,
  DYN,
  formatType,
  isSameType,
  listOf,
  NULL,
  STRING,
} from '../../cel/types/type.ts';
import { invalid, type FieldError, type FieldPath } from '../../field/field-error.ts';
import type { Variable } from '../../types.gen.ts';
import { admissionVariables } from './admission-types.ts';

/** What the fields of one object may name beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface ExpressionScope {
  readonly params: boolean;
  readonly variables: readonly Variable[];
  /** Whether expressions construct patches. */
  readonly patches: boolean;
}

export const WEBHOOK_SCOPE: ExpressionScope = { params: false, variables: [], patches: false };

export interface ExpressionUse {
  readonly yields: readonly CelType[];
  readonly authorizer: boolean;
  /** Whether what a policy defines can be named. */
  readonly variables: boolean;
}

export const CONDITION: ExpressionUse = { yields: [BOOL], authorizer: true, variables: true };
export const MATCH_CONDITION: ExpressionUse = { ...CONDITION, variables: false };
export const MESSAGE: ExpressionUse = { yields: [STRING], authorizer: false, variables: true };
export const ANNOTATION: ExpressionUse = { ...CONDITION, yields: [STRING, NULL] };
export const CONFIGURATION: ExpressionUse = { ...CONDITION, yields: typesNamed('Object') };
export const JSON_PATCH: ExpressionUse = { ...CONDITION, yields: typesNamed('JSONPatch').map(listOf) };

function typesNamed(name: string): readonly CelType[] {
  const type = mutationType(name);
  return type === undefined ? [] : [type];
}

let base: Environment | undefined;

export class ExpressionJudge {
  readonly #scope: ExpressionScope;
  readonly #types = new Map<string, CelType>();
  readonly #variableProblems = new Map<string, string>();
  readonly #environments = new Map<ExpressionUse, Environment>();

  /** Each variable may name those before it. */
  constructor(scope: ExpressionScope) {
    this.#scope = scope;
    for (const { name, expression } of scope.variables) {
      if (expression.trim() === '') continue;
      const compiled = compile(expression, this.#environment(CONDITION));
      // What names one that does not compile is not judged for that.
      this.#types.set(name, compiled.ok ? compiled.program.type : DYN);
      if (!compiled.ok) this.#variableProblems.set(name, failure(expression, compiled.issues));
    }
  }

  /** A blank expression is somebody else's to refuse. */
  judge(path: FieldPath, expression: string, use: ExpressionUse): FieldError[] {
    if (expression.trim() === '') return [];
    const environment = this.#environments.get(use) ?? this.#environment(use);
    this.#environments.set(use, environment);
    const compiled = compile(expression, environment);
    if (!compiled.ok) return [invalid(path, expression, failure(expression, compiled.issues))];
    const { type } = compiled.program;
    if (use.yields.some((wanted) => isSameType(type, wanted))) return [];
    const names = use.yields.map(goName);
    const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    return [invalid(path, expression, `must evaluate to ${wanted} but got ${goName(type)}`)];
  }

  /** A variable may be of any type. */
  judgeVariable(path: FieldPath, { name, expression }: Variable): FieldError[] {
    const problem = this.#variableProblems.get(name);
    return problem === undefined ? [] : [invalid(path, expression, problem)];
  }

  #environment({ authorizer, variables }: ExpressionUse): Environment {
    const { params, patches, variables: defined } = this.#scope;
    const known = variables && defined.length > 0 ? new Map(this.#types) : undefined;
    base ??= kubernetesEnvironment(new Map());
    const names = admissionVariables({ params, authorizer, defined: known });
    return withVariables(base, names, patches ? mutationType : undefined);
  }
}

function failure(expression: string, issues: readonly Issue[]): string {
  return `compilation failed: ${formatIssues(expression, issues)}`;
}

/** Upstream prints types here as Go does. */
function goName(type: CelType): string {
  return type.kind === 'null' ? 'null_type' : formatType(type);
}
