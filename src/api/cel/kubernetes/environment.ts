/** The environment of Kubernetes 1.36: which libraries, in which version, and under which rules. */

import { type Environment, environmentOf, type Rules } from '../environment.ts';
import { BINDINGS, TWO_VARIABLE_COMPREHENSIONS } from '../library/comprehensions.ts';
import { CONVERSIONS } from '../library/conversions.ts';
import type { Library } from '../library/declare.ts';
import { OPERATORS } from '../library/operators.ts';
import { OPTIONALS } from '../library/optionals.ts';
import { LISTS, SETS } from '../library/sets-and-lists.ts';
import { STRINGS } from '../library/strings.ts';
import { TEXTS_AND_TIMES } from '../library/texts-and-times.ts';
import { STANDARD_MACROS } from '../syntax/macros.ts';
import type { CelType } from '../types/type.ts';
import { AUTHORIZATION } from './authorizer.ts';
import { KUBERNETES_LISTS, KUBERNETES_PATTERNS } from './lists-and-patterns.ts';
import { CIDRS, IPS } from './networks.ts';
import { QUANTITIES } from './quantities.ts';
import { SEMVERS } from './semvers.ts';
import { JSON_PATCHES, NAMED_FORMATS, URLS } from './urls-and-formats.ts';

/** What CEL itself has, with the optional parts that Kubernetes has on. */
export const BASE_LIBRARIES: readonly Library[] = [
  { functions: [], macros: STANDARD_MACROS },
  OPERATORS,
  CONVERSIONS,
  TEXTS_AND_TIMES,
  OPTIONALS,
  TWO_VARIABLE_COMPREHENSIONS,
  BINDINGS,
  STRINGS,
  SETS,
  LISTS,
];

export const KUBERNETES_LIBRARIES: readonly Library[] = [
  ...BASE_LIBRARIES,
  URLS,
  KUBERNETES_PATTERNS,
  KUBERNETES_LISTS,
  AUTHORIZATION,
  QUANTITIES,
  IPS,
  CIDRS,
  NAMED_FORMATS,
  SEMVERS,
  JSON_PATCHES,
];

const RULES: Rules = { homogeneousLiterals: true, foldsConstants: true, checksLiterals: true };

/** Limits of the API, in units of cost. */
export const COST_PER_CALL_MAX = 1_000_000;

/** `objectTypes` are those that expressions may construct: `Object.spec`, `JSONPatch`. */
export function kubernetesEnvironment(
  variables: ReadonlyMap<string, CelType>,
  objectTypes?: (name: string) => CelType | undefined,
): Environment {
  const types = objectTypes === undefined ? {} : { objectTypes };
  return environmentOf({ variables, libraries: KUBERNETES_LIBRARIES, rules: RULES, ...types });
}
