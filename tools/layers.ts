/**
 * The layers of `src/`: a folder imports only from lower ones, and siblings of one layer never import each
 * other. Data; `tidy.ts` checks every import against it.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['host', 'api', 'pki'],
  ['store', 'client'],
  ['apiserver', 'reconcile'],
  ['controllers', 'scheduler', 'kubelet', 'proxy', 'network', 'dns', 'gateway', 'fleet', 'metrics', 'why'],
  ['control-plane', 'node-agent', 'kubectl', 'dashboard'],
  ['cmd', 'testing'],
];
