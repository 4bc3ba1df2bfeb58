import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { CronJob, CronJobSpec } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { cronJobs } from './cron-job.ts';

const judged = judge(cronJobs);
const TEMPLATE = {
  spec: { containers: [{ name: 'c', image: 'tidy:1' }], restartPolicy: 'OnFailure' },
} as const;

function cron(spec: Draft<CronJobSpec> = {}, name = 'tidy'): Draft<CronJob> {
  const jobTemplate = { spec: { template: TEMPLATE } };
  return { metadata: { name, namespace: 'default' }, spec: { schedule: '@daily', jobTemplate, ...spec } };
}

test('defaults, but none of the job to be', () => {
  const { spec } = judged.complete(cron());
  assert.equal(spec.concurrencyPolicy, 'Allow');
  assert.equal(spec.suspend, false);
  assert.equal(spec.successfulJobsHistoryLimit, 3);
  assert.equal(spec.failedJobsHistoryLimit, 1);
  assert.deepEqual(Object.keys(spec.jobTemplate.spec), ['template']);
  assert.equal(spec.jobTemplate.spec.template.spec.containers[0]?.imagePullPolicy, 'IfNotPresent');
});

const REFUSED: readonly (readonly [Draft<CronJobSpec>, ...string[]])[] = [
  [{ schedule: '' }, 'spec.schedule: Required value'],
  [
    { schedule: '61 * * * *' },
    'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
  ],
  [
    { schedule: 'TZ=UTC 0 * * * *' },
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ],
  [{ timeZone: '' }, 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  [{ timeZone: 'Mars/Base' }, 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  [{ timeZone: '../etc' }, 'spec.timeZone: Invalid value: "../etc": unknown time zone ../etc'],
  [
    { timeZone: 'Local' },
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
  ],
  [
    { startingDeadlineSeconds: -1 },
    'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    {
      jobTemplate: {
        spec: { template: TEMPLATE, selector: { matchLabels: { a: 'b' } }, manualSelector: true },
      },
    },
    'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
    'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "false", "nil"',
  ],
];

test('what is refused', () => {
  assert.deepEqual(judged.refused(cron({ timeZone: 'Europe/Berlin' })), []);
  for (const [spec, ...expected] of REFUSED) assert.deepEqual(judged.refused(cron(spec)), expected);
  const name = 'a'.repeat(53);
  assert.deepEqual(judged.refused(cron({}, name)), [
    `metadata.name: Invalid value: "${name}": must be no more than 52 bytes`,
  ]);
  assert.deepEqual(judged.refusedUpdate(cron({}, name), cron({}, name)), [], 'older objects keep their name');
  assert.deepEqual(judged.refusedUpdate(cron({ timeZone: 'X' }), cron({ timeZone: 'X' })), []);
  assert.deepEqual(judged.refusedUpdate(cron({ timeZone: 'X' }), cron()), [
    'spec.timeZone: Invalid value: "X": unknown time zone X',
  ]);
});

test('a zone in a schedule stays where it was', () => {
  const zoned = cron({ schedule: 'TZ=UTC 0 * * * *' });
  assert.deepEqual(judged.refusedUpdate(cron({ schedule: 'CRON_TZ=Asia/Tokyo @daily' }), zoned), []);
  assert.deepEqual(judged.refusedUpdate(zoned, cron()), judged.refused(zoned));
  const both = cron({ schedule: 'TZ=UTC 0 * * * *', timeZone: 'UTC' });
  assert.deepEqual(judged.refusedUpdate(both, zoned), [
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
  ]);
  assert.deepEqual(judged.refusedUpdate(cron({ schedule: 'TZ=Mars 0 * * * *' }), zoned), [
    'spec.schedule: Invalid value: "TZ=Mars 0 * * * *": provided bad location Mars: unknown time zone Mars',
  ]);
});

test('warnings and the row', () => {
  const why = 'this is used in Pod names and hostnames, which can result in surprising behavior';
  assert.match(
    judged.warned(cron({}, 'a.b'))[0] ?? '',
    new RegExp(`^metadata\\.name: ${why}; a DNS label is`),
  );
  assert.deepEqual(judged.row(cron({ timeZone: 'UTC' })), [
    ...['tidy', '@daily', 'UTC', 'False', 0, '<none>', 'c', 'tidy:1', '<none>'],
  ]);
});
