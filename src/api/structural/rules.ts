/**
 * The rules of a schema (`x-kubernetes-validations`) judged on an object.
 *
 * Input: the object, the one it replaces, and what else is wrong with it. Output: field errors worded as
 * upstream (apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go). Rules are compiled when the first
 * object reaches them; a budget of cost bounds what one object may take, whatever its rules are.
 *
 * Rules of lists with keys and of maps see the item that had the same key before as `oldSelf`. What stands as
 * it stood before is let pass (KEP-4008), unless its rule compares with `oldSelf`.
 */

import type { Environment } from '../cel/environment.ts';
import { COST_PER_CALL_MAX, kubernetesEnvironment } from '../cel/kubernetes/environment.ts';
import type { CelType } from '../cel/types/type.ts';
import { fromJson } from '../cel/values/json.ts';
import { type CelValue, NONE, OptionalValue } from '../cel/values/value.ts';
import * as error from '../field/field-error.ts';
import { fieldErrorText, ROOT_PATH, type FieldError, type FieldPath } from '../field/field-error.ts';
import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { celTypeOfSchema } from './cel-type.ts';
import type { RuleChecker } from './custom-schema.ts';
import { canonical, keysOf } from './list-types.ts';
import { compileRules, type CompiledRule } from './rule.ts';
import {
  additionalOf, isEmbedded, isList, isObject, itemsOf, propertyOf, type JsonSchema,
} from './structural.ts'; // prettier-ignore

/** Units of cost for all rules of one object. */
export const COST_PER_OBJECT_MAX = 10_000_000;
const MESSAGE_MAX_BYTES = 5 * 1024;

/** What makes rules meaningless: values of the wrong type or too large for what the rules were estimated at. */
const BLOCKING: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** A schema with rules in it or below; one without has no node. */
interface Node {
  readonly schema: JsonSchema;
  readonly type: CelType | undefined;
  readonly properties: ReadonlyMap<string, Node>;
  readonly below: Node | undefined;
}

export class SchemaRules implements RuleChecker {
  readonly #schema: JsonSchema;
  readonly #isResource: boolean;
  readonly #compiled = new Map<Node, readonly CompiledRule[]>();
  #environment: Environment | undefined;
  #root: Node | undefined;

  constructor(schema: JsonSchema, isResource = true) {
    this.#schema = schema;
    this.#isResource = isResource;
  }

  validate(
    object: JsonObject,
    old: JsonObject | undefined,
    errors: readonly FieldError[],
    warn: (text: string) => void = () => {},
  ): readonly FieldError[] {
    if (errors.some(({ type }) => BLOCKING.has(type))) {
      const detail =
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
      return [error.invalid('', null, detail)];
    }
    return this.validateValue(object, old, ROOT_PATH, old !== undefined, warn);
  }

  /** As `validate`, for any value (a default). `ratchets`: what stands as it stood is let pass. */
  validateValue(
    value: JsonValue,
    old: JsonValue | undefined,
    path: FieldPath,
    ratchets: boolean,
    warn: (text: string) => void = () => {},
  ): readonly FieldError[] {
    this.#root ??= nodeOf(this.#schema, celTypeOfSchema(this.#schema, this.#isResource));
    if (this.#root === undefined) return [];
    const run = new Run((node) => this.#rulesOf(node), warn);
    run.walk(this.#root, { value, old, path, standsAsItStood: ratchets ? undefined : false });
    return run.errors;
  }

  #rulesOf(node: Node): readonly CompiledRule[] {
    let rules = this.#compiled.get(node);
    if (rules === undefined) {
      this.#environment ??= kubernetesEnvironment(new Map());
      rules = node.type === undefined ? [] : compileRules(node.schema, node.type, this.#environment);
      this.#compiled.set(node, rules);
    }
    return rules;
  }
}

export function hasRules(schema: JsonSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  const items = itemsOf(schema);
  if (items !== undefined && hasRules(items)) return true;
  const additional = additionalOf(schema);
  if (additional !== undefined && additional !== true && hasRules(additional)) return true;
  return Object.values(schema.properties ?? {}).some(hasRules);
}

function nodeOf(schema: JsonSchema, type: CelType | undefined): Node | undefined {
  if (!hasRules(schema)) return undefined;
  const properties = new Map<string, Node>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const declared = type?.kind === 'object' ? type.jsonField(name)?.type : undefined;
    // No expression can name it, but its own rules see it all the same.
    const fieldType = declared ?? celTypeOfSchema(property, isEmbedded(property), name);
    const node = nodeOf(property, fieldType);
    if (node !== undefined) properties.set(name, node);
  }
  const inner = itemsOf(schema) ?? additionalOf(schema);
  const innerType = type?.kind === 'list' ? type.items : type?.kind === 'map' ? type.values : undefined;
  const below = inner === undefined || inner === true ? undefined : nodeOf(inner, innerType);
  return { schema, type, properties, below };
}

interface Place {
  readonly value: JsonValue;
  readonly old: JsonValue | undefined;
  readonly path: FieldPath;
  /** Known of what holds the value; undefined: to be found out. */
  readonly standsAsItStood: boolean | undefined;
}

/** One pass over one object, with what it has left to spend. */
class Run {
  readonly errors: FieldError[] = [];
  readonly #rulesOf: (node: Node) => readonly CompiledRule[];
  /** Hears what is let pass because it was so before. */
  readonly #warn: (text: string) => void;
  #budget = COST_PER_OBJECT_MAX;

  constructor(rulesOf: (node: Node) => readonly CompiledRule[], warn: (text: string) => void) {
    this.#rulesOf = rulesOf;
    this.#warn = warn;
  }

  /** False: the budget is spent, nothing more is judged. */
  walk(node: Node, place: Place): boolean {
    const { value, old, path } = place;
    if (value === null) return true;
    const rules = this.#rulesOf(node);
    if (rules.length > 0 && !this.#judge(node, rules, place)) return false;
    if (isList(value)) return this.#walkList(node, value, place);
    if (!isObject(value)) return true;
    const before = isObject(old) ? old : {};
    for (const key of Object.keys(value)) {
      const own = node.properties.get(key);
      const below = own ?? (propertyOf(node.schema, key) === undefined ? node.below : undefined);
      const inner = value[key];
      if (below === undefined || inner === undefined) continue;
      const at = own === undefined ? path.key(key) : path.child(key);
      if (!this.walk(below, within(place, inner, before[key], at))) return false;
    }
    return true;
  }

  #walkList(node: Node, list: readonly JsonValue[], place: Place): boolean {
    const { below } = node;
    if (below === undefined) return true;
    const keys = node.schema['x-kubernetes-list-map-keys'] ?? [];
    const isKeyed = node.schema['x-kubernetes-list-type'] === 'map' && isList(place.old);
    const before = new Map<string, JsonValue>();
    if (isKeyed) {
      for (const item of isList(place.old) ? place.old : []) before.set(canonical(keysOf(keys, item)), item);
    }
    for (const [i, item] of list.entries()) {
      const old = isKeyed ? before.get(canonical(keysOf(keys, item))) : undefined;
      if (!this.walk(below, within(place, item, old, place.path.index(i)))) return false;
    }
    return true;
  }

  #judge(node: Node, rules: readonly CompiledRule[], place: Place): boolean {
    const { path } = place;
    const shown = node.schema.type ?? '';
    if (this.#budget <= 0) {
      this.errors.push(error.invalid(path, shown, OUT_OF_BUDGET));
      return false;
    }
    const bindings = bindingsOf(node, place);
    for (const rule of rules) {
      if (rule.problem !== undefined) {
        this.errors.push(error.invalid(path, shown, `rule compile error: ${rule.problem}`));
        continue;
      }
      if (rule.program === undefined) continue;
      if (rule.usesOldSelf && place.old === undefined && rule.rule.optionalOldSelf !== true) continue;
      const outcome = this.#evaluate(rule, rule.program, bindings(rule), path, shown);
      if (outcome === 'stop') return false;
      if (outcome !== 'broken') continue;
      if (!this.#report(rule, node, bindings(rule), place)) return false;
    }
    return true;
  }

  #evaluate(
    rule: CompiledRule,
    program: NonNullable<CompiledRule['program']>,
    bindings: Readonly<Record<string, CelValue>>,
    path: FieldPath,
    shown: string,
  ): 'kept' | 'broken' | 'failed' | 'stop' {
    const result = program.evaluate(bindings, { costLimit: COST_PER_CALL_MAX });
    if (result.cost > this.#budget) {
      this.errors.push(error.invalid(path, shown, OUT_OF_BUDGET));
      return 'stop';
    }
    this.#budget -= result.cost;
    if (result.ok) return result.value === true ? 'kept' : 'broken';
    const text = ruleText(rule);
    if (result.error.startsWith(COST_EXCEEDED)) {
      const detail = `'${result.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
      this.errors.push(error.invalid(path, shown, detail));
      return 'stop';
    }
    const detail = result.error.startsWith('no such overload')
      ? `'${result.error}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
      : `${result.error} evaluating rule: ${text}`;
    this.errors.push(error.invalid(path, shown, detail));
    return 'failed';
  }

  #report(
    rule: CompiledRule,
    node: Node,
    bindings: Readonly<Record<string, CelValue>>,
    place: Place,
  ): boolean {
    const path = rule.field === undefined ? place.path : place.path.child(rule.field.toString());
    const add = (found: FieldError): void => {
      if (rule.usesOldSelf || !stands(place)) this.errors.push(found);
      else this.#warn(fieldErrorText(found));
    };
    const message = this.#message(rule, bindings);
    if ('fatal' in message) {
      add(error.invalid(path, node.schema.type ?? '', message.fatal));
      return false;
    }
    const isWhole = node.schema.type === 'object' || node.schema.type === 'array';
    add(brokenRule(rule, path, isWhole ? undefined : place.value, message.text));
    return true;
  }

  /** What the rule says for itself; an expression that yields no fit text gives way to the fixed message. */
  #message(
    rule: CompiledRule,
    bindings: Readonly<Record<string, CelValue>>,
  ): { readonly text: string } | { readonly fatal: string } {
    const { message: fixed = '', messageExpression = '' } = rule.rule;
    const plain = { text: fixed === '' ? `failed rule: ${ruleText(rule)}` : fixed.trim() };
    if (rule.message === undefined) return plain;
    const result = rule.message.evaluate(bindings, { costLimit: COST_PER_CALL_MAX });
    if (result.cost > this.#budget) {
      return {
        fatal:
          'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      };
    }
    if (!result.ok && result.error.startsWith(COST_EXCEEDED)) {
      const expression = JSON.stringify(messageExpression);
      return {
        fatal: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${expression}`,
      };
    }
    this.#budget -= result.cost;
    if (!result.ok || typeof result.value !== 'string') return plain;
    const text = result.value.trim();
    const isFit = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MESSAGE_MAX_BYTES;
    return isFit ? { text } : plain;
  }
}

const COST_EXCEEDED = 'operation cancelled: actual cost limit exceeded';
const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

function ruleText({ rule: { rule, message = '' } }: CompiledRule): string {
  return (message === '' ? rule : message).trim();
}

/** `value` undefined: objects and lists are not shown. */
function brokenRule(
  { rule }: CompiledRule,
  path: FieldPath,
  value: JsonValue | undefined,
  detail: string,
): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return error.forbidden(path, detail);
    case 'FieldValueRequired':
      return error.required(path, detail);
    case 'FieldValueDuplicate':
      return value === undefined ? error.duplicateOmitted(path) : error.duplicate(path, value);
    default:
      return value === undefined ? error.invalidOmitted(path, detail) : error.invalid(path, value, detail);
  }
}

function bindingsOf(node: Node, { value, old }: Place): (rule: CompiledRule) => Record<string, CelValue> {
  const type = node.type;
  const seen = (json: JsonValue): CelValue => (type === undefined ? null : fromJson(json, type));
  const self = seen(value);
  const oldSelf = old === undefined || old === null ? undefined : seen(old);
  return ({ rule, usesOldSelf }) => {
    if (!usesOldSelf) return { self };
    if (rule.optionalOldSelf === true) {
      return { self, oldSelf: oldSelf === undefined ? NONE : new OptionalValue(oldSelf) };
    }
    return oldSelf === undefined ? { self } : { self, oldSelf };
  };
}

/** A place below; what has no counterpart of its own stands or falls with what holds it. */
function within(place: Place, value: JsonValue, old: JsonValue | undefined, path: FieldPath): Place {
  const standsAsItStood = place.standsAsItStood ?? (old === undefined ? stands(place) : undefined);
  return { value, old, path, standsAsItStood };
}

function stands(place: Place): boolean {
  return place.standsAsItStood ?? (place.old !== undefined && deepEqual(place.value, place.old));
}
