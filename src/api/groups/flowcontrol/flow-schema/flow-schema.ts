/** FlowSchema: which requests belong to which priority level. */

import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import type { FlowSchema } from '../../../types.gen.ts';
import { MANDATORY_FLOW_SCHEMAS } from '../mandatory-objects.ts';
import { FLOW_CONTROL_GROUP, validateFlowConditions } from '../rules.ts';
import { validateFlowSchemaSpec } from './validate-flow-schema.ts';

const SPEC = ROOT_PATH.child('spec');

export const flowSchemas: ResourceDefinition<FlowSchema> = {
  group: FLOW_CONTROL_GROUP,
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'flowcontrol/v1.FlowSchema',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate,
  validateStatusUpdate: ({ status }) => validateFlowConditions(status.conditions),
  columns: [
    NAME_COLUMN,
    text('PriorityLevel', 'The level of its requests.', ({ spec }) => spec.priorityLevelConfiguration.name),
    text(
      'MatchingPrecedence',
      'Of several that match, the lowest wins.',
      ({ spec }) => spec.matchingPrecedence,
    ),
    text(
      'DistinguisherMethod',
      'How its requests are divided into flows.',
      ({ spec }) => spec.distinguisherMethod?.type ?? NONE,
    ),
    AGE_COLUMN,
    text(
      'MissingPL',
      'references a broken or non-existent PriorityLevelConfiguration',
      ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ),
  ],
};

function text(
  name: string,
  description: string,
  value: (schema: FlowSchema) => string | number,
): Column<FlowSchema> {
  return { name, type: 'string', description, priority: 0, value };
}

function validate({ metadata: { name = '' }, spec, status }: FlowSchema): FieldError[] {
  const errors = validateFlowSchemaSpec(SPEC, name, spec);
  const mandatory = MANDATORY_FLOW_SCHEMAS.find((schema) => schema.name === name);
  if (mandatory !== undefined && !deepEqual(spec, mandatory.spec)) {
    errors.push(invalid(SPEC, spec as unknown as JsonValue, `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateFlowConditions(status.conditions)];
}
