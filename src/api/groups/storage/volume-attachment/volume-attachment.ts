/** VolumeAttachment: that a volume shall be attached to a node, and whether it is. */

import { checked, immutable } from '../../../field/rules.ts';
import {
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttachmentStatus,
  VolumeError,
} from '../../../types.gen.ts';
import { validateInlineVolume } from '../../core/persistent-volume/validate-persistent-volume.ts';
import { bytesOf, STORAGE_GROUP, validateDriverName } from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
const METADATA_BYTES_MAX = 256 * 1024;
const MESSAGE_BYTES_MAX = 1024;

export const volumeAttachments: ResourceDefinition<VolumeAttachment> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'storage/v1.VolumeAttachment',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  validate,
  validateUpdate: (next, old) => immutable(SPEC, next.spec, old.spec),
  validateStatusUpdate: ({ status }) => validateStatus(status),
  columns: [
    NAME_COLUMN,
    { ...text('Attacher', 'The CSI driver that attaches.', ({ spec }) => spec.attacher), format: 'name' },
    text('PV', 'The volume.', ({ spec }) => spec.source.persistentVolumeName ?? ''),
    text('Node', 'The node.', ({ spec }) => spec.nodeName),
    {
      name: 'Attached',
      type: 'boolean',
      description: 'Whether the volume is attached.',
      priority: 0,
      value: ({ status }) => status.attached,
    },
    AGE_COLUMN,
  ],
};

function text(
  name: string,
  description: string,
  value: (attachment: VolumeAttachment) => string,
): Column<VolumeAttachment> {
  return { name, type: 'string', description, priority: 0, value };
}

function validate({ spec: { attacher, source, nodeName } }: VolumeAttachment): FieldError[] {
  const nodeProblem = nodeName === '' ? undefined : dns1123SubdomainProblem(nodeName);
  return [
    ...validateDriverName(SPEC.child('attacher'), attacher),
    ...validateSource(SPEC.child('source'), source),
    ...checked(SPEC.child('nodeName'), nodeName, nodeProblem),
  ];
}

function validateSource(path: FieldPath, source: VolumeAttachmentSource): FieldError[] {
  const { persistentVolumeName: name, inlineVolumeSpec } = source;
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined) {
    if (inlineVolumeSpec === undefined) return [required(path, detail)];
    return validateInlineVolume(path.child('inlineVolumeSpec'), inlineVolumeSpec);
  }
  if (inlineVolumeSpec !== undefined) return [forbidden(path, detail)];
  const at = path.child('persistentVolumeName');
  if (name === '') return [required(at, 'must specify non empty persistentVolumeName')];
  return checked(at, name, dns1123SubdomainProblem(name));
}

function validateStatus({ attachmentMetadata = {}, ...errors }: VolumeAttachmentStatus): FieldError[] {
  const metadata = STATUS.child('attachmentMetadata');
  return [
    ...(bytesOf(attachmentMetadata) > METADATA_BYTES_MAX ? [tooLong(metadata, METADATA_BYTES_MAX)] : []),
    ...validateError(STATUS.child('attachError'), errors.attachError),
    ...validateError(STATUS.child('detachError'), errors.detachError),
  ];
}

function validateError(path: FieldPath, { message = '', errorCode = 0 }: VolumeError = {}): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream names the other limit.
  if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) {
    errors.push(tooLong(path.child('message'), METADATA_BYTES_MAX));
  }
  if (errorCode < 0) {
    const detail = 'must be between 0 and 2147483647, inclusive';
    errors.push(invalid(path.child('errorCode'), errorCode, detail));
  }
  return errors;
}
