/** A time as its zone's clocks show it, in RFC 3339: `2026-03-29T03:30:00+02:00`. Pure. */

import { openTimeZone, UTC } from '../../api/cron/time-zone.ts';

export function zonedTime(ms: number, zoneName: string | undefined): string {
  const zone = zoneName === undefined ? UTC : (openTimeZone(zoneName) ?? UTC);
  const { year, month, day, hour, minute, second } = zone.wallTime(ms);
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  const offsetMinutes = Math.round((shown - Math.floor(ms / 1000) * 1000) / 60_000);
  const text = new Date(shown).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${text}Z`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(offsetMinutes);
  return `${text}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
