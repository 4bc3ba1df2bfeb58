/** Log lines on stderr as JSON, through pino; secrets never get here, since only named fields are logged. */

import pino from 'pino';
import { errorText, type LogFields, type Logger } from '../base/log.ts';

export function createLogger(component: string, level = process.env['K8TS_LOG_LEVEL'] ?? 'info'): Logger {
  const sink = pino(
    {
      level,
      base: { component },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return wrap(sink);
}

function wrap(sink: pino.Logger): Logger {
  return {
    debug: (message, fields) => sink.debug(plain(fields), message),
    info: (message, fields) => sink.info(plain(fields), message),
    warn: (message, fields) => sink.warn(plain(fields), message),
    error: (message, fields) => sink.error(plain(fields), message),
    with: (fields) => wrap(sink.child(plain(fields))),
  };
}

function plain(fields: LogFields = {}): Record<string, unknown> {
  if (!('error' in fields)) return fields;
  const { error, ...rest } = fields;
  return { ...rest, error: errorText(error), ...(error instanceof Error ? { stack: error.stack } : {}) };
}
