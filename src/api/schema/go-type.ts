/** What Go calls the types of fields, as its errors name them. */

import type { FieldType, MessageSchema } from './schema.ts';

export function goTypeOf(type: FieldType): string {
  switch (type.form) {
    case 'message':
      return type.message.wraps === undefined ? goTypeOfMessage(type.message) : goTypeOf(type.message.wraps);
    case 'list':
      return `[]${goTypeOf(type.items)}`;
    case 'map':
      return `map[string]${goTypeOf(type.values)}`;
    case 'scalar':
      return GO_TYPES[type.scalar] ?? type.scalar;
  }
}

const GO_TYPES: Readonly<Record<string, string>> = {
  double: 'float64', bytes: '[]uint8', time: 'v1.Time', microTime: 'v1.MicroTime', duration: 'v1.Duration',
  quantity: 'resource.Quantity', intOrString: 'intstr.IntOrString', rawExtension: 'runtime.RawExtension',
  fieldsV1: 'v1.FieldsV1', json: 'v1.JSON',
}; // prettier-ignore

export function goTypeOfMessage(message: MessageSchema): string {
  return `${message.groupVersion.version}.${message.shortName}`;
}
