/**
 * `spec.behavior` as version 1 carries it in an annotation: JSON whose fields are named as in upstream's
 * program, with a capital, and which is read whatever the case. A text that does not read is ignored.
 */

import type { JsonObject, JsonValue } from '../../../schema/schema.ts';
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../../types.gen.ts';
import { parseJson } from './metric-conversion.ts';

export function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  return JSON.stringify({ ScaleUp: rulesJson(scaleUp), ScaleDown: rulesJson(scaleDown) });
}

function rulesJson(rules: HPAScalingRules | undefined): JsonValue {
  if (rules === undefined) return null;
  const { stabilizationWindowSeconds = null, selectPolicy = null, policies, tolerance = null } = rules;
  const list = policies?.map(({ type, value, periodSeconds }) => {
    return { Type: type, Value: value, PeriodSeconds: periodSeconds };
  });
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds,
    SelectPolicy: selectPolicy,
    Policies: list ?? null,
    Tolerance: tolerance,
  };
}

export function behaviorFromText(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  const json = lowered(text === undefined ? undefined : parseJson(text));
  const scaleUp = rulesOf(json?.['scaleup']);
  const scaleDown = rulesOf(json?.['scaledown']);
  if (scaleUp === undefined && scaleDown === undefined) return undefined;
  return {
    ...(scaleUp === undefined ? {} : { scaleUp }),
    ...(scaleDown === undefined ? {} : { scaleDown }),
  };
}

/** The object with its field names in small letters; undefined when it is none. */
function lowered(json: JsonValue | undefined): JsonObject | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]));
}

function rulesOf(value: JsonValue | undefined): HPAScalingRules | undefined {
  const json = lowered(value);
  if (json === undefined) return undefined;
  const { stabilizationwindowseconds: window, selectpolicy, policies, tolerance } = json;
  return {
    ...(typeof window === 'number' ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof selectpolicy === 'string' ? { selectPolicy: selectpolicy } : {}),
    ...(Array.isArray(policies) ? { policies: policies.map(policyOf) } : {}),
    ...(typeof tolerance === 'string' ? { tolerance } : {}),
  };
}

function policyOf(value: JsonValue): HPAScalingPolicy {
  const { type, value: amount, periodseconds } = lowered(value) ?? {};
  return {
    type: typeof type === 'string' ? type : '',
    value: typeof amount === 'number' ? amount : 0,
    periodSeconds: typeof periodseconds === 'number' ? periodseconds : 0,
  };
}
