/** events.k8s.io/v1 Event: the newer face of events, a view of the stored core ones. */

import type { KubernetesObject } from '../../../meta/object.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Event, EventsV1Event } from '../../../types.gen.ts';
import { events } from '../../core/event/event.ts';

export const eventsV1: ResourceDefinition<EventsV1Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  message: 'events/v1.Event',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  createOnUpdate: true,
  storedAs: {
    hub: { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
    toHub,
    fromHub: (object) => fromHub(object as Event),
    fieldNames: {
      'regarding.kind': 'involvedObject.kind',
      'regarding.namespace': 'involvedObject.namespace',
      'regarding.name': 'involvedObject.name',
      'regarding.uid': 'involvedObject.uid',
      'regarding.apiVersion': 'involvedObject.apiVersion',
      'regarding.resourceVersion': 'involvedObject.resourceVersion',
      'regarding.fieldPath': 'involvedObject.fieldPath',
      reportingController: 'reportingComponent',
    },
  },
  selectableFieldNames: [
    'reason',
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reportingController',
    'type',
  ],
  selectableFields: (event) => events.selectableFields?.(toHub(event)) ?? {},
  columns: events.columns.map((column) => ({
    ...column,
    value: (event: EventsV1Event, nowMs: number) => column.value(toHub(event), nowMs),
  })),
};

export function toHub(event: EventsV1Event): Event & KubernetesObject {
  const {
    apiVersion: _version,
    regarding: involvedObject,
    note,
    reportingController: reportingComponent = '',
    reportingInstance = '',
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    ...same
  } = event;
  return {
    ...same,
    apiVersion: 'v1',
    involvedObject,
    ...(note === undefined ? {} : { message: note }),
    source,
    ...(firstTimestamp === undefined ? {} : { firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { lastTimestamp }),
    ...(count === undefined ? {} : { count }),
    reportingComponent,
    reportingInstance,
  };
}

export function fromHub(event: Event): EventsV1Event {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...rest } = event;
  const { reportingComponent, reportingInstance, eventTime, series, apiVersion: _version, ...same } = rest;
  return {
    ...same,
    apiVersion: 'events.k8s.io/v1',
    // Events written through the old face have none; null on the wire, as upstream shows it.
    eventTime: eventTime ?? (null as unknown as string),
    ...(series === undefined
      ? {}
      : { series: { count: series.count ?? 0, lastObservedTime: series.lastObservedTime ?? '' } }),
    ...(reportingComponent === '' ? {} : { reportingController: reportingComponent }),
    ...(reportingInstance === '' ? {} : { reportingInstance }),
    regarding: involvedObject,
    ...(message === undefined ? {} : { note: message }),
    deprecatedSource: source,
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(count === undefined ? {} : { deprecatedCount: count }),
  };
}
