/** Table columns of a custom resource: its name, and what its definition asks for by JSONPath. */

import { humanDuration, NAME_COLUMN } from '../../api/meta/columns.ts';
import { parseJsonPath, type JsonPath } from '../../api/json-path/json-path.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Column } from '../../api/meta/resource-definition.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { CustomResourceColumnDefinition } from '../../api/types.gen.ts';

const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.',
  jsonPath: '.metadata.creationTimestamp',
};

export function columnsOf(
  wanted: readonly CustomResourceColumnDefinition[] | undefined,
): readonly Column<KubernetesObject>[] {
  const columns = wanted === undefined || wanted.length === 0 ? [AGE] : wanted;
  return [NAME_COLUMN, ...columns.map(columnOf)];
}

function columnOf(wanted: CustomResourceColumnDefinition): Column<KubernetesObject> {
  const { name, type, format, description, priority = 0, jsonPath } = wanted;
  const parsed = parseJsonPath(jsonPath);
  const find: JsonPath = parsed.ok ? parsed.find : () => [];
  return {
    name,
    type,
    format: format ?? '',
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
    value: (object, nowMs) => cellOf(type, find(object as unknown as JsonObject), nowMs),
  };
}

/** What does not have the column's type shows as nothing. */
function cellOf(type: string, found: readonly JsonValue[], nowMs: number): string | number | boolean | null {
  const [first = null] = found;
  if (first === null) return null;
  switch (type) {
    case 'integer':
      return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date': {
      const at = typeof first === 'string' ? Date.parse(first) : Number.NaN;
      return Number.isNaN(at) ? '<invalid>' : humanDuration(nowMs - at);
    }
    default:
      return found.map(textOf).join(' ');
  }
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
