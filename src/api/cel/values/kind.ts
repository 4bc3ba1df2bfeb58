/** The type of a value while it runs, and whether a value fits the type that an overload asks for. */

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeName,
  typeOfType,
  UINT,
} from '../types/type.ts';
import {
  type CelValue,
  Double,
  Duration,
  isInt,
  isList,
  MapValue,
  ObjectValue,
  OpaqueValue,
  OptionalValue,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

const LIST = listOf(DYN);
const MAP = mapOf(DYN, DYN);
const TYPE = typeOfType(undefined);
const OPTIONAL = optionalOf(DYN);

export function typeOf(value: CelValue): CelType {
  if (value === null) return NULL;
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'number':
    case 'bigint':
      return INT;
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: CelValue & object): CelType {
  if (value instanceof ObjectValue || value instanceof OpaqueValue) return value.type;
  if (isList(value)) return LIST;
  if (value instanceof MapValue) return MAP;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof Uint) return UINT;
  if (value instanceof Double) return DOUBLE;
  if (value instanceof Timestamp) return TIMESTAMP;
  if (value instanceof Duration) return DURATION;
  return value instanceof OptionalValue ? OPTIONAL : TYPE;
}

export type Guard = (value: CelValue) => boolean;

const ANYTHING: Guard = () => true;

/** Whether a value may be passed where the type is asked for; parameters of lists and maps are not looked at. */
export function guardOf(type: CelType): Guard {
  switch (type.kind) {
    case 'bool':
      return (value) => typeof value === 'boolean';
    case 'int':
      return isInt;
    case 'uint':
      return (value) => value instanceof Uint;
    case 'double':
      return (value) => value instanceof Double;
    case 'string':
      return (value) => typeof value === 'string';
    case 'bytes':
      return (value) => value instanceof Uint8Array;
    case 'null':
      return (value) => value === null;
    case 'timestamp':
      return (value) => value instanceof Timestamp;
    case 'duration':
      return (value) => value instanceof Duration;
    case 'list':
      return isList;
    case 'map':
      return (value) => value instanceof MapValue || value instanceof ObjectValue;
    case 'type':
      return (value) => value instanceof TypeValue;
    case 'opaque':
    case 'object':
      return (value) => typeof value === 'object' && value !== null && typeName(typeOf(value)) === type.name;
    default:
      return ANYTHING;
  }
}

/** A value as messages print it. */
export function printValue(value: CelValue): string {
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Uint || value instanceof Double) return String(value.value);
  return typeName(typeOf(value));
}
