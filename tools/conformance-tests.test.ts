import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareName, conformanceTestsPage } from './conformance-tests.ts';

test('the page of official conformance tests is true', () => {
  const { present, due } = conformanceTestsPage();
  assert.ok(present.split('\n').length > 446);
  assert.equal(present, due, 'run node tools/conformance-tests.ts');
});

test('a name without its group and tags', () => {
  assert.equal(bareName('[sig-apps] Job should delete a job [Conformance]'), 'Job should delete a job');
  assert.equal(
    bareName('[sig-node] Sysctls [LinuxOnly] should reject [Conformance] [NodeConformance]'),
    'Sysctls [LinuxOnly] should reject',
  );
});
