/** Event: what happened to an object, for people. Stored in this form; `events.k8s.io/v1` is a view of it. */

import { age, NAME_COLUMN } from '../../../meta/columns.ts';
import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Event } from '../../../types.gen.ts';

export const events: ResourceDefinition<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  message: 'core/v1.Event',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  createOnUpdate: true,
  validate,
  selectableFieldNames: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  selectableFields: (event) => ({
    'involvedObject.kind': event.involvedObject.kind ?? '',
    'involvedObject.namespace': event.involvedObject.namespace ?? '',
    'involvedObject.name': event.involvedObject.name ?? '',
    'involvedObject.uid': event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': event.involvedObject.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent,
    source: (event.source.component ?? '') === '' ? event.reportingComponent : (event.source.component ?? ''),
    type: event.type ?? '',
  }),
  columns: eventColumns(),
};

function eventColumns(): readonly Column<Event>[] {
  return [
    text('Last Seen', 'When it last happened.', 0, (event, nowMs) => age(lastSeen(event), nowMs)),
    text('Type', 'Normal or Warning.', 0, (event) => event.type ?? ''),
    text('Reason', 'Why, in one word for machines.', 0, (event) => event.reason ?? ''),
    text('Object', 'What it happened to.', 0, target),
    text('Subobject', 'Which part of it.', 1, (event) => event.involvedObject.fieldPath ?? ''),
    text('Source', 'Who reports it.', 1, source),
    text('Message', 'What happened, for people.', 0, (event) => (event.message ?? '').trim()),
    text('First Seen', 'When it first happened.', 1, (event, nowMs) => age(firstSeen(event), nowMs)),
    {
      name: 'Count',
      type: 'string',
      description: 'How often it happened.',
      priority: 1,
      value: ({ series, count = 0 }) => series?.count ?? (count === 0 ? 1 : count),
    },
    { ...NAME_COLUMN, priority: 1 },
  ];
}

function text(
  name: string,
  description: string,
  priority: 0 | 1,
  value: (event: Event, nowMs: number) => string,
): Column<Event> {
  return { name, type: 'string', description, priority, value };
}

function lastSeen(event: Event): string | undefined {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime;
}

function firstSeen(event: Event): string | undefined {
  return event.firstTimestamp ?? event.eventTime;
}

function target({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function source(event: Event): string {
  const component = event.source.component ?? '';
  const host = event.source.host ?? '';
  const who = component === '' ? event.reportingComponent : component;
  const where = host === '' ? event.reportingInstance : host;
  return where === '' ? who : `${who}, ${where}`;
}

/** Events of cluster-scoped objects stand in `default` (or where the object's reference says). */
function validate({ metadata, involvedObject }: Event): FieldError[] {
  const { namespace = '' } = metadata;
  const involved = involvedObject.namespace ?? '';
  if (involved === '' ? namespace === 'default' || namespace === 'kube-system' : involved === namespace)
    return [];
  const path = ROOT_PATH.child('involvedObject', 'namespace');
  return [invalid(path, involved, 'does not match event.namespace')];
}
