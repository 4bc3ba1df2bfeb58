/**
 * Where metrics come from: `metrics.k8s.io` of this server or of another one, `custom.metrics.k8s.io` and
 * `external.metrics.k8s.io` of other servers. Errors are upstream's, since people look for their words.
 */

import { podMetrics } from '../../api/groups/metrics/pod-metrics/pod-metrics.ts';
import { METRICS_GROUP, METRICS_VERSION } from '../../api/groups/metrics/metric-columns.ts';
import { quantityMilliValue } from '../../api/quantity/quantity.ts';
import { parseDuration, timeMs } from '../../api/time/time.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { PodMetrics } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { PodMetric, PodMetricsByName } from './replica-count.ts';

/** APIs that other servers serve. */
export interface AggregatedApis {
  /** Versions of the group that another server serves, the preferred one first. */
  versionsOf(group: string): readonly string[];
  /** What a GET answers. Throws `ApiError`. */
  read(path: string): Promise<JsonValue>;
}

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
/** As upstream: the window of a custom metric that does not say its own. */
const WINDOW_SECONDS = 60;

interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  /** Version v1beta1's name of it. */
  readonly window?: number;
  readonly value: string;
}

export class MetricReadings {
  readonly #client: Client;
  readonly #apis: AggregatedApis;

  constructor(client: Client, apis: AggregatedApis) {
    this.#client = client;
    this.#apis = apis;
  }

  /** Of the pods that the selector selects; `container` empty: of all of their containers. */
  async ofResource(
    resource: string,
    namespace: string,
    selector: string,
    container: string,
  ): Promise<PodMetricsByName> {
    const items = await explained('unable to fetch metrics from resource metrics API', () =>
      this.#podMetrics(namespace, selector),
    );
    if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
    return new Map(items.flatMap((item) => entryOf(item, resource, container)));
  }

  async ofPods(
    metric: string,
    namespace: string,
    selector: string,
    metricSelector: string,
  ): Promise<PodMetricsByName> {
    const query = { labelSelector: selector, metricLabelSelector: metricSelector };
    const items = await this.#custom(`namespaces/${namespace}/pods/*/${metric}`, query);
    if (items.length === 0) throw new Error('no metrics returned from custom metrics API');
    return new Map(
      items.map((item) => {
        const windowMs = (item.windowSeconds ?? item.window ?? WINDOW_SECONDS) * 1000;
        const atMs = item.timestamp === undefined ? 0 : timeMs(item.timestamp);
        return [item.describedObject?.name ?? '', { milli: quantityMilliValue(item.value), atMs, windowMs }];
      }),
    );
  }

  /** `resource`: `services`, `ingresses.networking.k8s.io`; undefined for the namespace itself. */
  async ofObject(
    metric: string,
    namespace: string,
    resource: string | undefined,
    name: string,
    metricSelector: string,
  ): Promise<number> {
    const place = resource === undefined ? `metrics/${metric}` : `${resource}/${name}/${metric}`;
    const items = await this.#custom(`namespaces/${namespace}/${place}`, {
      metricLabelSelector: metricSelector,
    });
    const [item] = items;
    if (item === undefined || items.length !== 1) {
      const count = `${items.length} results when we asked for exactly one`;
      throw new Error(
        `unable to fetch metrics from custom metrics API: the custom metrics API server returned ${count}`,
      );
    }
    return quantityMilliValue(item.value);
  }

  /** All values together. */
  async external(metric: string, namespace: string, metricSelector: string): Promise<number> {
    const items = await explained('unable to fetch metrics from external metrics API', () => {
      const [version] = this.#apis.versionsOf(EXTERNAL);
      if (version === undefined) {
        const what = 'the server could not find the requested resource';
        throw new Error(`${what} (get ${metric}.${EXTERNAL})`);
      }
      const path = `/apis/${EXTERNAL}/${version}/namespaces/${namespace}/${metric}`;
      return this.#read(path, { labelSelector: metricSelector });
    });
    if (items.length === 0) throw new Error('no metrics returned from external metrics API');
    return items.reduce((sum, { value }) => sum + quantityMilliValue(value), 0);
  }

  async #podMetrics(namespace: string, labelSelector: string): Promise<readonly PodMetrics[]> {
    if (!this.#apis.versionsOf(METRICS_GROUP).includes(METRICS_VERSION)) {
      return (await this.#client.list(podMetrics, { namespace, labelSelector })).items;
    }
    const path = `/apis/${METRICS_GROUP}/${METRICS_VERSION}/namespaces/${namespace}/pods`;
    return this.#items<PodMetrics>(path, { labelSelector });
  }

  async #custom(place: string, query: Query): Promise<readonly MetricValue[]> {
    return explained('unable to fetch metrics from custom metrics API', () => {
      const versions = this.#apis.versionsOf(CUSTOM);
      const version = ['v1beta2', 'v1beta1'].find((one) => versions.includes(one));
      if (version === undefined) throw new Error(`no custom metrics API (${CUSTOM}) registered`);
      return this.#read(`/apis/${CUSTOM}/${version}/${place}`, query);
    });
  }

  #read(path: string, query: Query): Promise<readonly MetricValue[]> {
    return this.#items<MetricValue>(path, query);
  }

  async #items<T>(path: string, query: Query): Promise<readonly T[]> {
    const given = Object.entries(query).filter(([, value]) => value !== '');
    const text = new URLSearchParams(given).toString();
    const document = await this.#apis.read(text === '' ? path : `${path}?${text}`);
    const { items = [] } = document as { items?: readonly T[] | null };
    return items ?? [];
  }
}

type Query = { readonly [name: string]: string };

function entryOf(
  { metadata, timestamp, window, containers }: PodMetrics,
  resource: string,
  container: string,
): readonly (readonly [string, PodMetric])[] {
  const { name = '', namespace = '' } = metadata;
  const wanted = container === '' ? containers : containers.filter((one) => one.name === container);
  if (container !== '' && wanted.length === 0) {
    const what = `container ${container} not present in metrics for pod ${namespace}/${name}`;
    throw new Error(`failed to get container metrics: ${what}`);
  }
  const used = wanted.map(({ usage }) => usage[resource]);
  const all = used.filter((text) => text !== undefined);
  if (all.length === 0 || all.length < used.length) return [];
  const milli = all.reduce((sum, text) => sum + quantityMilliValue(text), 0);
  const duration = parseDuration(window);
  const windowMs = typeof duration === 'bigint' ? Number(duration) / 1e6 : 0;
  return [[name, { milli, atMs: timeMs(timestamp), windowMs }]];
}

/** Without its causes: these messages say them already. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whose failures are preceded by these words. */
export async function explained<T>(what: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}`, { cause });
  }
}
