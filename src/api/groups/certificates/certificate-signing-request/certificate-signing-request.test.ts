import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { certificateRequest } from '../certificate-request.fixture.ts';
import { certificateSigningRequests } from './certificate-signing-request.ts';

const kind = judge(certificateSigningRequests);
const request = await certificateRequest('CN=me');
const of = (fields: JsonObject): JsonObject => ({
  spec: { request, signerName: 'acme.io/client', usages: ['client auth'], ...fields },
});
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({ expirationSeconds: 600 }), []],
  [
    { spec: {} },
    ['spec.request: Required value', 'spec.signerName: Required value', 'spec.usages: Required value'],
  ],
  [
    of({ request: 'eA==' }),
    ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'],
  ],
  [of({ usages: ['client auth', 'client auth'] }), ['spec.usages[1]: Duplicate value: "client auth"']],
  [
    of({ signerName: 'kubernetes.io/legacy-unknown' }),
    [
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    of({ signerName: 'client' }),
    [
      'spec.signerName: Invalid value: "client": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
    ],
  ],
  [
    of({ signerName: 'A/b' }),
    [
      `spec.signerName: Invalid value: "A": validating label "A": ${LABEL}`,
      'spec.signerName: Invalid value: "A": should be a domain with at least two segments separated by dots',
    ],
  ],
  [
    of({ expirationSeconds: 599 }),
    [
      'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  const [refusal] = kind.refused(of({ usages: ['flying'] }));
  assert.match(
    refusal ?? '',
    /^spec.usages\[0\]: Unsupported value: "flying": supported values: "any", "cert sign"/,
  );
});

test('which conditions are refused', () => {
  const conditions = [
    { type: '', status: 'True' },
    { type: 'Approved', status: 'False' },
    { type: 'Other', status: '' },
  ];
  assert.deepEqual(kind.refused({ ...of({}), status: { conditions } }), [
    'status.conditions[0].type: Required value',
    'status.conditions[1].status: Unsupported value: "False": supported values: "True"',
    'status.conditions[2].status: Required value',
  ]);
});

test('its row', () => {
  const conditions = [
    { type: 'Approved', status: 'True' },
    { type: 'Failed', status: 'True' },
  ];
  const status = { conditions, certificate: 'AAAA' };
  const { Age: _age, ...cells } = kind.cells({ ...of({ username: 'me', expirationSeconds: 3600 }), status });
  assert.deepEqual(cells, {
    Name: 'one',
    SignerName: 'acme.io/client',
    Requestor: 'me',
    RequestedDuration: '60m',
    Condition: 'Approved,Failed,Issued',
  });
  const bare = kind.cells(of({}));
  assert.deepEqual([bare['RequestedDuration'], bare['Condition']], ['<none>', 'Pending']);
  const selected = certificateSigningRequests.selectableFields?.(kind.complete(of({})));
  assert.deepEqual(selected, { 'spec.signerName': 'acme.io/client' });
});
