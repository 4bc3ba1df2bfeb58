/** PriorityLevelConfiguration: how many requests of a level run at once, and how the others wait. */

import {
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../../types.gen.ts';
import { EXEMPT, MANDATORY_PRIORITY_LEVELS } from '../mandatory-objects.ts';
import { FLOW_CONTROL_GROUP, validateFlowConditions } from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const QUEUES_MAX = 10_000_000;
/** Of the hash that deals a flow its hand of queues. */
const HASH_BITS_MAX = 60;

export const priorityLevelConfigurations: ResourceDefinition<PriorityLevelConfiguration> = {
  group: FLOW_CONTROL_GROUP,
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'flowcontrol/v1.PriorityLevelConfiguration',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate,
  validateStatusUpdate: ({ status }) => validateFlowConditions(status.conditions),
  columns: [
    NAME_COLUMN,
    text('Type', 'Whether its requests are limited.', ({ type }) => type),
    text(
      'NominalConcurrencyShares',
      'Its part of all that runs at once.',
      ({ limited }) => limited?.nominalConcurrencyShares,
    ),
    text('Queues', 'How many queues it has.', (spec) => queuingOf(spec)?.queues),
    text('HandSize', 'How many queues a flow may use.', (spec) => queuingOf(spec)?.handSize),
    text('QueueLengthLimit', 'How many requests a queue holds.', (spec) => queuingOf(spec)?.queueLengthLimit),
    AGE_COLUMN,
  ],
};

function queuingOf({ limited }: PriorityLevelConfigurationSpec): QueuingConfiguration | undefined {
  return limited?.limitResponse.queuing;
}

function text(
  name: string,
  description: string,
  value: (spec: PriorityLevelConfigurationSpec) => string | number | undefined,
): Column<PriorityLevelConfiguration> {
  return { name, type: 'string', description, priority: 0, value: ({ spec }) => value(spec) ?? NONE };
}

function validate({ metadata: { name = '' }, spec, status }: PriorityLevelConfiguration): FieldError[] {
  return [
    ...validateSpec(name, spec),
    ...validateMandatory(name, spec),
    ...validateFlowConditions(status.conditions),
  ];
}

/** Of the exempt level, the shares may be set. */
function validateMandatory(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  const mandatory = MANDATORY_PRIORITY_LEVELS.find((level) => level.name === name);
  if (mandatory === undefined) return [];
  const { exempt, ...rest } = spec;
  const isExempt = name === EXEMPT;
  const wanted = isExempt && exempt !== undefined ? { ...mandatory.spec, exempt } : mandatory.spec;
  if (deepEqual({ ...rest, ...(exempt === undefined ? {} : { exempt }) }, wanted)) return [];
  const except = isExempt ? " except the 'spec.exempt' field" : '';
  const detail = `spec of '${name}'${except} must equal the fixed value`;
  return [invalid(SPEC, spec as unknown as JsonValue, detail)];
}

function validateSpec(name: string, { type, limited, exempt }: PriorityLevelConfigurationSpec): FieldError[] {
  const errors: FieldError[] = [];
  if ((name === EXEMPT) !== (type === 'Exempt')) {
    const detail = "type must be 'Exempt' if and only if `name` is 'exempt'";
    errors.push(invalid(SPEC.child('type'), type, detail));
  }
  const limitedAt = SPEC.child('limited');
  const exemptAt = SPEC.child('exempt');
  switch (type) {
    case 'Exempt':
      if (limited !== undefined) {
        errors.push(forbidden(limitedAt, 'must be nil if the type is not Limited'));
      }
      return [...errors, ...(exempt === undefined ? [] : validateShares(exemptAt, exempt))];
    case 'Limited':
      if (exempt !== undefined) errors.push(forbidden(exemptAt, 'must be nil if the type is Limited'));
      if (limited === undefined) {
        return [...errors, required(limitedAt, 'must not be empty when type is Limited')];
      }
      return [...errors, ...validateLimited(limitedAt, limited)];
    default:
      return [...errors, notSupported(SPEC.child('type'), type, ['Exempt', 'Limited'])];
  }
}

function validateShares(path: FieldPath, shares: ExemptPriorityLevelConfiguration): FieldError[] {
  const { nominalConcurrencyShares = 0, lendablePercent = 0 } = shares;
  const errors: FieldError[] = [];
  if (nominalConcurrencyShares < 0) {
    const at = path.child('nominalConcurrencyShares');
    errors.push(invalid(at, nominalConcurrencyShares, 'must be a non-negative integer'));
  }
  if (lendablePercent < 0 || lendablePercent > 100) {
    const detail = 'must be between 0 and 100, inclusive';
    errors.push(invalid(path.child('lendablePercent'), lendablePercent, detail));
  }
  return errors;
}

function validateLimited(path: FieldPath, limited: LimitedPriorityLevelConfiguration): FieldError[] {
  const { limitResponse, borrowingLimitPercent = 0 } = limited;
  const errors = [
    ...validateShares(path, limited),
    ...validateResponse(path.child('limitResponse'), limitResponse),
  ];
  if (borrowingLimitPercent < 0) {
    const detail = 'if specified, must be a non-negative integer';
    errors.push(invalid(path.child('borrowingLimitPercent'), borrowingLimitPercent, detail));
  }
  return errors;
}

function validateResponse(path: FieldPath, { type, queuing }: LimitResponse): FieldError[] {
  const at = path.child('queuing');
  switch (type) {
    case 'Reject': {
      const detail = 'must be nil if limited.limitResponse.type is not Limited';
      return queuing === undefined ? [] : [forbidden(at, detail)];
    }
    case 'Queue':
      if (queuing !== undefined) return validateQueuing(at, queuing);
      return [required(at, 'must not be empty if limited.limitResponse.type is Limited')];
    default:
      return [notSupported(path.child('type'), type, ['Queue', 'Reject'])];
  }
}

function validateQueuing(path: FieldPath, queuing: QueuingConfiguration): FieldError[] {
  const { queues, handSize, queueLengthLimit } = queuing;
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) {
    errors.push(invalid(path.child('queueLengthLimit'), queueLengthLimit, 'must be positive'));
  }
  const queuesAt = path.child('queues');
  if (queues <= 0) errors.push(invalid(queuesAt, queues, 'must be positive'));
  else if (queues > QUEUES_MAX) {
    errors.push(invalid(queuesAt, queues, `must not be greater than ${QUEUES_MAX}`));
  }
  const at = path.child('handSize');
  if (handSize <= 0) errors.push(invalid(at, handSize, 'must be positive'));
  else if (handSize > queues) {
    errors.push(invalid(at, handSize, `should not be greater than queues (${queues})`));
  } else if (Math.ceil(Math.log2(queues) * handSize) > HASH_BITS_MAX) {
    const hand = `deckSize ${queues} and handSize ${handSize}`;
    const detail = `required entropy bits of ${hand} should not be greater than ${HASH_BITS_MAX}`;
    errors.push(invalid(at, handSize, detail));
  }
  return errors;
}
