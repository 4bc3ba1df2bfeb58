import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { resourceClaimTemplates } from '../../../api/groups/resource/resource-claim-template/resource-claim-template.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import { createTestPipeline } from '../../pipeline.fixture.ts';
import { deviceAdminAccess } from './device-admin-access.ts';

const WHY =
  'admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace';
const exactly = { deviceClassName: 'gpu', adminAccess: true };
const spec = {
  devices: {
    requests: [
      { name: 'a', exactly: { deviceClassName: 'gpu' } },
      { name: 'b', exactly },
    ],
  },
};
const plain = { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu' } }] } };

test('only a labelled namespace has claims with administrative access', async () => {
  const { client } = createTestPipeline(({ store }) => ({ admission: [deviceAdminAccess(store)] }));
  await client.create(namespaces, { metadata: { name: 'plain' } });
  await client.create(namespaces, {
    metadata: { name: 'admin', labels: { 'resource.kubernetes.io/admin-access': 'true' } },
  });
  const metadata = { namespace: 'plain', name: 'c' };
  const refusal = {
    code: 422,
    message: new RegExp(`spec.devices.requests\\[1\\].adminAccess: Forbidden: ${WHY}`),
  };
  await assert.rejects(client.create(resourceClaims, { metadata, spec }), refusal);
  await assert.rejects(client.create(resourceClaimTemplates, { metadata, spec: { spec } }), refusal);
  await client.create(resourceClaims, { metadata: { ...metadata, namespace: 'admin' }, spec });
  await client.create(resourceClaimTemplates, {
    metadata: { ...metadata, namespace: 'admin' },
    spec: { spec },
  });
  const claim = await client.create(resourceClaims, { metadata, spec: plain });
  const result = { request: 'a', driver: 'd.example.com', pool: 'p', device: 'one', adminAccess: true };
  const allocated = { ...claim, status: { allocation: { devices: { results: [result] } } } };
  await assert.rejects(client.update(resourceClaims, allocated, { subresource: 'status' }), {
    code: 422,
    message: new RegExp(`status.allocation.devices.results\\[0\\].adminAccess: Forbidden: ${WHY}`),
  });
});
