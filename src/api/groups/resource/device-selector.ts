/**
 * Expressions that choose devices: `device.driver == "gpu.example.com" &&
 * device.attributes["gpu.example.com"].model == "a100"`. They must compile, yield a boolean, and stay within the
 * budget however large a device is. Upstream's `dynamic-resource-allocation/cel`.
 */

import { compile, type CompileOutcome } from '../../cel/cel.ts';
import { declaredSizes } from '../../cel/cost/declared-size.ts';
import { kubernetesEnvironment } from '../../cel/kubernetes/environment.ts';
import { QUANTITY } from '../../cel/kubernetes/quantities.ts';
import { formatIssues } from '../../cel/syntax/issue.ts';
import { BOOL, type CelType, DYN, formatType, objectOf, STRING } from '../../cel/types/type.ts';
import { forbidden, invalid, tooLong, type FieldError, type FieldPath } from '../../field/field-error.ts';

const LENGTH_MAX = 10 * 1024;
export const COST_MAX = 1_000_000;

/** Bounds of what a ResourceSlice may say of a device. */
const ENTRIES_MAX = 32;
const DOMAIN = { ...STRING, maxElements: 63 };
const IDENTIFIER = { ...STRING, maxElements: 32 };
/** A boolean, a number, a version or a text. */
const ATTRIBUTE = { ...DYN, maxElements: 64 };

function byDomainAndName(values: CelType): CelType {
  const byName: CelType = { kind: 'map', keys: IDENTIFIER, values, maxElements: ENTRIES_MAX };
  return { kind: 'map', keys: DOMAIN, values: byName, maxElements: ENTRIES_MAX };
}

const VARIABLES: ReadonlyMap<string, CelType> = new Map([
  [
    'device',
    objectOf('kubernetes.DRADevice', {
      driver: DOMAIN,
      attributes: byDomainAndName(ATTRIBUTE),
      capacity: byDomainAndName(QUANTITY),
      allowMultipleAllocations: BOOL,
    }),
  ],
]);
const SIZES = declaredSizes(VARIABLES);

let environment: ReturnType<typeof kubernetesEnvironment> | undefined;

export function compileSelector(expression: string): CompileOutcome {
  environment ??= kubernetesEnvironment(VARIABLES);
  return compile(expression, environment);
}

export function validateDeviceExpression(path: FieldPath, expression: string): FieldError[] {
  if (expression.length > LENGTH_MAX) return [tooLong(path, LENGTH_MAX)];
  const compiled = compileSelector(expression);
  if (!compiled.ok) {
    return [invalid(path, expression, `compilation failed: ${formatIssues(expression, compiled.issues)}`)];
  }
  const { program } = compiled;
  if (program.type.kind !== 'bool' && program.type.kind !== 'dyn') {
    const detail = `must evaluate to bool or the unknown type, not ${formatType(program.type)}`;
    return [invalid(path, expression, detail)];
  }
  const isDear = program.estimateCost(SIZES).max > COST_MAX;
  return isDear ? [forbidden(path, 'too complex, exceeds cost limit')] : [];
}
