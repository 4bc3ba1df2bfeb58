import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequest } from './request-info.ts';

test('what stands behind the name of a namespace is its subresource, or a resource in it', () => {
  const asked = (path: string): string => {
    const info = parseRequest('GET', path);
    assert.ok(info.type === 'resource');
    const { namespace, resource, name, subresource } = info.target;
    return [namespace, resource, name, subresource].join('|');
  };
  assert.equal(asked('/apis/explain.k8ts.dev/v1alpha1/namespaces/a/progress'), '|namespaces|a|progress');
  assert.equal(asked('/api/v1/namespaces/a/status'), 'a|namespaces|a|status');
  assert.equal(asked('/api/v1/namespaces/a/pods'), 'a|pods||');
});
