import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/log.ts';
import { HealthHandler, type HealthCheck } from './health.ts';
import { exchangeOf, type TestAnswer } from './http/front.fixture.ts';

interface Server {
  readonly broken?: string;
  /** Of the check that only readiness has. */
  readonly behind?: string;
  readonly isStopping?: boolean;
}

async function ask(
  url: string,
  { broken, behind, isStopping = false }: Server = {},
): Promise<string | undefined> {
  const checks: readonly HealthCheck[] = [
    { name: 'poststarthook/bootstrap', problem: () => broken },
    { name: 'scheduler', problem: () => behind, isReadinessOnly: true },
  ];
  const handler = new HealthHandler(
    () => checks,
    () => isStopping,
    silentLogger,
  );
  const [path = '', query = ''] = url.split('?');
  const { promise, resolve } = Promise.withResolvers<TestAnswer>();
  const served = handler.handle(path, exchangeOf(url, {}, resolve), new URLSearchParams(query));
  if (served === undefined) return undefined;
  const { status, headers, body } = await promise;
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  return `${status} ${body.toString()}`;
}

const BROKEN: Server = { broken: 'secret reason' };
const CASES: readonly (readonly [url: string, server: Server, answer: string | undefined])[] = [
  ['/readyz', {}, '200 ok'],
  ['/readyz/', {}, '200 ok'],
  ['/livez', { behind: 'late' }, '200 ok'],
  [
    '/livez',
    BROKEN,
    '500 [+]ping ok\n[+]log ok\n[-]poststarthook/bootstrap failed: reason withheld\nlivez check failed\n',
  ],
  [
    '/readyz?verbose',
    {},
    '200 [+]ping ok\n[+]log ok\n[+]poststarthook/bootstrap ok\n[+]scheduler ok\n[+]shutdown ok\nreadyz check passed\n',
  ],
  [
    '/healthz',
    BROKEN,
    '500 [+]ping ok\n[+]log ok\n[-]poststarthook/bootstrap failed: reason withheld\nhealthz check failed\n',
  ],
  ['/readyz?exclude=poststarthook/bootstrap', BROKEN, '200 ok'],
  [
    '/livez?verbose&exclude=b&exclude=a&exclude=ping',
    {},
    '200 [+]ping excluded: ok\n[+]log ok\n[+]poststarthook/bootstrap ok\n' +
      'warn: some health checks cannot be excluded: no matches for "a","b"\nlivez check passed\n',
  ],
  ['/readyz/poststarthook/bootstrap', {}, '200 ok'],
  ['/readyz/poststarthook/bootstrap', BROKEN, '500 internal server error: secret reason\n'],
  ['/readyz/shutdown', { isStopping: true }, '500 internal server error: process is shutting down\n'],
  [
    '/readyz',
    { isStopping: true },
    '500 [+]ping ok\n[+]log ok\n[+]poststarthook/bootstrap ok\n[+]scheduler ok\n' +
      '[-]shutdown failed: reason withheld\nreadyz check failed\n',
  ],
  ['/livez', { isStopping: true }, '200 ok'],
  ['/healthz', { isStopping: true }, '200 ok'],
  ['/readyz/nothing', {}, undefined],
  ['/version', {}, undefined],
];

test('health: whole and single checks, verbose, exclusions, reasons withheld', async () => {
  for (const [url, server, answer] of CASES) assert.equal(await ask(url, server), answer, url);
});
