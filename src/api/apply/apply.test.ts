import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { objectSchemaOf, type ObjectSchema } from '../object-schema.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { applyConfiguration, type Applied } from './apply.ts';
import { setOf } from './field-set.ts';
import { LAST_APPLIED } from './last-applied.ts';
import type { WriteContext } from './ownership.ts';
import { trackUpdate } from './track-update.ts';

const schemas = loadBuiltInSchemas();

function schemaOf(groupVersion: string, name: string): ObjectSchema {
  return objectSchemaOf(present(schemas.get(groupVersion)?.messages.get(name), name));
}

const deployment = schemaOf('apps/v1', 'Deployment');
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'] as const;

function context(step: 0 | 1 | 2 = 0, more: Partial<WriteContext> = {}): WriteContext {
  return { schema: deployment, apiVersion: 'apps/v1', subresource: '', time: TIMES[step], ...more };
}

function complete(json: JsonValue, schema = deployment): KubernetesObject {
  const decoded = schema.decode(json);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error);
  return schema.applyDefaults(decoded.value) as unknown as KubernetesObject;
}

function config(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec,
  };
}

interface Options {
  readonly manager?: string;
  readonly force?: boolean;
  readonly context?: WriteContext;
}

function tryApply(live: KubernetesObject | undefined, json: JsonObject, options: Options = {}): Applied {
  const { manager = 'me', force = false } = options;
  return applyConfiguration({
    ...(options.context ?? context()),
    kind: 'Deployment',
    live,
    config: json,
    manager,
    force,
  });
}

/** Applies and completes the object as the server would, defaults included. */
function apply(
  live: KubernetesObject | undefined,
  json: JsonObject,
  options: Options = {},
): KubernetesObject {
  const applied = tryApply(live, json, options);
  assert.ok(applied.ok, applied.ok ? '' : applied.error.message);
  return deployment.applyDefaults(applied.object);
}

function refusal(applied: Applied): string {
  return applied.ok ? 'applied' : `${applied.error.code}: ${applied.error.message}`;
}

function fieldsOf(object: KubernetesObject, manager: string): JsonValue | undefined {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
}

function specOf(object: KubernetesObject): JsonObject {
  return (object as unknown as { spec: JsonObject }).spec;
}

const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
};
const BASE = { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE };

test('a created object is owned by who created it, as upstream writes it', () => {
  const created = trackUpdate({
    ...context(),
    old: undefined,
    next: complete(
      config({ ...BASE, strategy: { rollingUpdate: { maxSurge: 1 } } }, { labels: { app: 'web' } }),
    ),
    manager: 'kubectl-create',
  });
  assert.deepEqual(created.metadata.managedFields?.length, 1);
  assert.deepEqual(fieldsOf(created, 'kubectl-create'), {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    'f:spec': {
      'f:progressDeadlineSeconds': {}, 'f:replicas': {}, 'f:revisionHistoryLimit': {}, 'f:selector': {},
      'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
      'f:template': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {}, 'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {} } },
          'f:dnsPolicy': {}, 'f:restartPolicy': {}, 'f:schedulerName': {}, 'f:securityContext': {}, 'f:terminationGracePeriodSeconds': {},
        },
      },
    },
  }); // prettier-ignore
  assert.deepEqual(created.metadata.managedFields?.[0]?.time, TIMES[0]);
});

test('an applier owns what it says, and takes it along when it says it no more', () => {
  const first = apply(
    undefined,
    config({ ...BASE, replicas: 3, paused: true }, { labels: { a: '1', b: '2' } }),
  );
  assert.deepEqual(fieldsOf(first, 'me'), {
    'f:metadata': { 'f:labels': { 'f:a': {}, 'f:b': {} } },
    'f:spec': {
      'f:paused': {}, 'f:replicas': {}, 'f:selector': {},
      'f:template': { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
    },
  }); // prettier-ignore
  const second = apply(first, config(BASE, { labels: { b: '2' } }), { context: context(1) });
  assert.deepEqual(second.metadata.labels, { b: '2' });
  assert.equal(specOf(second)['paused'], undefined);
  assert.equal(specOf(second)['replicas'], 1, 'the default stands again');
  assert.equal(second.metadata.managedFields?.[0]?.time, TIMES[1]);
});

test('what another manager owns too stays', () => {
  const first = apply(undefined, config({ ...BASE, replicas: 3 }));
  const shared = apply(first, config({ replicas: 3 }), { manager: 'other' });
  const left = apply(shared, config(BASE));
  assert.equal(specOf(left)['replicas'], 3);
  assert.deepEqual(fieldsOf(left, 'other'), { 'f:spec': { 'f:replicas': {} } });
});

test('items of a list go with their owner, the items of others stay in place', () => {
  const pod = (containers: JsonValue): JsonObject => config({ template: { spec: { containers } } });
  const first = apply(
    undefined,
    pod([
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ]),
  );
  const both = apply(first, pod([{ name: 'x', image: '9' }]), { manager: 'other' });
  const names = (object: KubernetesObject): unknown =>
    (
      specOf(object) as { template: { spec: { containers: { name: string }[] } } }
    ).template.spec.containers.map((c) => c.name);
  assert.deepEqual(names(both), ['a', 'b', 'x']);
  assert.deepEqual(names(apply(both, pod([{ name: 'b', image: '1' }]))), ['b', 'x']);
  assert.deepEqual(
    names(
      apply(
        both,
        pod([
          { name: 'b', image: '1' },
          { name: 'a', image: '1' },
        ]),
      ),
    ),
    ['b', 'x', 'a'],
  );
});

test('conflicts name who owns what; force takes it', () => {
  const created = trackUpdate({
    ...context(),
    old: undefined,
    next: complete(config({ ...BASE, replicas: 3 })),
    manager: 'kubectl-client-side-apply',
  });
  const one = tryApply(created, config({ replicas: 5 }));
  assert.equal(
    refusal(one),
    '409: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
  );
  assert.deepEqual(one.ok ? [] : one.error.details?.causes, [
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-client-side-apply" using apps/v1',
      field: '.spec.replicas',
    },
  ]);
  const image = { template: { spec: { containers: [{ name: 'c', image: 'web:2' }] } } };
  assert.equal(
    refusal(tryApply(created, config({ replicas: 5, ...image }))),
    '409: Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="c"].image',
  );
  const forced = apply(created, config({ replicas: 5 }), { force: true });
  assert.equal(specOf(forced)['replicas'], 5);
  assert.deepEqual(fieldsOf(forced, 'me'), { 'f:spec': { 'f:replicas': {} } });
  assert.equal(
    (fieldsOf(forced, 'kubectl-client-side-apply') as { 'f:spec': JsonObject })['f:spec']['f:replicas'],
    undefined,
  );
});

test('applying the same again returns the very same object', () => {
  const first = apply(undefined, config({ ...BASE, replicas: 3 }));
  const again = tryApply(first, config({ ...BASE, replicas: 3 }), { context: context(1) });
  assert.ok(again.ok);
  assert.equal(again.object, first);
});

test('an update takes over what it changes and forgets what it removes', () => {
  const first = apply(undefined, config({ ...BASE, replicas: 3, paused: true }));
  const next = {
    ...first,
    spec: { ...specOf(first), replicas: 7, paused: undefined },
  } as unknown as KubernetesObject;
  const updated = trackUpdate({
    ...context(1),
    old: first,
    next: complete(JSON.parse(JSON.stringify(next)) as JsonValue),
    manager: 'scaler',
  });
  assert.deepEqual(fieldsOf(updated, 'scaler'), { 'f:spec': { 'f:replicas': {} } });
  const mine = (fieldsOf(updated, 'me') as { 'f:spec': JsonObject })['f:spec'];
  assert.deepEqual([mine['f:replicas'], mine['f:paused']], [undefined, undefined]);
  assert.match(
    refusal(tryApply(updated, config({ ...BASE, replicas: 3 }))),
    /conflict with "scaler" using apps\/v1: \.spec\.replicas$/,
  );
});

test('an update that changes nothing leaves the entries alone', () => {
  const first = apply(undefined, config({ ...BASE, replicas: 3 }));
  const same = trackUpdate({ ...context(1), old: first, next: { ...first }, manager: 'x' });
  assert.equal(same.metadata.managedFields, first.metadata.managedFields);
});

test('objects that nobody kept account of', () => {
  const untracked = complete({ ...config({ ...BASE, replicas: 2 }), metadata: { name: 'web', uid: 'u' } });
  const updated = trackUpdate({ ...context(), old: untracked, next: { ...untracked }, manager: 'x' });
  assert.equal(updated.metadata.managedFields, undefined);
  const conflict = refusal(tryApply(untracked, config({ replicas: 5 })));
  assert.equal(
    conflict,
    '409: Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
  );
  const reset = { ...untracked, metadata: { ...untracked.metadata, managedFields: [{}] } };
  assert.equal(
    trackUpdate({ ...context(), old: untracked, next: reset, manager: 'x' }).metadata.managedFields,
    undefined,
  );
});

test('a subresource has entries of its own and leaves alone what it does not write', () => {
  const first = apply(undefined, config({ ...BASE, replicas: 3 }));
  const changed = complete({ ...(JSON.parse(JSON.stringify(first)) as JsonObject), status: { replicas: 3 } });
  const status = context(1, { subresource: 'status', resetFields: setOf([['f:spec'], ['f:metadata']]) });
  const updated = trackUpdate({ ...status, old: first, next: changed, manager: 'controller' });
  const entry = updated.metadata.managedFields?.at(-1);
  assert.deepEqual(
    [entry?.manager, entry?.subresource, entry?.fieldsV1],
    ['controller', 'status', { 'f:status': { 'f:replicas': {} } }],
  );
});

test('too many updaters are merged, the oldest first', () => {
  let object = trackUpdate({
    ...context(),
    old: undefined,
    next: complete(config(BASE)),
    manager: 'creator',
  });
  for (let i = 0; i < 14; i++) {
    const json = JSON.parse(JSON.stringify(object)) as { metadata: { annotations?: object } };
    const next = complete({
      ...json,
      metadata: { ...json.metadata, annotations: { ...json.metadata.annotations, [`k${i}`]: 'v' } },
    } as unknown as JsonValue);
    const time = `2026-01-01T00:01:${String(i).padStart(2, '0')}Z`;
    object = trackUpdate({ ...context(0, { time }), old: object, next, manager: `m${i}` });
  }
  const managers = object.metadata.managedFields?.map((entry) => entry.manager);
  assert.deepEqual(managers, ['ancient-changes', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12', 'm13']);
});

test('from client-side apply to server-side apply by kubectl', () => {
  const applied = config({ ...BASE, replicas: 3 });
  const annotations = { [LAST_APPLIED]: JSON.stringify(applied) };
  const created = trackUpdate({
    ...context(),
    old: undefined,
    next: complete(config({ ...BASE, replicas: 3 }, { annotations })),
    manager: 'kubectl-client-side-apply',
  });
  assert.match(refusal(tryApply(created, config({ ...BASE, replicas: 4 }), { manager: 'someone' })), /^409/);
  const moved = apply(created, config({ ...BASE, replicas: 4 }), { manager: 'kubectl' });
  assert.equal(specOf(moved)['replicas'], 4);
  assert.equal(
    moved.metadata.annotations?.[LAST_APPLIED],
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{},"name":"web","namespace":"default"},"spec":{"replicas":4,' +
      '"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"web:1","name":"c"}]}}}}\n',
  );
});

test('configurations that do not fit are refused', () => {
  const head = '500: failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ';
  const twice = config({ template: { spec: { containers: [{ name: 'a' }, { name: 'a' }] } } });
  assert.equal(
    refusal(tryApply(undefined, twice)),
    `${head}.spec.template.spec.containers: duplicate entries for key [name="a"]`,
  );
  assert.equal(
    refusal(tryApply(undefined, config({ foo: 1 }))),
    `${head}.spec.foo: field not declared in schema`,
  );
  const problems: readonly (readonly [spec: JsonObject, problem: string])[] = [
    [{ replicas: 'x' }, '.spec.replicas: expected numeric (int or float), got string'],
    [{ replicas: [1] }, '.spec.replicas: expected numeric (int or float), got []interface {}'],
    [{ paused: 'yes' }, '.spec.paused: expected boolean, got &{yes}'],
    [{ selector: 5 }, '.spec.selector: expected map, got &{5}'],
    [{ template: { spec: { containers: { a: 1 } } } }, '.spec.template.spec.containers: expected list, got &{map[a:1]}'],
    [
      { template: { spec: { containers: [{ name: 'a', env: [{ name: 'E', value: 1_000_000 }], args: [true] }] } } },
      'errors:\n  .spec.template.spec.containers[name="a"].args[0]: expected string, got &value.valueUnstructured{Value:true}\n' +
        '  .spec.template.spec.containers[name="a"].env[name="E"].value: expected string, got &value.valueUnstructured{Value:1e+06}',
    ],
    [{ template: { metadata: { finalizers: [[]] } } }, '.spec.template.metadata.finalizers: element 0: not supported: associative list with lists as elements'],
    [{ template: { spec: { containers: [null] } } }, '.spec.template.spec.containers: element 0: associative list with keys may not have a null element'],
    [{ strategy: { rollingUpdate: { maxSurge: { a: null } } } }, '.spec.strategy.rollingUpdate.maxSurge: expected any scalar, got &{map[a:<nil>]}'],
    [{ bar: 1, foo: 1, replicas: 'x' }, '.spec.bar: field not declared in schema'],
  ]; // prettier-ignore
  for (const [spec, problem] of problems) {
    assert.equal(refusal(tryApply(undefined, config(spec))), head + problem);
  }
  const unconverted = (why: string): string =>
    '500: failed to convert new object (default/web; apps/v1, Kind=Deployment) to proper version: ' +
    `unable to convert unstructured object to apps/v1, Kind=Deployment: ${why}`;
  assert.equal(
    refusal(tryApply(undefined, config({ replicas: 1.5 }))),
    unconverted('cannot convert float64 to int32'),
  );
  const keyless = config({ template: { spec: { containers: [{ image: 'a' }] } } });
  assert.match(
    refusal(tryApply(undefined, keyless)),
    /element 0: associative list with keys has an element that omits all key fields \["name"\]/,
  );
  assert.equal(
    refusal(tryApply(undefined, config({}, { managedFields: [{}] }))),
    '400: metadata.managedFields must be nil',
  );
  assert.match(
    refusal(tryApply(undefined, { ...config({}), apiVersion: 'apps/v2' })),
    /^400: invalid object type: apps\/v2, Kind=Deployment$/,
  );
  assert.match(
    refusal(tryApply(undefined, { ...config({}), apiVersion: { toString: [] } })),
    /^400: invalid object type: \/\{"toString":\[\]\}, Kind=Deployment$/,
  );
});

test('list keys that are left out count with their defaults', () => {
  const ports = (port: JsonObject): JsonObject =>
    config({ template: { spec: { containers: [{ name: 'c', ports: [port] }] } } });
  const first = apply(undefined, ports({ containerPort: 80, name: 'http' }));
  const second = apply(first, ports({ containerPort: 80, protocol: 'TCP', name: 'web' }));
  const { containers } = (specOf(second) as { template: { spec: { containers: { ports: JsonObject[] }[] } } })
    .template.spec;
  assert.deepEqual(containers[0]?.ports, [{ name: 'web', containerPort: 80, protocol: 'TCP' }]);
});
