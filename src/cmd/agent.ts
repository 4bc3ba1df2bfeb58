/**
 * `k8ts agent`: a node on a machine of its own. It joins with a token, gets certificates for a key that never leaves the
 * machine, and runs in the foreground; later starts use what the first one got.
 */

import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { nthAddress } from '../api/addresses/addresses.ts';
import { bodyText, Connection } from '../client/http/connection.ts';
import { HttpClient } from '../client/http/http-client.ts';
import type { Host } from '../host/host.ts';
import { createNodeHost } from '../host/node/node.ts';
import { LiveKeyPair } from '../pki/live-key-pair.ts';
import { runRealNode } from '../node-agent/real-node.ts';
import { stopSignal, thisPlace } from './commands.ts';
import { createLogger } from './logging.ts';
import { JOINED_NODE } from './node-places.ts';
import { machineResolvers } from './node.ts';
import { missingOnThisMachine } from './preflight.ts';
import { machineAddresses } from './server-hosts.ts';
import { dataFolderOf, UsageError } from './settings.ts';
import { authorityHash, parseJoinToken } from './token.ts';

export interface AgentFlags {
  readonly server: string;
  readonly token: string;
  readonly dataDir?: string;
  readonly nodeName?: string;
  readonly nodeIp?: string;
}

/** What a joining node gets and keeps. */
interface Membership {
  readonly clientCertificate: string;
  readonly servingCertificate: string;
  readonly certificateAuthority: string;
  readonly networks: {
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly clusterDomain: string;
  };
  readonly keyPem: string;
}

const BOOTSTRAP_PATH = '/k8ts/v1/node-bootstrap';
const KUBELET_PORT = 10_250;

export async function runAgent(flags: AgentFlags): Promise<void> {
  const place = thisPlace();
  if (!place.isRoot || !place.isLinux)
    throw new UsageError('an agent runs containers: it needs root on Linux');
  const host = createNodeHost();
  const missing = await missingOnThisMachine(host);
  if (missing !== undefined) throw new UsageError(missing);
  const nodeName = flags.nodeName ?? hostname().toLowerCase();
  const address = flags.nodeIp ?? machineAddresses()[0];
  if (address === undefined)
    throw new UsageError('this machine has no address that others reach: give one with --node-ip');
  const folder = dataFolderOf(flags, place).node(nodeName);
  const membership = await joinCluster(host, folder, flags, nodeName, address);
  const { networks, certificateAuthority: authorityPem, keyPem } = membership;
  const client = new HttpClient(
    { url: flags.server, authorityPem, certificatePem: membership.clientCertificate, keyPem },
    `k8ts/kubelet ${nodeName}`,
  );
  await runRealNode(
    {
      nodeName,
      nodeAddress: address,
      folder,
      ...JOINED_NODE,
      kubeletPort: KUBELET_PORT,
      ...networks,
      clusterDns: nthAddress(networks.serviceCidr, 10),
      upstreamDns: await machineResolvers(),
      serving: new LiveKeyPair({ certificatePem: membership.servingCertificate, keyPem }),
      authorityPem,
      client,
      host,
      logger: createLogger(nodeName),
    },
    stopSignal(),
  );
  client.close();
}

/** Reads what an earlier start got, or joins. */
async function joinCluster(
  host: Host,
  folder: string,
  flags: AgentFlags,
  nodeName: string,
  address: string,
): Promise<Membership> {
  const file = join(folder, 'membership.json');
  const known = await host.disk.readFile(file);
  if (known !== undefined) return JSON.parse(Buffer.from(known).toString()) as Membership;
  const token = parseJoinToken(flags.token);
  if (token === undefined) throw new UsageError('--token: expected what `k8ts token create` printed');
  const authorityPem = await trustedAuthority(flags.server, token.authorityHash);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const connection = new Connection({ url: flags.server, authorityPem, token: () => token.bootstrapToken });
  const body = JSON.stringify({
    nodeName,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    hosts: [nodeName, address],
  });
  const answer = await connection.request(
    'POST',
    BOOTSTRAP_PATH,
    { 'content-type': 'application/json' },
    body,
  );
  const text = await bodyText(answer);
  connection.close();
  if (answer.status !== 201)
    throw new UsageError(`${flags.server} refused this node (${answer.status}): ${text.slice(0, 300)}`);
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const membership: Membership = { ...(JSON.parse(text) as Omit<Membership, 'keyPem'>), keyPem };
  await host.disk.makeFolder(folder, 0o700);
  await host.disk.writeFileAtomic(file, Buffer.from(JSON.stringify(membership)), 0o600);
  return membership;
}

/** The authority that the server presents, when it is the one that the token names. */
function trustedAuthority(server: string, hash: string): Promise<string> {
  const { hostname: host, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port === '' ? 443 : port),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    socket.once('error', (cause) => reject(new UsageError(`${server} is not reachable`, { cause })));
    socket.once('secureConnect', () => {
      let certificate = socket.getPeerCertificate(true);
      while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
        certificate = certificate.issuerCertificate;
      }
      socket.destroy();
      const pem = new X509Certificate(certificate.raw).toString();
      if (authorityHash(pem) === hash) resolve(pem);
      else
        reject(
          new UsageError(`${server} is not the server that this token is for: its authority is another one`),
        );
    });
  });
}
