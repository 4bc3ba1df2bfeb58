/**
 * CertificateSigningRequest: asks a signer for a certificate. What is asked and by whom never changes;
 * `approval` decides, `status` carries the certificate.
 */

import { AGE_COLUMN, humanDuration, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import type { Column, PrepareContext, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { formatTime } from '../../../time/time.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../../types.gen.ts';
import { validateProgress, validateRequestConditions, validateRequestSpec } from './validate-request.ts';

export const certificateSigningRequests: ResourceDefinition<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  categories: [],
  namespaced: false,
  message: 'certificates/v1.CertificateSigningRequest',
  nameFormat: 'pathSegment',
  hasStatus: true,
  hasGeneration: false,
  subresources: [{ name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] }],
  prepareForCreate,
  prepareForUpdate: (next, { spec }) => ({ ...next, spec }),
  prepareForStatusUpdate: (next, old, { nowMs }) => withTimes(keepDecisions(next, old), old, nowMs),
  validate: ({ spec, status }) => [
    ...validateRequestSpec(spec),
    ...validateRequestConditions(status.conditions),
  ],
  validateStatusUpdate: (next, old) => validateProgress(next, old, 'status'),
  selectableFieldNames: ['spec.signerName'],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName }),
  columns: [
    NAME_COLUMN,
    AGE_COLUMN,
    text('SignerName', 'Who shall sign.', ({ spec }) => spec.signerName),
    text('Requestor', 'Who asks.', ({ spec }) => spec.username ?? ''),
    text('RequestedDuration', 'How long the certificate shall be good.', ({ spec }) =>
      spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
    ),
    text('Condition', 'What became of it.', conditionText),
  ],
};

function text(
  name: string,
  description: string,
  value: (request: CertificateSigningRequest) => string,
): Column<CertificateSigningRequest> {
  return { name, type: 'string', description, priority: 0, value };
}

/** A refusal outweighs an approval. */
function conditionText({ status: { conditions = [], certificate = '' } }: CertificateSigningRequest): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate === '' ? '' : ',Issued'}`;
}

/** Who asks is not for the asker to say. */
function prepareForCreate(
  request: CertificateSigningRequest,
  { user }: PrepareContext,
): CertificateSigningRequest {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...asked } = request.spec;
  const { uid = '', groups, extra = {} } = user;
  const spec = {
    ...asked,
    username: user.name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  return { ...request, spec, status: {} };
}

/** What the approver said stays as it is, however the signer writes it; adding or removing is refused. */
function keepDecisions(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
): CertificateSigningRequest {
  const { conditions } = next.status;
  if (conditions === undefined) return next;
  const before = old.status.conditions ?? [];
  const kept = conditions.map((condition) => {
    const isDecision = condition.type === 'Approved' || condition.type === 'Denied';
    return (isDecision ? before.find(({ type }) => type === condition.type) : undefined) ?? condition;
  });
  return { ...next, status: { ...next.status, conditions: kept } };
}

/** Conditions that come without times get them; one that keeps its status keeps its last transition. */
export function withTimes(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
  nowMs: number,
): CertificateSigningRequest {
  const { conditions } = next.status;
  if (conditions === undefined) return next;
  const now = formatTime(nowMs);
  const since = ({ type, status }: CertificateSigningRequestCondition): string =>
    old.status.conditions?.find((before) => before.type === type && before.status === status)
      ?.lastTransitionTime ?? now;
  const timed = conditions.map((condition) => ({
    ...condition,
    lastUpdateTime: condition.lastUpdateTime ?? now,
    lastTransitionTime: condition.lastTransitionTime ?? since(condition),
  }));
  return { ...next, status: { ...next.status, conditions: timed } };
}
