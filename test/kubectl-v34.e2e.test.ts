/** The same as `kubectl.e2e.test.ts` with the kubectl of the minor version before. */

process.env['K8TS_TEST_KUBECTL'] = 'v34';
await import('./kubectl.e2e.test.ts');

export {};
