/**
 * The expressions of admission kinds, judged when they are written: whether they compile with what they may
 * name, and what they evaluate to. Worded as upstream.
 */

import { compile, type Program } from '../../cel/cel.ts';
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
  type ObjectType,
  STRING,
} from '../../cel/types/type.ts';
import { invalid, type FieldError, type FieldPath } from '../../field/field-error.ts';
import type { Variable } from '../../types.gen.ts';
import { admissionVariables, variablesType } from './admission-types.ts';

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

export type CompiledExpression =
  | { readonly ok: true; readonly program: Program }
  /** Why it cannot be evaluated: it does not compile, or is of the wrong type. */
  | { readonly ok: false; readonly problem: string };

/** Compiles the expressions of one object, which share what they may name. */
export class ExpressionCompiler {
  /** As the object defines them, by name. */
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly #scope: ExpressionScope;
  readonly #types = new Map<string, CelType>();
  readonly #environments = new Map<ExpressionUse, Environment>();

  /** Each variable may name those before it. */
  constructor(scope: ExpressionScope) {
    this.#scope = scope;
    const variables = new Map<string, CompiledExpression>();
    for (const { name, expression } of scope.variables) {
      if (expression.trim() === '') continue;
      const compiled = compile(expression, this.#environment(CONDITION));
      // What names one that does not compile is not judged for that.
      this.#types.set(name, compiled.ok ? compiled.program.type : DYN);
      variables.set(
        name,
        compiled.ok ? compiled : { ok: false, problem: failure(expression, compiled.issues) },
      );
    }
    this.variables = variables;
  }

  /** The type of what bears the name `variables`. */
  variablesType(): ObjectType {
    return variablesType(this.#types);
  }

  compile(expression: string, use: ExpressionUse): CompiledExpression {
    const environment = this.#environments.get(use) ?? this.#environment(use);
    this.#environments.set(use, environment);
    const compiled = compile(expression, environment);
    if (!compiled.ok) return { ok: false, problem: failure(expression, compiled.issues) };
    const { type } = compiled.program;
    if (use.yields.some((wanted) => isSameType(type, wanted))) return compiled;
    const names = use.yields.map(goName);
    const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    return { ok: false, problem: `must evaluate to ${wanted} but got ${goName(type)}` };
  }

  #environment({ authorizer, variables }: ExpressionUse): Environment {
    const { params, patches, variables: defined } = this.#scope;
    const known = variables && defined.length > 0 ? new Map(this.#types) : undefined;
    base ??= kubernetesEnvironment(new Map());
    const names = admissionVariables({ params, authorizer, defined: known });
    return withVariables(base, names, patches ? mutationType : undefined);
  }
}

export class ExpressionJudge {
  readonly #compiler: ExpressionCompiler;

  constructor(scope: ExpressionScope) {
    this.#compiler = new ExpressionCompiler(scope);
  }

  /** A blank expression is somebody else's to refuse. */
  judge(path: FieldPath, expression: string, use: ExpressionUse): FieldError[] {
    if (expression.trim() === '') return [];
    const compiled = this.#compiler.compile(expression, use);
    return compiled.ok ? [] : [invalid(path, expression, compiled.problem)];
  }

  /** A variable may be of any type. */
  judgeVariable(path: FieldPath, { name, expression }: Variable): FieldError[] {
    const compiled = this.#compiler.variables.get(name);
    return compiled === undefined || compiled.ok ? [] : [invalid(path, expression, compiled.problem)];
  }
}

function failure(expression: string, issues: readonly Issue[]): string {
  return `compilation failed: ${formatIssues(expression, issues)}`;
}

/** Upstream prints types here as Go does. */
function goName(type: CelType): string {
  return type.kind === 'null' ? 'null_type' : formatType(type);
}
