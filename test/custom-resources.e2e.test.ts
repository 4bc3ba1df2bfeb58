/** CustomResourceDefinitions with stock kubectl: from the definition to explain, tables, scale and deletion. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startTestCluster, until } from './cluster.fixture.ts';

const cluster = await startTestCluster();
after(() => cluster.remove());
const { ok, fails } = cluster;

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: backups.storage.example.com }
spec:
  group: storage.example.com
  scope: Namespaced
  names: { plural: backups, kind: Backup, shortNames: [bk], categories: [all] }
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - { name: Schedule, type: string, jsonPath: .spec.schedule }
    - { name: Copies, type: integer, jsonPath: .spec.copies }
    - { name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status' }
    - { name: Target, type: string, jsonPath: .spec.target, priority: 1 }
    - { name: Age, type: date, jsonPath: .metadata.creationTimestamp }
    selectableFields: [{ jsonPath: .spec.target }]
    subresources:
      status: {}
      scale: { specReplicasPath: .spec.copies, statusReplicasPath: .status.copies }
    schema:
      openAPIV3Schema:
        type: object
        description: Backup is a copy of what matters.
        required: [spec]
        properties:
          spec:
            type: object
            description: What to copy, and when.
            required: [schedule]
            properties:
              schedule: { type: string, minLength: 9, description: When to copy. }
              copies: { type: integer, default: 2, minimum: 0 }
              target: { type: string, enum: [disk, tape] }
          status:
            type: object
            properties:
              copies: { type: integer }
              conditions:
                type: array
                items:
                  type: object
                  properties: { type: { type: string }, status: { type: string } }
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;

const backup = (name: string, spec: object, apiVersion = 'storage.example.com/v1'): string =>
  JSON.stringify({ apiVersion, kind: 'Backup', metadata: { name }, spec });
const apply = (manifest: string, ...args: string[]): Promise<string> =>
  ok(['apply', '-f', '-', ...args], { input: manifest });

await apply(DEFINITION);
await ok(['wait', '--for=condition=Established', 'crd/backups.storage.example.com', '--timeout=10s']);

test('a new kind is discovered, described and explained', async () => {
  assert.match(
    await ok(['api-resources', '--api-group=storage.example.com']),
    /^backups +bk +storage\.example\.com\/v1 +true +Backup$/m,
  );
  assert.match(await ok(['get', 'crd']), /^backups\.storage\.example\.com +\d{4}-/m);
  const explained = await ok(['explain', 'backup.spec']);
  assert.match(
    explained,
    /KIND: +Backup[^]*What to copy, and when\.[^]*copies\t<integer>[^]*schedule\t<string> -required-/,
  );
  assert.match(await ok(['explain', 'bk', '--recursive']), /metadata\t<ObjectMeta>[^]*ownerReferences\t/);
});

test('objects are validated on the server, get defaults, and show their columns', async () => {
  assert.equal(
    await apply(backup('daily', { schedule: '0 0 * * *', target: 'disk' })),
    'backup.storage.example.com/daily created\n',
  );
  assert.match(
    await ok(['get', 'bk', 'daily']),
    /^NAME +SCHEDULE +COPIES +READY +AGE\ndaily +0 0 \* \* \* +2 +\d+s\n$/,
  );
  assert.match(await ok(['get', 'backups', '-o', 'wide']), /TARGET +AGE\n.* disk /);
  assert.match(await ok(['get', 'all']), /backup\.storage\.example\.com\/daily/);
  const unknown = await fails(['create', '-f', '-'], {
    input: backup('bad', { schedule: '0 0 * * *', when: 1 }),
  });
  assert.match(unknown, /strict decoding error: unknown field "spec\.when"/);
  const invalid = await fails(['create', '-f', '-'], {
    input: backup('bad', { schedule: 'now', target: 'cloud' }),
  });
  assert.match(invalid, /The Backup "bad" is invalid:/);
  assert.match(
    invalid,
    /spec\.schedule: Invalid value: "now": spec\.schedule in body should be at least 9 chars long/,
  );
  assert.match(invalid, /spec\.target: Unsupported value: "cloud": supported values: "disk", "tape"/);
  assert.match(
    await fails(['create', '-f', '-'], { input: backup('bad', {}) }),
    /spec\.schedule: Required value/,
  );
});

test('apply, patch, scale and status work as on any kind', async () => {
  await apply(backup('weekly', { schedule: '0 0 * * 0' }), '--server-side');
  assert.equal(
    await ok(['scale', 'backup/weekly', '--replicas=5']),
    'backup.storage.example.com/weekly scaled\n',
  );
  assert.equal(
    await ok(['get', 'bk', 'weekly', '-o', 'jsonpath={.spec.copies}/{.metadata.generation}']),
    '5/2',
  );
  const status = JSON.stringify({ status: { copies: 4, conditions: [{ type: 'Ready', status: 'True' }] } });
  await ok(['patch', 'bk', 'weekly', '--subresource=status', '--type=merge', '-p', status]);
  assert.match(await ok(['get', 'bk', 'weekly']), /weekly +0 0 \* \* 0 +5 +True /);
  await ok(['wait', 'bk/weekly', '--for=condition=Ready', '--timeout=5s']);
  await ok(['patch', 'bk', 'weekly', '--type=json', '-p', '[{"op":"remove","path":"/spec/target"}]']).then(
    () => assert.fail('there is nothing to remove'),
    () => undefined,
  );
  // As upstream has it, `replace` sets what is not there.
  const replace = '[{"op":"replace","path":"/spec/target","value":"tape"}]';
  await ok(['patch', 'bk', 'weekly', '--type=json', '-p', replace]);
  assert.equal(
    await ok(['get', 'bk', '--field-selector', 'spec.target=tape', '-o', 'name']),
    'backup.storage.example.com/weekly\n',
  );
  await apply(backup('daily', { schedule: '0 1 * * *', target: 'disk' }));
  assert.match(
    await ok(['diff', '-f', '-'], { input: backup('daily', { schedule: '0 1 * * *', target: 'disk' }) }),
    /^$/,
  );
});

test('a deprecated version is served with a warning', async () => {
  const outcome = await cluster.kubectl([
    'get',
    'backups.v1beta1.storage.example.com',
    'daily',
    '-o',
    'yaml',
  ]);
  assert.match(outcome.stderr, /Warning: storage\.example\.com\/v1beta1 Backup is deprecated/);
  assert.match(outcome.stdout, /^apiVersion: storage\.example\.com\/v1beta1$/m);
});

test('a field that is added to the schema is explained and accepted at once', async () => {
  const added = DEFINITION.replace(
    'target: {',
    'note: { type: string, description: In your own words. }\n              target: {',
  );
  await apply(added);
  await until(async () => (await ok(['explain', 'backup.spec.note'])).includes('In your own words.'));
  await apply(backup('daily', { schedule: '0 1 * * *', note: 'hello' }));
  assert.equal(await ok(['get', 'bk', 'daily', '-o', 'jsonpath={.spec.note}']), 'hello');
});

/** The definition with rules in CEL, and one object that was written before there were any. */
const withRules = (definition: string): string =>
  definition
    .replace(
      'required: [schedule]',
      `required: [schedule]
            x-kubernetes-validations:
            - { rule: "!has(self.target) || self.target != 'tape' || self.copies < 3", message: tapes are dear }
            - { rule: 'self.copies >= oldSelf.copies', messageExpression: "'no fewer ' + 'copies'" }`,
    )
    .replace(
      'schedule: { type: string, minLength: 9,',
      'schedule: { type: string, minLength: 9, maxLength: 12,',
    );

test('rules in CEL say what is wrong in their own words', async () => {
  await apply(backup('long', { schedule: '0 0 * * * and more', copies: 1 }));
  await apply(withRules(DEFINITION));
  const dear = { schedule: '0 0 * * *', target: 'tape', copies: 3 };
  await until(async () => {
    const said = await fails(['create', '-f', '-', '--dry-run=server'], { input: backup('dear', dear) });
    return said === 'The Backup "dear" is invalid: spec: Invalid value: tapes are dear\n';
  });
  await apply(backup('daily', { schedule: '0 1 * * *', copies: 4 }));
  const fewer = await fails(['apply', '-f', '-'], {
    input: backup('daily', { schedule: '0 1 * * *', copies: 3 }),
  });
  assert.match(fewer, /^The Backup "daily" is invalid: spec: Invalid value: no fewer copies$/m);
});

test('what was wrong before and stays as it is does not refuse an update', async () => {
  assert.match(await ok(['label', 'bk', 'long', 'kept=true']), /backup\.storage\.example\.com\/long labeled/);
  const patch = (spec: object): string[] => [
    'patch',
    'bk',
    'long',
    '--type=merge',
    '-p',
    JSON.stringify({ spec }),
  ];
  await ok(patch({ copies: 2 }));
  assert.match(
    await fails(patch({ schedule: '1 0 * * * and more' })),
    /^\* spec\.schedule: Too long: may not be more than 12 bytes\n\* <nil>: Invalid value: null: some validation rules were not checked because/m,
  );
});

test('a second version is written and read, and becomes the stored one', async () => {
  const second = `  - name: v2
    served: true
    storage: false
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-preserve-unknown-fields: true
            properties: { retries: { type: integer, default: 3, description: How often to try again. } }
`;
  const two = `${withRules(DEFINITION).trimEnd()}\n${second}`;
  await apply(two);
  await until(async () =>
    (await ok(['explain', 'backups', '--api-version=storage.example.com/v2', '--recursive'])).includes(
      'retries',
    ),
  );
  const of = (version: string, path: string): Promise<string> =>
    ok(['get', `backups.${version}.storage.example.com`, 'daily', '-o', `jsonpath={${path}}`]);
  assert.equal(await of('v2', '.spec.retries'), '3');
  assert.equal(await of('v1', '.spec.retries'), '');
  await apply(
    two
      .replace('storage: true', 'storage: false')
      .replace(/(name: v2\n +served: true\n +storage:) false/, '$1 true'),
  );
  await apply(backup('new', { schedule: '0 0 * * *', copies: 1, retries: 5 }, 'storage.example.com/v2'));
  assert.equal(
    await ok(['get', 'bk', 'new', '-o', 'jsonpath={.apiVersion} {.spec.copies}']),
    'storage.example.com/v2 1',
  );
  assert.equal(
    await ok(['get', 'crd', 'backups.storage.example.com', '-o', 'jsonpath={.status.storedVersions}']),
    '["v1","v2"]',
  );
  const { stderr } = await cluster.kubectl(['get', 'bk', '-o', 'name', '--show-managed-fields']);
  assert.equal(stderr, '');
});

test('deleting the definition deletes its objects and the kind', async () => {
  await ok(['delete', 'crd', 'backups.storage.example.com', '--timeout=20s']);
  assert.match(
    await fails(['get', 'backups']),
    /the server doesn't have a resource type "backups"|the server could not find the requested resource/,
  );
  assert.doesNotMatch(await ok(['api-resources']), /storage\.example\.com/);
});
