/** What admission is told about a write, and about its options. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { DeleteRequest, WriteRequest } from '../../client/client.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import type { WriteCall } from './write.ts';

export function createRequest(call: WriteCall, object: KubernetesObject, isUnnamed = false) {
  return { ...requestOf(call, 'CREATE'), object, oldObject: undefined, isUnnamed } as const;
}

export function updateRequest(call: WriteCall, object: KubernetesObject, oldObject: KubernetesObject) {
  return { ...requestOf(call, 'UPDATE'), object, oldObject } as const;
}

function requestOf(call: WriteCall, operation: 'CREATE' | 'UPDATE') {
  const { resource, served, target, options, context, ownRules } = call;
  const asked = writeOptions(operation, options);
  const isInternal = ownRules?.isAdmitted === true;
  const dryRun = options.dryRun === true;
  return { operation, resource, served, target, dryRun, context, options: asked, isInternal } as const;
}

/** A patch counts as the creation or the update that it is. */
export function writeOptions(operation: 'CREATE' | 'UPDATE', options: WriteRequest): JsonObject {
  const { dryRun, fieldManager, fieldValidation } = options;
  return {
    kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
    apiVersion: OPTIONS_VERSION,
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(fieldValidation === undefined ? {} : { fieldValidation }),
  };
}

export function deleteOptions(options: DeleteRequest): NonNullable<AdmissionRequest['options']> {
  const { dryRun, gracePeriodSeconds, propagationPolicy, preconditions } = options;
  return {
    kind: 'DeleteOptions',
    apiVersion: OPTIONS_VERSION,
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
}

const OPTIONS_VERSION = 'meta.k8s.io/v1';
