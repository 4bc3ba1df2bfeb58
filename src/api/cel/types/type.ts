/**
 * The types of CEL. A type is a plain immutable value; object types look their fields up by function, so that
 * recursive schemas need no knot and a field that no expression names is never built.
 */

/** Scalars, whose size never varies, and the types that carry no parameter. */
export type SimpleKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'dyn'
  | 'error';

export interface SimpleType {
  readonly kind: SimpleKind;
  /** Upper bound of `size()`, where a schema declares one; read by the cost estimate alone. */
  readonly maxElements?: number;
}

/** `x-kubernetes-list-type`: sets and maps compare without order, and `+` merges. */
export type ListSemantics = 'set' | { readonly keys: readonly string[] };

export interface ListType {
  readonly kind: 'list';
  readonly items: CelType;
  readonly maxElements?: number;
  readonly semantics?: ListSemantics;
}

export interface MapType {
  readonly kind: 'map';
  readonly keys: CelType;
  readonly values: CelType;
  readonly maxElements?: number;
}

export interface TypeType {
  readonly kind: 'type';
  readonly of: CelType | undefined;
}

/** A named type that only functions can look into, such as `optional_type(T)` or `net.IP`. */
export interface OpaqueType {
  readonly kind: 'opaque';
  readonly name: string;
  readonly parameters: readonly CelType[];
}

export interface FieldDeclaration {
  /** As in JSON; the name in expressions is the escaped one. */
  readonly name: string;
  readonly type: CelType;
}

export interface ObjectType {
  readonly kind: 'object';
  /** Two object types are the same type when their names are. */
  readonly name: string;
  /** By the name that expressions use. */
  readonly field: (escapedName: string) => FieldDeclaration | undefined;
  /** The field that stands under this name in JSON. */
  readonly jsonField: (name: string) => FieldDeclaration | undefined;
}

/** A type parameter of an overload, or a type still to be inferred. */
export interface ParameterType {
  readonly kind: 'parameter';
  readonly name: string;
}

export type CelType = SimpleType | ListType | MapType | TypeType | OpaqueType | ObjectType | ParameterType;

export const BOOL: SimpleType = { kind: 'bool' };
export const INT: SimpleType = { kind: 'int' };
export const UINT: SimpleType = { kind: 'uint' };
export const DOUBLE: SimpleType = { kind: 'double' };
export const STRING: SimpleType = { kind: 'string' };
export const BYTES: SimpleType = { kind: 'bytes' };
export const NULL: SimpleType = { kind: 'null' };
export const TIMESTAMP: SimpleType = { kind: 'timestamp' };
export const DURATION: SimpleType = { kind: 'duration' };
export const DYN: SimpleType = { kind: 'dyn' };
export const ERROR: SimpleType = { kind: 'error' };

export function listOf(items: CelType): ListType {
  return { kind: 'list', items };
}

export function mapOf(keys: CelType, values: CelType): MapType {
  return { kind: 'map', keys, values };
}

export function typeOfType(of: CelType | undefined): TypeType {
  return { kind: 'type', of };
}

export function opaque(name: string, ...parameters: readonly CelType[]): OpaqueType {
  return { kind: 'opaque', name, parameters };
}

export function optionalOf(type: CelType): OpaqueType {
  return opaque('optional_type', type);
}

export function parameter(name: string): ParameterType {
  return { kind: 'parameter', name };
}

/** An object type that functions produce and that has no fields: `kubernetes.Quantity`. */
export function sealedObject(name: string): ObjectType {
  return { kind: 'object', name, field: () => undefined, jsonField: () => undefined };
}

/** An object type with these fields, whose names need no escaping. */
export function objectOf(name: string, types: Readonly<Record<string, CelType>>): ObjectType {
  const fields = new Map<string, FieldDeclaration>(
    Object.entries(types).map(([field, type]) => [field, { name: field, type }]),
  );
  const field = (wanted: string): FieldDeclaration | undefined => fields.get(wanted);
  return { kind: 'object', name, field, jsonField: field };
}

export function optionalParameter(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined;
}

/** What `type(x)` prints: without parameters. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'opaque':
    case 'object':
    case 'parameter':
      return type.name;
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}

/** As messages name the type: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.items)})`;
    case 'map':
      return `map(${formatType(type.keys)}, ${formatType(type.values)})`;
    case 'type':
      return type.of === undefined ? 'type' : `type(${formatType(type.of)})`;
    case 'opaque':
      if (type.parameters.length === 0) return type.name;
      return `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'object':
    case 'parameter':
      return type.name;
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}

/** Type parameters within, in order. */
export function parametersOf(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.items];
    case 'map':
      return [type.keys, type.values];
    case 'type':
      return type.of === undefined ? [] : [type.of];
    case 'opaque':
      return type.parameters;
    default:
      return [];
  }
}

export function isSameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  const left = parametersOf(a);
  const right = parametersOf(b);
  return left.length === right.length && left.every((p, i) => isSameType(p, right[i] ?? ERROR));
}
