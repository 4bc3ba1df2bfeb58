/** Table columns that most kinds share, and how ages and durations read. */

import { fromLabelMap, fromLabelSelector, selectorText, type LabelMap } from '../labels/selector.ts';
import type { LabelSelector } from '../types.gen.ts';
import type { KubernetesObject } from './object.ts';
import type { Column } from './resource-definition.ts';

export const NAME_COLUMN: Column<KubernetesObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  value: (object) => object.metadata.name ?? '',
};

export const AGE_COLUMN: Column<KubernetesObject> = {
  name: 'Age',
  type: 'string',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  priority: 0,
  value: (object, nowMs) => age(object.metadata.creationTimestamp, nowMs),
};

/** Kinds without columns of their own show name and creation time, as upstream does. */
export const PLAIN_COLUMNS: readonly Column<KubernetesObject>[] = [
  NAME_COLUMN,
  {
    name: 'Created At',
    type: 'date',
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created.',
    priority: 0,
    value: (object) => object.metadata.creationTimestamp ?? '',
  },
];

/** How long ago a timestamp was, for people; `<unknown>` when there is none. */
export function age(timestamp: string | undefined, nowMs: number): string {
  return timestamp === undefined ? '<unknown>' : humanDuration(nowMs - Date.parse(timestamp));
}

/** A cell for what is not there. */
export const NONE = '<none>';

export function textOr(fallback: string, text: string | undefined): string {
  return text === undefined || text === '' ? fallback : text;
}

/** `a=1,b=2`, sorted; `<none>` when there are none. */
export function labelsText(labels: LabelMap | undefined): string {
  const sorted = Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return textOr(NONE, selectorText(fromLabelMap(Object.fromEntries(sorted))));
}

export function labelSelectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return NONE;
  const compiled = fromLabelSelector(selector);
  if (compiled === undefined) return '<error>';
  return textOr(NONE, selectorText(compiled.toSorted((a, b) => (a.key < b.key ? -1 : 1))));
}

/** The first few of a list, and how many more there are: `a,b,c + 2 more...`. */
export function firstFew(items: readonly string[], max: number, empty: string): string {
  if (items.length === 0) return empty;
  const shown = items.slice(0, max).join(',');
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * Two units at most, the finer one only while it matters: `75s`, `5m3s`, `3h`, `2d4h` (upstream's
 * HumanDuration).
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const pair = (large: number, largeName: string, small: number, smallName: string): string => {
    const rest = Math.floor((seconds % large) / small);
    return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
  };
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return pair(MINUTE, 'm', SECOND, 's');
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return pair(DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return pair(YEAR, 'y', DAY, 'd');
  return `${Math.floor(seconds / YEAR)}y`;
}
