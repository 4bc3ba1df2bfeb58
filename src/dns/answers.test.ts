import assert from 'node:assert/strict';
import { test } from 'node:test';
import packet from 'dns-packet';
import { answerQuestion, type DnsService, type DnsView } from './answers.ts';
import { encodeMessage, type DnsMessage } from './encode.ts';

const WEB: DnsService = {
  namespace: 'shop',
  name: 'web',
  clusterIps: ['10.43.0.9'],
  externalName: '',
  ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
};
const DB: DnsService = { ...WEB, name: 'db', clusterIps: [] };
const MAIL: DnsService = { ...WEB, name: 'mail', clusterIps: [], externalName: 'mail.example.org' };
const ENDPOINTS = [
  { address: '10.42.0.5', hostname: 'db-0' },
  { address: '10.42.0.6', hostname: '' },
];

const VIEW: DnsView = {
  domain: 'cluster.local',
  hasNamespace: (namespace) => namespace === 'shop',
  service: (namespace, name) => [WEB, DB, MAIL].find((s) => s.namespace === namespace && s.name === name),
  endpoints: (service) => (service.name === 'db' ? ENDPOINTS : []),
  namesOf: (address) => (address === '10.43.0.9' ? ['web.shop.svc.cluster.local'] : []),
};

const data = (name: string, type: string): unknown => {
  const answer = answerQuestion(VIEW, name, type);
  if (answer.result !== 'answer') return answer.result;
  return answer.records.map((r) => ('data' in r ? r.data : 'target' in r ? `${r.port} ${r.target}` : r.type));
};

const CASES: readonly (readonly [string, string, unknown])[] = [
  ['web.shop.svc.cluster.local', 'A', ['10.43.0.9']],
  ['WEB.shop.svc.cluster.local.', 'A', ['10.43.0.9']],
  ['web.shop.svc.cluster.local', 'AAAA', 'empty'],
  ['nobody.shop.svc.cluster.local', 'A', 'nxdomain'],
  ['shop.svc.cluster.local', 'A', 'empty'],
  ['nowhere.svc.cluster.local', 'A', 'nxdomain'],
  ['db.shop.svc.cluster.local', 'A', ['10.42.0.5', '10.42.0.6']],
  ['db-0.db.shop.svc.cluster.local', 'A', ['10.42.0.5']],
  ['10-42-0-6.db.shop.svc.cluster.local', 'A', ['10.42.0.6']],
  ['db-9.db.shop.svc.cluster.local', 'A', 'nxdomain'],
  ['_http._tcp.web.shop.svc.cluster.local', 'SRV', ['80 web.shop.svc.cluster.local']],
  [
    '_http._tcp.db.shop.svc.cluster.local',
    'SRV',
    ['80 db-0.db.shop.svc.cluster.local', '80 10-42-0-6.db.shop.svc.cluster.local'],
  ],
  ['_http._udp.web.shop.svc.cluster.local', 'SRV', 'nxdomain'],
  ['mail.shop.svc.cluster.local', 'A', ['mail.example.org']],
  ['10-42-0-7.shop.pod.cluster.local', 'A', ['10.42.0.7']],
  ['10-42-0-7.nowhere.pod.cluster.local', 'A', 'nxdomain'],
  ['dns-version.cluster.local', 'TXT', ['1.1.0']],
  ['9.0.43.10.in-addr.arpa', 'PTR', ['web.shop.svc.cluster.local']],
  ['1.1.1.1.in-addr.arpa', 'PTR', 'forward'],
  ['example.org', 'A', 'forward'],
];

test('questions and answers of the specification', () => {
  for (const [name, type, expected] of CASES) assert.deepEqual(data(name, type), expected, `${name} ${type}`);
});

const MESSAGE: DnsMessage = {
  id: 7,
  question: { name: '_http._tcp.db.shop.svc.cluster.local', type: 33, class: 1 },
  rcode: 0,
  authoritative: true,
  recursionDesired: true,
  answers: [],
  authority: [],
  additional: [],
  edns: true,
  zone: 'cluster.local',
};

test('an independent decoder reads what was encoded, compression included', () => {
  const answer = answerQuestion(VIEW, MESSAGE.question.name, 'SRV');
  assert.equal(answer.result, 'answer');
  if (answer.result !== 'answer') return;
  const bytes = encodeMessage({ ...MESSAGE, answers: answer.records, additional: answer.additional }, 1232);
  const decoded = packet.decode(bytes);
  assert.equal(decoded.id, 7);
  assert.deepEqual(
    decoded.answers?.map((a) => (a.type === 'SRV' ? a.data.target : '')),
    ['db-0.db.shop.svc.cluster.local', '10-42-0-6.db.shop.svc.cluster.local'],
  );
  assert.deepEqual(
    decoded.additionals?.map((a) => a.type),
    ['A', 'A', 'OPT'],
  );
});

test('twenty SRV records fit an EDNS answer; what does not fit is cut and says so', () => {
  const endpoints = Array.from({ length: 20 }, (_, i) => ({ address: `10.42.0.${i}`, hostname: `db-${i}` }));
  const view = { ...VIEW, endpoints: () => endpoints };
  const answer = answerQuestion(view, MESSAGE.question.name, 'SRV');
  if (answer.result !== 'answer') throw new assert.AssertionError({ message: answer.result });
  const fits = encodeMessage({ ...MESSAGE, answers: answer.records }, 1232);
  assert.equal(packet.decode(fits).answers?.length, 20);
  const small = encodeMessage({ ...MESSAGE, answers: answer.records, edns: false }, 512);
  assert.ok(small.length <= 512);
  assert.equal(packet.decode(small).flag_tc, true);
});
