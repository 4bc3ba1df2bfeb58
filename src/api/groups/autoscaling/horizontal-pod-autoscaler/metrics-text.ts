/** Metrics for tables, each as it is and as it shall be: `cpu: 12%/80%, 3/10 (avg) + 1 more...`. */

import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../../types.gen.ts';

const SHOWN_MAX = 2;
const UNKNOWN = '<unknown>';

export function metricsText(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, i) => metricText(spec, statuses[i]));
  const shown = texts.slice(0, SHOWN_MAX).join(', ');
  return texts.length > SHOWN_MAX ? `${shown} + ${texts.length - SHOWN_MAX} more...` : shown;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const { external, pods, object, resource, containerResource } = spec;
  switch (spec.type) {
    case 'External':
      return valueText(external?.target, status?.external?.current);
    case 'Object':
      return valueText(object?.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${pods?.target.averageValue ?? ''}`;
    case 'Resource':
      return resourceText(resource?.name, resource?.target, status?.resource?.current);
    case 'ContainerResource':
      return resourceText(
        containerResource?.name,
        containerResource?.target,
        status?.containerResource?.current,
      );
    default:
      return '<unknown type>';
  }
}

type Target = MetricTarget | undefined;
type Current = MetricValueStatus | undefined;

function valueText(target: Target, current: Current): string {
  if (target?.averageValue !== undefined) {
    return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  }
  return `${current?.value ?? UNKNOWN}/${target?.value ?? ''}`;
}

function resourceText(name = '', target: Target, current: Current): string {
  if (target?.averageValue !== undefined) {
    return `${name}: ${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  }
  const percent = (value: number | undefined, fallback: string): string =>
    value === undefined ? fallback : `${value}%`;
  const wanted = percent(target?.averageUtilization, '<auto>');
  return `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${wanted}`;
}
