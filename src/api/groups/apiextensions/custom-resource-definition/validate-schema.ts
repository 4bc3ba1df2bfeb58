/**
 * The schema of a version: what may stand in it, how it says to merge lists and maps, its defaults, its rules
 * and what they may cost. Worded as upstream's apiextensions/validation.
 *
 * Rules are compiled only when the schema around them is in order: what CEL would say of a broken schema
 * helps nobody.
 */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import type {} from '../../../schema/schema.ts';
import { additionalOf, isEmbedded, itemsOf, type JsonSchema } from '../../../structural/structural.ts';
import { RuleCosts, type RuleScope } from './rule-costs.ts';
import { checkMerging, validateMapKeys } from './validate-merging.ts';
import { validateDefaults } from './validate-defaults.ts';
import { unsupportedProblem, validateStructuralSchema } from './validate-structural.ts';
import { checkRuleTexts, validateRules } from './validate-rules.ts';

/** What an update may leave as bad as it was. */
export interface SchemaTolerance {
  readonly structural: boolean;
  readonly types: boolean;
  readonly unprunedDefaults: boolean;
  readonly setsOfGranularItems: boolean;
  readonly mapKeys: boolean;
  /** The schema did not change: what a rule costs was accepted before. */
  readonly ruleCosts: boolean;
}

export interface SchemaParts {
  readonly tolerance: SchemaTolerance;
  readonly hasStatus: boolean;
}

const ROOT_FIELDS: ReadonlySet<string> = new Set([
  'description', 'type', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum',
  'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'multipleOf', 'required', 'items',
  'properties', 'externalDocs', 'example', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations',
]); // prettier-ignore
/** As upstream lists them. */
const ROOT_FIELDS_TEXT =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';

/** `path`: of what holds `openAPIV3Schema`. */
export function validateSchema(
  path: FieldPath,
  schema: JsonSchema,
  parts: SchemaParts,
): readonly FieldError[] {
  const at = path.child('openAPIV3Schema');
  const errors = [...validateRoot(at, schema, parts.hasStatus)];
  const unsupported = unsupportedProblem(schema);
  let costs: RuleCosts | undefined;
  if (!parts.tolerance.structural && unsupported === undefined) {
    const structure = [...validateStructuralSchema(at, schema)];
    if (structure.length === 0) structure.push(...validateDefaults(at, schema, parts));
    if (structure.length === 0) costs = new RuleCosts(schema);
    errors.push(...structure);
  }
  const found = new Walk(parts, costs).check(schema, at, ROOT_PLACE, costs?.root);
  errors.push(...found.schema, ...found.rules);
  if (errors.length === 0 && unsupported !== undefined && !parts.tolerance.structural) {
    errors.push(error.invalid(at, '', unsupported));
  }
  return [...errors, ...(costs?.problems(at) ?? [])];
}

function validateRoot(path: FieldPath, schema: JsonSchema, hasStatus: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (hasStatus && (schema.type ?? '') !== 'object' && (schema.type ?? '') !== '') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    errors.push(error.invalid(path.child('type'), schema.type, detail));
  } else if (hasStatus) {
    const other = Object.entries(schema).find(([name, value]) => isSet(value) && !ROOT_FIELDS.has(name));
    if (other !== undefined) {
      const detail = `only ${ROOT_FIELDS_TEXT} fields are allowed at the root of the schema if the status subresource is enabled`;
      errors.push(error.invalid(path, asJson(schema), detail));
    }
  }
  if (schema.nullable === true) {
    errors.push(error.forbidden(path.child('nullable'), 'nullable cannot be true at the root'));
  }
  return errors;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && value !== '';
}

/** Where a schema stands, as far as it matters for what it may say. */
interface Place {
  readonly isRoot: boolean;
  readonly isInMetadata: boolean;
  /** Why no default may stand here. */
  readonly noDefaults: string | undefined;
  /** The schema above whose values cannot be told apart before and after an update. */
  readonly uncorrelated: FieldPath | undefined;
}

const ROOT_PLACE: Place = {
  isRoot: true,
  isInMetadata: false,
  noDefaults: undefined,
  uncorrelated: undefined,
};
const METADATA: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

interface Found {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

class Walk {
  readonly #parts: SchemaParts;
  readonly #costs: RuleCosts | undefined;

  constructor(parts: SchemaParts, costs: RuleCosts | undefined) {
    this.#parts = parts;
    this.#costs = costs;
  }

  check(schema: JsonSchema, path: FieldPath, place: Place, scope: RuleScope | undefined): Found {
    const { tolerance } = this.#parts;
    const found: Found = { schema: this.#checkSupported(schema, path, place), rules: [] };
    const take = ({ schema: more, rules }: Found): void => {
      found.schema.push(...more);
      found.rules.push(...rules);
    };
    const inside = { ...place, isRoot: false };
    this.#walkAdditional(schema, path, inside, scope, take);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const at = path.child('properties').key(name);
      take(this.check(property, at, placeOfProperty(schema, name, path, place), scope?.child(property)));
    }
    this.#walkAlternatives(schema, path, inside, take);
    const isKeyed = schema['x-kubernetes-list-type'] === 'map';
    const ofItems = isKeyed ? inside : { ...inside, uncorrelated: inside.uncorrelated ?? path };
    const items = itemsOf(schema);
    if (items !== undefined) take(this.check(items, path.child('items'), ofItems, scope?.child(items)));
    found.schema.push(...checkMerging(schema, path, !tolerance.setsOfGranularItems));
    if (!tolerance.mapKeys) found.schema.push(...validateMapKeys(schema, path));
    found.schema.push(...checkRuleTexts(schema, path));
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length > 0 && found.schema.length === 0 && scope !== undefined && this.#costs !== undefined) {
      found.rules.push(
        ...validateRules(schema, path, scope, this.#costs, {
          uncorrelated: place.uncorrelated,
          toleratesCosts: tolerance.ruleCosts,
        }),
      );
    }
    return found;
  }

  #walkAdditional(
    schema: JsonSchema,
    path: FieldPath,
    inside: Place,
    scope: RuleScope | undefined,
    take: (found: Found) => void,
  ): void {
    const additional = additionalOf(schema);
    if (additional === undefined || additional === true) return;
    const noDefaults = inside.isInMetadata
      ? 'inside additionalProperties applying to object metadata'
      : inside.noDefaults;
    const at = path.child('additionalProperties');
    take(this.check(additional, at, { ...inside, noDefaults }, scope?.child(additional)));
  }

  #walkAlternatives(
    { not, allOf = [], oneOf = [], anyOf = [] }: JsonSchema,
    path: FieldPath,
    inside: Place,
    take: (found: Found) => void,
  ): void {
    if (not !== undefined) take(this.check(not, path.child('not'), inside, undefined));
    for (const [name, list] of Object.entries({ allOf, oneOf, anyOf })) {
      for (const [i, one] of list.entries()) {
        take(this.check(one, path.child(name).index(i), inside, undefined));
      }
    }
  }

  #checkSupported(schema: JsonSchema, path: FieldPath, place: Place): FieldError[] {
    const errors: FieldError[] = [];
    const refuse = (name: string, detail = `${name} is not supported`): void => {
      errors.push(error.forbidden(path.child(name), detail));
    };
    const { type = '' } = schema;
    if (!this.#parts.tolerance.types && type !== '' && !TYPES.includes(type)) {
      errors.push(error.notSupported(path.child('type'), type, TYPES));
    }
    if (schema.default !== undefined && schema.default !== null && place.noDefaults !== undefined) {
      refuse('default', `must not be set ${place.noDefaults}`);
    }
    if (schema.id !== undefined && schema.id !== '') refuse('id');
    if (schema.additionalItems !== undefined) refuse('additionalItems');
    if (Object.keys(schema.patternProperties ?? {}).length > 0) refuse('patternProperties');
    if (Object.keys(schema.definitions ?? {}).length > 0) refuse('definitions');
    if (schema.dependencies !== undefined) refuse('dependencies');
    if (schema.$ref !== undefined) refuse('$ref');
    if (type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative');
    if (Array.isArray(schema.items)) refuse('items', 'items must be a schema object and not an array');
    if (place.isInMetadata && isEmbedded(schema)) {
      refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta');
    }
    if (schema.uniqueItems === true) {
      refuse(
        'uniqueItems',
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      );
    }
    const { additionalProperties: additional } = schema;
    if (additional !== undefined && additional !== true && Object.keys(schema.properties ?? {}).length > 0) {
      refuse('additionalProperties', 'additionalProperties and properties are mutual exclusive');
    }
    return errors;
  }
}

function placeOfProperty(schema: JsonSchema, name: string, path: FieldPath, place: Place): Place {
  const mapType = schema['x-kubernetes-map-type'];
  const isCorrelated = mapType === undefined || mapType === 'granular' || mapType === 'atomic';
  const isMetadata = (place.isRoot || isEmbedded(schema)) && METADATA.has(name);
  return {
    isRoot: false,
    isInMetadata: place.isInMetadata || isMetadata,
    noDefaults: isMetadata && place.isRoot ? `in top-level ${name}` : place.noDefaults,
    uncorrelated: place.uncorrelated ?? (isCorrelated ? undefined : path),
  };
}
