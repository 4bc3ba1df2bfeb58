/** Versions of this program and of the API that it serves. */
export const VERSION = '0.1.0';
export const KUBERNETES_VERSION = `v1.36.0+k8ts.${VERSION}`;
