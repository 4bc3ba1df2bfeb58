/** The certificates that the extenders of a configuration name as files. */

import * as error from '../../api/field/field-error.ts';
import { ROOT_PATH, type FieldError } from '../../api/field/field-error.ts';
import type { Extender, ExtenderTls } from '../configuration/document.ts';

type Read = (path: string) => Promise<Uint8Array | undefined>;

const PAIRS = [
  ['certFile', 'certData'],
  ['keyFile', 'keyData'],
  ['caFile', 'caData'],
] as const;

/** Data that is given goes before the file, which is not read then. */
export async function withTlsFiles(
  extenders: readonly Extender[],
  read: Read,
): Promise<{ readonly extenders: readonly Extender[]; readonly problems: readonly FieldError[] }> {
  const problems: FieldError[] = [];
  const filled = await Promise.all(
    extenders.map(async (extender, i) => {
      const { tlsConfig } = extender;
      if (tlsConfig === undefined) return extender;
      const path = ROOT_PATH.child('extenders').index(i).child('tlsConfig');
      const data: { -readonly [K in keyof ExtenderTls]: ExtenderTls[K] } = { ...tlsConfig };
      for (const [file, field] of PAIRS) {
        const name = tlsConfig[file] ?? '';
        if (name === '' || (tlsConfig[field] ?? '') !== '') continue;
        const bytes = await read(name);
        if (bytes === undefined) problems.push(error.notFound(path.child(file), name));
        else data[field] = Buffer.from(bytes).toString('base64');
      }
      return { ...extender, tlsConfig: data };
    }),
  );
  return { extenders: filled, problems };
}
