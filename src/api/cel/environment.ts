/** What an expression may name: variables, functions, macros, types. Immutable; built once for many expressions. */

import type { FunctionDeclaration, Library, Overload } from './library/declare.ts';
import { type Macro, macroKey, type Syntax } from './syntax/parser.ts';
import {
  BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, optionalOf, STRING, TIMESTAMP,
  typeName, typeOfType, UINT,
} from './types/type.ts'; // prettier-ignore

export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  readonly syntax: Syntax;
  /** The types that expressions may name: `int`, or `Object.spec` to construct one. */
  readonly typeNamed: (name: string) => CelType | undefined;
  /** Names are looked for within this namespace first, then within the ones around it. */
  readonly container: string;
  readonly rules: Rules;
}

/** Where cel-go leaves a choice. */
export interface Rules {
  /** All elements of a list literal, all keys and all values of a map literal have one type. */
  readonly homogeneousLiterals: boolean;
  /** Literals of constants and conversions of constants are computed once, and cost nothing. */
  readonly foldsConstants: boolean;
  /** Literal arguments of `duration`, `timestamp` and `matches` are checked when compiling. */
  readonly checksLiterals: boolean;
}

const TYPES: ReadonlyMap<string, CelType> = new Map(
  [
    BOOL, INT, UINT, DOUBLE, STRING, BYTES, NULL, TIMESTAMP, DURATION, listOf(DYN), mapOf(DYN, DYN),
    typeOfType(undefined), optionalOf(DYN),
  ].map((type) => [typeName(type), type]),
); // prettier-ignore

export interface EnvironmentParts {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly libraries: readonly Library[];
  readonly rules: Rules;
  readonly objectTypes?: (name: string) => CelType | undefined;
  readonly container?: string;
  readonly quotedFields?: boolean;
}

export function environmentOf(parts: EnvironmentParts): Environment {
  const macros = new Map<string, Macro>();
  const functions = new Map<string, readonly Overload[]>();
  for (const library of parts.libraries) {
    for (const macro of library.macros) macros.set(macroKey(macro.name, macro.args, macro.isMember), macro);
    for (const declaration of library.functions) addFunction(functions, declaration);
  }
  return {
    variables: parts.variables,
    functions,
    syntax: { macros, quotedFields: parts.quotedFields ?? false },
    typeNamed: (name) => TYPES.get(name) ?? parts.objectTypes?.(name),
    container: parts.container ?? '',
    rules: parts.rules,
  };
}

function addFunction(functions: Map<string, readonly Overload[]>, added: FunctionDeclaration): void {
  functions.set(added.name, [...(functions.get(added.name) ?? []), ...added.overloads]);
}

/** The same functions for other variables; cheap. */
export function withVariables(
  environment: Environment,
  variables: ReadonlyMap<string, CelType>,
  objectTypes?: (name: string) => CelType | undefined,
): Environment {
  const { typeNamed } = environment;
  if (objectTypes === undefined) return { ...environment, variables };
  return { ...environment, variables, typeNamed: (name) => typeNamed(name) ?? objectTypes(name) };
}

/** `b.c.name`, `b.name`, `name` within container `b.c`. */
export function candidates({ container }: Environment, name: string): readonly string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  if (container === '') return [name];
  const parts = container.split('.');
  const within = parts.map((_, i) => `${parts.slice(0, parts.length - i).join('.')}.${name}`);
  return [...within, name];
}
