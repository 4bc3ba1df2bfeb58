/**
 * What the rules of a schema can cost in all: how often each may run, from the limits of the lists and maps
 * around it, and the sum of it all. Numbers and words are upstream's (apiextensions/validation).
 */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import type { CelType } from '../../../cel/types/type.ts';
import { kubernetesEnvironment } from '../../../cel/kubernetes/environment.ts';
import type { Environment } from '../../../cel/environment.ts';
import { celTypeOfSchema, minSize, REQUEST_MAX_BYTES } from '../../../structural/cel-type.ts';
import { isEmbedded, type JsonSchema } from '../../../structural/structural.ts';

export const COST_PER_EXPRESSION_MAX = 10_000_000;
export const COST_PER_SCHEMA_MAX = 100_000_000;
const SHOWN_MAX = 4;
/** Upstream's largest number; costs do not grow beyond it. */
const COST_MAX = 2 ** 64 - 1;

export class RuleCosts {
  readonly root: RuleScope;
  readonly environment: Environment = kubernetesEnvironment(new Map());
  #total = 0;
  #expensive: readonly { readonly path: FieldPath; readonly cost: number }[] = [];

  constructor(schema: JsonSchema) {
    this.root = new RuleScope(schema, true, 1);
  }

  observe(path: FieldPath, cost: number): void {
    this.#total = Math.min(COST_MAX, this.#total + cost);
    if (cost < COST_PER_SCHEMA_MAX / 100) return;
    this.#expensive = [...this.#expensive, { path, cost }]
      .toSorted((a, b) => b.cost - a.cost)
      .slice(0, SHOWN_MAX);
  }

  problems(path: FieldPath): readonly FieldError[] {
    if (this.#total <= COST_PER_SCHEMA_MAX) return [];
    const detail =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#expensive.map((rule) => error.forbidden(rule.path, detail)),
      error.forbidden(path, costText(name, this.#total, COST_PER_SCHEMA_MAX)),
    ];
  }
}

/** A schema among the rules: its type, and how often its values can occur in one object. */
export class RuleScope {
  readonly #schema: JsonSchema;
  readonly #isResource: boolean;
  /** Undefined: nothing around it has a bound. */
  readonly #occurrencesMax: number | undefined;

  constructor(schema: JsonSchema, isResource: boolean, occurrencesMax: number | undefined) {
    this.#schema = schema;
    this.#isResource = isResource;
    this.#occurrencesMax = occurrencesMax;
  }

  child(schema: JsonSchema): RuleScope {
    const elements = elementsMax(this.#schema);
    const occurrences = this.#occurrencesMax;
    const max = occurrences === undefined || elements === undefined ? undefined : occurrences * elements;
    return new RuleScope(schema, isEmbedded(schema), max);
  }

  get type(): CelType | undefined {
    return celTypeOfSchema(this.#schema, this.#isResource);
  }

  costOf(once: number): number {
    // Without a bound, as many as fit into a request.
    const times =
      this.#occurrencesMax ?? Math.floor(REQUEST_MAX_BYTES / (minSize(this.#schema, this.#isResource) + 1));
    return Math.min(COST_MAX, once * times);
  }
}

function elementsMax(schema: JsonSchema): number | undefined {
  const bound = (max: number | undefined): number | undefined => (max === undefined ? max : Math.max(0, max));
  if (schema.type === 'array') return bound(schema.maxItems);
  if (schema.type === 'object' && schema.additionalProperties !== undefined)
    return bound(schema.maxProperties);
  return 1;
}

export function costText(name: string, cost: number, max: number): string {
  const factor = cost / max;
  const text =
    factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
