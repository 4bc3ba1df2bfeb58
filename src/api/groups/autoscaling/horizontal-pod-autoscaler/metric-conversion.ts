/**
 * Metrics of version 2 in the older form that version 1 carries in annotations, and back. What comes from an
 * annotation is any JSON: what does not fit counts as not there.
 */

import { canonicalQuantity } from '../../../quantity/quantity.ts';
import type { JsonObject, JsonValue } from '../../../schema/schema.ts';
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
} from '../../../types.gen.ts';

export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function readObjects(text: string | undefined): readonly JsonObject[] {
  const json = text === undefined ? undefined : parseJson(text);
  return Array.isArray(json) ? json.filter(isObject) : [];
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Without the fields that are undefined, which is how JSON has them. */
function present(fields: { readonly [name: string]: unknown }): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function metricToV1(metric: MetricSpec): object {
  const { type, object, pods, resource, containerResource, external } = metric;
  const load = (source: { readonly name: string; readonly target: MetricTarget } | undefined): object => ({
    name: source?.name,
    targetAverageUtilization: source?.target.averageUtilization,
    targetAverageValue: source?.target.averageValue,
  });
  return present({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      targetValue: object.target.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && load(resource),
    containerResource: containerResource && {
      ...load(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  });
}

export function statusToV1(status: MetricStatus): object {
  const { type, object, pods, resource, containerResource, external } = status;
  const load = (source: typeof resource): object => ({
    name: source?.name,
    currentAverageUtilization: source?.current.averageUtilization,
    currentAverageValue: source?.current.averageValue ?? '0',
  });
  return present({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      currentValue: object.current.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && load(resource),
    containerResource: containerResource && {
      ...load(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? '0',
      currentAverageValue: external.current.averageValue,
    },
  });
}

/** Reads the fields of an object of unknown make. */
class Fields {
  readonly #json: JsonObject;

  constructor(json: JsonObject) {
    this.#json = json;
  }

  text(name: string): string {
    const value = this.#json[name];
    return typeof value === 'string' ? value : '';
  }

  count(name: string): number | undefined {
    const value = this.#json[name];
    return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
  }

  amount(name: string): string | undefined {
    const value = this.#json[name];
    const quantity = canonicalQuantity(typeof value === 'number' ? String(value) : this.text(name));
    return typeof quantity === 'string' ? undefined : quantity.text;
  }

  /** An amount of which zero means that it is not given. */
  positive(name: string): string | undefined {
    const amount = this.amount(name);
    return amount === '0' ? undefined : amount;
  }

  object(name: string): JsonObject | undefined {
    const value = this.#json[name];
    return isObject(value) ? value : undefined;
  }

  fields(name: string): Fields | undefined {
    const value = this.object(name);
    return value === undefined ? undefined : new Fields(value);
  }
}

function identifier(fields: Fields, selector = 'selector'): MetricIdentifier {
  return present({
    name: fields.text('metricName'),
    selector: fields.object(selector),
  }) as MetricIdentifier;
}

function reference(source: Fields): CrossVersionObjectReference {
  const fields = source.fields('target');
  const apiVersion = fields?.text('apiVersion') ?? '';
  return {
    kind: fields?.text('kind') ?? '',
    name: fields?.text('name') ?? '',
    ...(apiVersion === '' ? {} : { apiVersion }),
  };
}

function target(type: string, values: Partial<MetricTarget>): object {
  return present({ type, ...values });
}

export function metricFromV1(json: JsonObject): MetricSpec {
  const metric = new Fields(json);
  const load = (source: Fields): object => {
    const averageUtilization = source.count('targetAverageUtilization');
    const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization';
    const averageValue = source.amount('targetAverageValue');
    const values = present({ averageValue, averageUtilization });
    return { name: source.text('name'), target: target(type, values) };
  };
  const [object, pods, external] = [
    metric.fields('object'),
    metric.fields('pods'),
    metric.fields('external'),
  ];
  const [resource, container] = [metric.fields('resource'), metric.fields('containerResource')];
  const average = object?.amount('averageValue');
  const value = average === undefined ? object?.amount('targetValue') : object?.positive('targetValue');
  const outside = external?.amount('targetValue');
  return present({
    type: metric.text('type'),
    object: object && {
      describedObject: reference(object),
      target: target(
        average === undefined ? 'Value' : 'AverageValue',
        present({ value, averageValue: average }),
      ),
      metric: identifier(object),
    },
    pods: pods && {
      metric: identifier(pods),
      target: target('AverageValue', present({ averageValue: pods.amount('targetAverageValue') })),
    },
    resource: resource && load(resource),
    containerResource: container && { ...load(container), container: container.text('container') },
    external: external && {
      metric: identifier(external, 'metricSelector'),
      target: target(
        outside === undefined ? 'AverageValue' : 'Value',
        present({ value: outside, averageValue: external.amount('targetAverageValue') }),
      ),
    },
  }) as MetricSpec;
}

export function statusFromV1(json: JsonObject): MetricStatus {
  const status = new Fields(json);
  const load = (source: Fields): object => ({
    name: source.text('name'),
    current: present({
      averageValue: source.amount('currentAverageValue'),
      averageUtilization: source.count('currentAverageUtilization'),
    }),
  });
  const [object, pods, external] = [
    status.fields('object'),
    status.fields('pods'),
    status.fields('external'),
  ];
  const [resource, container] = [status.fields('resource'), status.fields('containerResource')];
  return present({
    type: status.text('type'),
    object: object && {
      metric: identifier(object),
      current: present({ value: object.amount('currentValue'), averageValue: object.amount('averageValue') }),
      describedObject: reference(object),
    },
    pods: pods && {
      metric: identifier(pods),
      current: present({ averageValue: pods.amount('currentAverageValue') }),
    },
    resource: resource && load(resource),
    containerResource: container && { ...load(container), container: container.text('container') },
    external: external && {
      metric: identifier(external, 'metricSelector'),
      current: present({
        value: external.amount('currentValue'),
        averageValue: external.amount('currentAverageValue'),
      }),
    },
  }) as MetricStatus;
}
