import assert from 'node:assert/strict';
import { test } from 'node:test';

import { completeImageReference, parseImageReference } from './reference.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

const complete: readonly (readonly [string, string | undefined])[] = [
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1', 'docker.io/library/busybox:1'],
  ['grafana/loki:2.9', 'docker.io/grafana/loki:2.9'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/a/b:v1', 'localhost:5000/a/b:v1'],
  ['k8ts.local/pause:1', 'k8ts.local/pause:1'],
  [`registry.k8s.io/pause@${digest}`, `registry.k8s.io/pause@${digest}`],
  [`nginx:1@${digest}`, `docker.io/library/nginx:1@${digest}`],
  ['', undefined],
  ['Nginx', undefined],
  ['nginx:', undefined],
  ['nginx@sha256:12', undefined],
  ['a//b', undefined],
  ['nginx:a b', undefined],
];

test('references are completed as containerd completes them', () => {
  for (const [given, want] of complete) assert.equal(completeImageReference(given), want, given);
});

test('a port is no tag', () => {
  assert.deepEqual(parseImageReference('host:5000/app'), {
    registry: 'host:5000',
    repository: 'app',
    tag: 'latest',
  });
});
