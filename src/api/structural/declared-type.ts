/** The types that the schema of a custom resource declares, for configurations that are applied. */

import type { AssociativeList, DeclaredMap, DeclaredType } from '../apply/declared-type.ts';
import type { OwnedType, StructType } from '../apply/field-type.ts';
import {
  additionalOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  preservesUnknown,
  propertyOf,
  type JsonSchema,
} from './structural.ts';

const ANY: DeclaredType = { form: 'any' };
const STRING: DeclaredType = { form: 'string' };

/** Of whole objects. `owned`: how their fields are owned. */
export function declaredTypeOfResource(
  schema: JsonSchema,
  metadata: DeclaredType,
  owned: StructType,
): DeclaredMap {
  const own = new Map([
    ['metadata', metadata],
    ['apiVersion', STRING],
    ['kind', STRING],
  ]);
  return mapOf(schema, own, { resource: own, keepsUnknown: preservesUnknown(schema) }, owned);
}

interface Surroundings {
  /** Fields that every resource has, embedded ones too. */
  readonly resource: ReadonlyMap<string, DeclaredType>;
  /** Whether the schema or one around it keeps what it does not know. */
  readonly keepsUnknown: boolean;
}

function declaredTypeOf(
  schema: JsonSchema,
  around: Surroundings,
  owned: OwnedType | undefined,
): DeclaredType {
  const within = preservesUnknown(schema) ? { ...around, keepsUnknown: true } : around;
  switch (schema.type) {
    case 'object':
      return mapOf(schema, isEmbedded(schema) ? within.resource : new Map(), within, owned);
    case 'array': {
      const items = itemsOf(schema);
      const list = owned?.form === 'keyedList' || owned?.form === 'set' ? owned : undefined;
      return {
        form: 'list',
        items: items === undefined ? ANY : declaredTypeOf(items, within, itemsOwned(list)),
        owned: list,
      };
    }
    case 'integer':
    case 'number':
      return { form: 'numeric' };
    case 'boolean':
      return { form: 'boolean' };
    case 'string':
      return isIntOrString(schema) || !['', 'byte'].includes(schema.format ?? '')
        ? { form: 'untyped' }
        : STRING;
    default:
      return ANY;
  }
}

function itemsOwned(list: AssociativeList | undefined): OwnedType | undefined {
  return list?.form === 'keyedList' ? list.items : undefined;
}

function mapOf(
  schema: JsonSchema,
  own: ReadonlyMap<string, DeclaredType>,
  around: Surroundings,
  owned: OwnedType | undefined,
): DeclaredMap {
  const types = new Map(own);
  const additional = additionalOf(schema);
  const isOpen = additional === true || (additional === undefined && schema.properties === undefined);
  const struct = owned?.form === 'struct' ? owned : undefined;
  let values: DeclaredType | undefined = isOpen || around.keepsUnknown ? ANY : undefined;
  if (typeof additional === 'object') {
    values = declaredTypeOf(additional, around, owned?.form === 'map' ? owned.values : undefined);
  }
  return {
    form: 'map',
    field: (name) => {
      let type = types.get(name);
      if (type !== undefined) return type;
      const property = propertyOf(schema, name);
      if (property === undefined) return values;
      type = declaredTypeOf(property, around, struct?.field(name));
      types.set(name, type);
      return type;
    },
  };
}
