import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { tokenReviews } from '../../api/groups/authentication/token-review/token-review.ts';
import { selfSubjectReviews } from '../../api/groups/authentication/self-subject-review/self-subject-review.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { AuthenticationV1TokenRequest } from '../../api/types.gen.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { selfSubjectReviewHandler, tokenReviewHandler } from '../subresources/authentication-reviews.ts';
import { serviceAccountTokenHandler } from '../subresources/service-account-token-request.ts';
import { bootstrapTokenAuthenticator } from './bootstrap-token.ts';
import { ISSUER, serviceAccountAuthenticator, ServiceAccountTokens } from './service-account-token.ts';

const schemas = loadBuiltInSchemas();
const keyPem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const ACCOUNT = { namespace: 'default', name: 'robot' };

interface Started extends TestPipeline {
  readonly tokens: ServiceAccountTokens;
  request(spec: JsonObject): Promise<AuthenticationV1TokenRequest>;
}

async function start(): Promise<Started> {
  let tokens: ServiceAccountTokens | undefined;
  const server = createTestPipeline(({ store, host }) => {
    const { clock, random } = host;
    tokens = new ServiceAccountTokens({
      store,
      clock,
      random,
      keyPem,
      issuer: ISSUER,
      apiAudiences: [ISSUER],
    });
    return {
      subresources: [
        serviceAccountTokenHandler(schemas, tokens),
        tokenReviewHandler({ schemas, tokens, authenticators: [] }),
        selfSubjectReviewHandler(schemas),
      ],
    };
  });
  assert.ok(tokens !== undefined);
  await server.client.create(serviceAccounts, { metadata: ACCOUNT });
  const request = async (spec: JsonObject): Promise<AuthenticationV1TokenRequest> =>
    (await server.client.createSubresource(serviceAccounts, ACCOUNT, 'token', {
      spec,
    })) as unknown as AuthenticationV1TokenRequest;
  return { ...server, tokens, request };
}

const bearer = (bearerToken: string) => ({ certificate: undefined, bearerToken });

test('a token makes its bearer the service account, until it expires', async () => {
  const { tokens, request, host } = await start();
  const { status } = await request({ expirationSeconds: 600 });
  assert.equal(status.expirationTimestamp, '2026-01-01T00:10:00Z');
  const authenticator = serviceAccountAuthenticator(tokens);
  const answer = await authenticator.authenticate(bearer(status.token));
  assert.ok(answer.result === 'user');
  assert.equal(answer.user.name, 'system:serviceaccount:default:robot');
  assert.deepEqual(answer.user.groups.slice(0, 2), [
    'system:serviceaccounts',
    'system:serviceaccounts:default',
  ]);
  await host.clock.advance(601_000);
  assert.equal((await authenticator.authenticate(bearer(status.token))).result, 'invalid');
});

test('a token dies with the pod that it is bound to', async () => {
  const { client, tokens, request } = await start();
  const metadata = { namespace: 'default', name: 'web' };
  const pod = await client.create(pods, {
    metadata,
    spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'web:1' }] },
  });
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid };
  const { status } = await request({ boundObjectRef, expirationSeconds: 3607 });
  const authenticator = serviceAccountAuthenticator(tokens);
  const answer = await authenticator.authenticate(bearer(status.token));
  assert.ok(answer.result === 'user');
  assert.deepEqual(answer.user.extra?.['authentication.kubernetes.io/pod-name'], ['web']);
  await client.delete(pods, metadata);
  assert.equal((await authenticator.authenticate(bearer(status.token))).result, 'invalid');
  await client.create(pods, { metadata, spec: { containers: [{ name: 'c', image: 'web:1' }] } });
  await assert.rejects(request({ boundObjectRef }), { code: 409 });
});

test('audiences, foreign and forged tokens, too short lives', async () => {
  const { tokens, request } = await start();
  const { status } = await request({ audiences: ['vault'] });
  const authenticator = serviceAccountAuthenticator(tokens);
  assert.equal((await authenticator.authenticate(bearer(status.token))).result, 'invalid');
  assert.equal((await tokens.verify(status.token, ['vault'])).result, 'claims');
  const [head, , signature] = status.token.split('.');
  const claims = Buffer.from(JSON.stringify({ iss: ISSUER, aud: [ISSUER], exp: 4e9 })).toString('base64url');
  assert.equal(
    (await authenticator.authenticate(bearer(`${head}.${claims}.${signature}`))).result,
    'invalid',
  );
  assert.equal((await authenticator.authenticate(bearer('opaque'))).result, 'none');
  await assert.rejects(request({ expirationSeconds: 10 }), {
    code: 422,
    message: /may not specify a duration less than 10 minutes/,
  });
});

test('reviews tell whose a token is, and who one is', async () => {
  const { client, request } = await start();
  const { status } = await request({});
  const review = await client.create(tokenReviews, { spec: { token: status.token } });
  assert.equal(review.status.user.username, 'system:serviceaccount:default:robot');
  assert.deepEqual([review.status.authenticated, review.status.audiences], [true, [ISSUER]]);
  const wrong = await client.create(tokenReviews, { spec: { token: 'nonsense' } });
  assert.equal(wrong.status.authenticated, undefined);
  assert.equal((await client.create(selfSubjectReviews, {})).status.userInfo.username, 'admin');
});

test('bootstrap tokens let machines in until they expire', async () => {
  const { client, store, host } = await start();
  await client.create(secrets, {
    metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      expiration: '2026-01-01T01:00:00Z',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:k8ts',
    },
  });
  const authenticator = bootstrapTokenAuthenticator(store, host.clock);
  const ask = (token: string) => authenticator.authenticate(bearer(token));
  assert.deepEqual(await ask('abcdef.0123456789abcdef'), {
    result: 'user',
    user: { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:bootstrappers:k8ts'] },
  });
  assert.equal((await ask('abcdef.0123456789abcdee')).result, 'invalid');
  assert.equal((await ask('eyJ.x.y')).result, 'none');
  await host.clock.advance(3_600_000);
  assert.equal((await ask('abcdef.0123456789abcdef')).result, 'invalid');
});
