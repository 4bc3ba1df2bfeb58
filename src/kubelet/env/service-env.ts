/** The environment variables by which pods find services, as Docker links had them; pure. */

import type { Service } from '../../api/types.gen.ts';

export function serviceEnvironment(services: readonly Service[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) addService(variables, service);
  return variables;
}

function addService(variables: Map<string, string>, { metadata, spec }: Service): void {
  const { clusterIP = '', ports = [], type } = spec;
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || type === 'ExternalName' || first === undefined) return;
  const name = variableName(metadata.name ?? '');
  variables.set(`${name}_SERVICE_HOST`, clusterIP);
  variables.set(`${name}_SERVICE_PORT`, String(first.port));
  for (const port of ports) {
    if ((port.name ?? '') !== '')
      variables.set(`${name}_SERVICE_PORT_${variableName(port.name ?? '')}`, String(port.port));
  }
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  for (const [i, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    if (i === 0) variables.set(`${name}_PORT`, url);
    const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
    variables.set(prefix, url);
    variables.set(`${prefix}_PROTO`, protocol.toLowerCase());
    variables.set(`${prefix}_PORT`, String(port));
    variables.set(`${prefix}_ADDR`, clusterIP);
  }
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
