/** The CustomResourceDefinitions of NodeFleet, and of kwok's Stage for those who have not installed kwok's. */

import { FLEET_GROUP } from '../api/groups/core/node/played-node.ts';
import type { CustomResourceDefinition } from '../api/types.gen.ts';
import type { Draft } from '../api/meta/object.ts';
import { nodeFleets } from './node-fleet.ts';
import { stages } from './stages/stage.ts';

const DURATION = { type: 'string', pattern: String.raw`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$` };
const STRINGS = { type: 'object', additionalProperties: { type: 'string' } };
const DELAY = { type: 'object', properties: { duration: DURATION, jitter: DURATION } };
const COUNT = { type: 'integer', format: 'int32', minimum: 0 };

const POD_FAILURE = {
  type: 'object',
  required: ['percent'],
  properties: {
    selector: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    percent: { type: 'number', minimum: 0, maximum: 100 },
    after: DELAY,
    exitCode: { type: 'integer', minimum: 1, maximum: 255, default: 1 },
  },
};

const BEHAVIOR = {
  type: 'object',
  properties: {
    podStart: DELAY,
    podStop: DELAY,
    podRun: DELAY,
    podFailures: { type: 'array', items: POD_FAILURE },
    nodeLoss: {
      type: 'object',
      required: ['period', 'duration'],
      properties: { period: DURATION, duration: DURATION },
    },
    rollingRestart: {
      type: 'object',
      required: ['interval', 'duration'],
      properties: { interval: DURATION, duration: DURATION },
    },
  },
};

const TAINT = {
  type: 'object',
  required: ['key', 'effect'],
  properties: { key: { type: 'string' }, value: { type: 'string' }, effect: { type: 'string' } },
};

const SPEC = {
  type: 'object',
  required: ['replicas'],
  properties: {
    replicas: { ...COUNT, maximum: 200_000 },
    template: {
      type: 'object',
      properties: { labels: STRINGS, annotations: STRINGS, taints: { type: 'array', items: TAINT } },
    },
    capacity: {
      type: 'object',
      additionalProperties: { 'x-kubernetes-int-or-string': true },
    },
    zones: { type: 'array', items: { type: 'string' } },
    region: { type: 'string' },
    behavior: BEHAVIOR,
  },
};

const SCHEMA = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: SPEC,
    status: {
      type: 'object',
      properties: { observedGeneration: { type: 'integer' }, replicas: COUNT, readyReplicas: COUNT },
    },
  },
};

export function nodeFleetDefinition(): Draft<CustomResourceDefinition> {
  return {
    metadata: { name: `${nodeFleets.plural}.${FLEET_GROUP}` },
    spec: {
      group: FLEET_GROUP,
      scope: 'Cluster',
      names: { kind: 'NodeFleet', plural: nodeFleets.plural, singular: 'nodefleet', shortNames: ['nf'] },
      versions: [
        {
          name: nodeFleets.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          additionalPrinterColumns: [
            { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
            { name: 'Nodes', type: 'integer', jsonPath: '.status.replicas' },
            { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  } as Draft<CustomResourceDefinition>;
}

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** What is not supported is said by an event of the Stage, so nothing is cut off here. */
export function stageDefinition(): Draft<CustomResourceDefinition> {
  const spec = {
    ...OPEN,
    required: ['resourceRef'],
    properties: {
      resourceRef: {
        type: 'object',
        required: ['kind'],
        properties: { apiGroup: { type: 'string', default: 'v1' }, kind: { type: 'string' } },
      },
    },
  };
  return {
    metadata: { name: `${stages.plural}.${stages.group}` },
    spec: {
      group: stages.group,
      scope: 'Cluster',
      names: { kind: stages.kind, plural: stages.plural, singular: 'stage', listKind: 'StageList' },
      versions: [
        {
          name: stages.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } },
          subresources: { status: {} },
        },
      ],
    },
  } as Draft<CustomResourceDefinition>;
}
