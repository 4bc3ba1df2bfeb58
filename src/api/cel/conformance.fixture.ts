/** Reads the official conformance tests, whose data are protobuf messages in JSON. */

import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { compile } from './cel.ts';
import { environmentOf } from './environment.ts';
import { BASE_LIBRARIES, COST_PER_CALL_MAX } from './kubernetes/environment.ts';
import { fn, type FunctionDeclaration, global, onValue } from './library/declare.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  formatType,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  parameter,
  STRING,
  TIMESTAMP,
  typeName,
  typeOfType,
  UINT,
} from './types/type.ts';
import { intOf } from './values/int.ts';
import { isEqual } from './values/equal.ts';
import { typeOf } from './values/kind.ts';
import { mapFrom } from './values/map.ts';
import { parseDuration, parseTimestamp } from './values/time.ts';
import { CelError, type CelValue, Double, TypeValue, Uint } from './values/value.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ConformanceTest {
  /** `suite/section/name`. */
  readonly name: string;
  readonly expr: string;
  readonly json: Json;
  /** What cel-go's checker says; undefined where it refuses, or has other libraries on. */
  readonly type: string | undefined;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly {
    readonly original: Json & { name?: string; expr: string };
    readonly type?: string;
  }[];
}

export function conformanceTests(): readonly ConformanceTest[] {
  const walk = (suite: Suite, path: string): readonly ConformanceTest[] => [
    ...(suite.tests ?? []).map(({ original, type }) => ({
      name: `${path}/${original.name ?? ''}`,
      expr: original.expr,
      json: original,
      type,
    })),
    ...(suite.suites ?? []).flatMap((inner) =>
      walk(inner, path === '' ? inner.name : `${path}/${inner.name}`),
    ),
  ];
  return walk(tests as Suite, '');
}

/** Protobuf messages, their wrappers and enumerations: no schema of Kubernetes has them. */
export function needsMessages({ json, name }: ConformanceTest): boolean {
  if (/^(proto2|proto3|proto2_ext|enums|wrappers|dynamic)\//.test(name)) return true;
  const text = JSON.stringify(json).replaceAll(/google\.protobuf\.(Timestamp|Duration)(?!\s*\{)/g, '');
  return /TestAllTypes|NestedMessage|GlobalEnum|google\.protobuf\.|wrapper|conformance\.proto/i.test(text);
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

const PRIMITIVES: Readonly<Record<string, CelType>> = {
  BOOL, INT64: INT, UINT64: UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, ANY: DYN,
}; // prettier-ignore

export function readType(json: unknown): CelType {
  const type = object(json);
  if (type['primitive'] !== undefined) return PRIMITIVES[text(type['primitive'])] ?? DYN;
  if (type['wellKnown'] !== undefined) return PRIMITIVES[text(type['wellKnown'])] ?? DYN;
  if (type['null'] !== undefined) return NULL;
  if (type['listType'] !== undefined) return listOf(readType(object(type['listType'])['elemType']));
  if (type['mapType'] !== undefined) {
    const map = object(type['mapType']);
    return mapOf(readType(map['keyType']), readType(map['valueType']));
  }
  if (type['type'] !== undefined) return typeOfType(readType(type['type']));
  if (type['typeParam'] !== undefined) return parameter(text(type['typeParam']));
  if (type['abstractType'] !== undefined) {
    const abstract = object(type['abstractType']);
    return opaque(text(abstract['name']), ...array(abstract['parameterTypes']).map(readType));
  }
  return DYN;
}

/** Variables and functions that a test declares; nothing is behind the functions. */
export function readDeclarations(json: Json): {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: readonly FunctionDeclaration[];
} {
  const variables = new Map<string, CelType>();
  const functions: FunctionDeclaration[] = [];
  for (const declaration of array(json['typeEnv']).map(object)) {
    const name = text(declaration['name']);
    if (declaration['ident'] !== undefined) {
      variables.set(name, readType(object(declaration['ident'])['type']));
    }
    for (const overload of array(object(declaration['function'])['overloads']).map(object)) {
      const args = array(overload['params']).map(readType);
      const declare = overload['isInstanceFunction'] === true ? onValue : global;
      const fail = (): never => {
        throw new CelError('nothing is behind this function');
      };
      functions.push(
        fn(name, declare(text(overload['overloadId']), args, readType(overload['resultType']), fail)),
      );
    }
  }
  return { variables, functions };
}

const NAMED = [BOOL, INT, UINT, DOUBLE, STRING, BYTES, NULL, TIMESTAMP, DURATION, typeOfType(undefined)];
const TYPES: ReadonlyMap<string, CelType> = new Map(
  [...NAMED, listOf(DYN), mapOf(DYN, DYN)].map((type) => [typeName(type), type]),
);

export function readValue(json: unknown): CelValue {
  const [[kind, value] = ['nullValue', null]] = Object.entries(object(json));
  switch (kind) {
    case 'int64Value':
      return intOf(BigInt(text(value)));
    case 'uint64Value':
      return new Uint(BigInt(text(value)));
    case 'doubleValue':
      return new Double(Number(value));
    case 'boolValue':
      return value === true;
    case 'stringValue':
      return text(value);
    case 'bytesValue':
      return Uint8Array.from(Buffer.from(text(value), 'base64'));
    case 'listValue':
      return array(object(value)['values']).map(readValue);
    case 'mapValue':
      return mapFrom(
        array(object(value)['entries'])
          .map(object)
          .map((entry) => [readValue(entry['key']), readValue(entry['value'])]),
      );
    case 'typeValue':
      return new TypeValue(TYPES.get(text(value)) ?? opaque(text(value)));
    case 'objectValue': {
      const moment = text(object(value)['value']);
      return parseTimestamp(moment) ?? parseDuration(moment) ?? null;
    }
    default:
      return null;
  }
}

/** Equal, of the same type, and NaN is NaN. */
function isSame(a: CelValue, b: CelValue): boolean {
  if (a instanceof Double && b instanceof Double && Number.isNaN(a.value)) return Number.isNaN(b.value);
  if (typeName(typeOf(a)) !== typeName(typeOf(b)) || !isEqual(a, b)) return false;
  if (!Array.isArray(a) || !Array.isArray(b)) return true;
  return a.every((item: CelValue, i) => isSame(item, b[i] as CelValue));
}

/** Libraries of cel-go that Kubernetes does not have. */
export function needsOtherLibraries({ name }: ConformanceTest): boolean {
  return /^(math_ext|encoders_ext|block_ext)\//.test(name);
}

/** Undefined when the test passes, else what went wrong. */
export function failureOf({ expr, json, type }: ConformanceTest): string | undefined {
  const { variables, functions } = readDeclarations(json);
  const environment = environmentOf({
    variables,
    libraries: [...BASE_LIBRARIES, { functions, macros: [] }],
    rules: { homogeneousLiterals: false, foldsConstants: false, checksLiterals: false },
    container: text(json['container'] ?? ''),
    quotedFields: true,
  });
  const compiled = compile(expr, environment);
  const wantsError = json['evalError'] !== undefined;
  if (!compiled.ok) return wantsError ? undefined : (compiled.issues[0]?.message ?? 'no issue');
  const { program } = compiled;
  if (type !== undefined && formatType(program.type) !== type) {
    return `type ${formatType(program.type)} where cel-go has ${type}`;
  }
  const typed = object(json['typedResult']);
  if (typed['deducedType'] !== undefined) {
    const expected = formatType(readType(typed['deducedType']));
    if (formatType(program.type) !== expected)
      return `type ${formatType(program.type)} instead of ${expected}`;
  }
  if (json['checkOnly'] === true) return undefined;
  const bindings: Record<string, CelValue> = {};
  for (const [name, bound] of Object.entries(object(json['bindings']))) {
    bindings[name] = readValue(object(bound)['value']);
  }
  const evaluation = program.evaluate(bindings, { costLimit: COST_PER_CALL_MAX });
  if (wantsError) return evaluation.ok ? 'no error' : undefined;
  if (!evaluation.ok) return evaluation.error;
  const expected = readValue(json['value'] ?? typed['result'] ?? { boolValue: true });
  return isSame(evaluation.value, expected) ? undefined : 'another value';
}
