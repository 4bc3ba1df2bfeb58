/** Which addresses an endpoint may have: none that leads back to the node itself or to everybody. */

import { ipVersion } from '../../../addresses/ip-version.ts';

export function endpointIpProblem(ip: string): string | undefined {
  const version = ipVersion(ip);
  if (version === 0) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  if (ip === '0.0.0.0' || ip === '::') return 'may not be unspecified (0.0.0.0 or ::)';
  if (version === 4 ? ip.startsWith('127.') : ip === '::1') {
    return 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
  }
  if (version === 4 ? ip.startsWith('169.254.') : /^fe[89ab]/i.test(ip)) {
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
  }
  if (version === 4 ? ip.startsWith('224.0.0.') : /^ff.2:/i.test(ip)) {
    return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
  }
  return undefined;
}
