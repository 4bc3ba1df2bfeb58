/** Whether requests and limits keep within a LimitRange; pure. Upstream's words. */

import { amountsOf, podAmounts, type Amounts } from '../../../api/groups/core/pod/pod-resources.ts';
import {
  compareQuantities,
  formatQuantity,
  milliValueOf,
  quantityOf,
} from '../../../api/quantity/quantity.ts';
import type { LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../api/types.gen.ts';

interface Subject {
  readonly type: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

export function podProblems(items: readonly LimitRangeItem[], pod: Pod): readonly string[] {
  return items.flatMap((item) => {
    if (item.type === 'Pod') {
      const [requests, limits] = [podAmounts(pod, 'requests'), podAmounts(pod, 'limits')];
      return problems(item, { type: item.type, requests, limits });
    }
    if (item.type !== 'Container') return [];
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) => {
      const [requests, limits] = [amountsOf(resources.requests), amountsOf(resources.limits)];
      return problems(item, { type: item.type, requests, limits });
    });
  });
}

export function claimProblems(
  items: readonly LimitRangeItem[],
  { spec }: PersistentVolumeClaim,
): readonly string[] {
  const requests = amountsOf(spec.resources.requests);
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...each(min, (name, text) => below({ type, requests, limits: new Map() }, name, text)),
      ...each(max, (name, text) => requestAbove({ type, requests }, name, text)),
    ]);
}

function problems({ min, max, maxLimitRequestRatio }: LimitRangeItem, subject: Subject): readonly string[] {
  return [
    ...each(min, (name, text) => below(subject, name, text)),
    ...each(max, (name, text) => above(subject, name, text)),
    ...each(maxLimitRequestRatio, (name, text) => tooFarApart(subject, name, text)),
  ];
}

type Problem = string | undefined;
type List = LimitRangeItem['min'];

function each(list: List, check: (name: string, text: string) => Problem): readonly string[] {
  return Object.entries(list ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => check(name, text))
    .filter((problem) => problem !== undefined);
}

function below({ type, requests, limits }: Subject, name: string, text: string): Problem {
  const [request, limit, bound] = [requests.get(name), limits.get(name), quantityOf(text)];
  const what = `minimum ${name} usage per ${type} is ${text}`;
  if (request === undefined) return `${what}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${what}, but request is ${textOf(requests, name)}`;
  if (limit !== undefined && compareQuantities(limit, bound) < 0)
    return `${what}, but limit is ${textOf(limits, name)}`;
  return undefined;
}

function above({ type, requests, limits }: Subject, name: string, text: string): Problem {
  const [request, limit, bound] = [requests.get(name), limits.get(name), quantityOf(text)];
  const what = `maximum ${name} usage per ${type} is ${text}`;
  if (limit === undefined) return `${what}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${what}, but limit is ${textOf(limits, name)}`;
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `${what}, but request is ${textOf(requests, name)}`;
  return undefined;
}

function requestAbove({ type, requests }: Omit<Subject, 'limits'>, name: string, text: string): Problem {
  const request = requests.get(name);
  const what = `maximum ${name} usage per ${type} is ${text}`;
  if (request === undefined) return `${what}.  No request is specified`;
  if (compareQuantities(request, quantityOf(text)) <= 0) return undefined;
  return `${what}, but request is ${textOf(requests, name)}`;
}

function tooFarApart({ type, requests, limits }: Subject, name: string, text: string): Problem {
  const [request, limit] = [milli(requests, name), milli(limits, name)];
  const what = `${name} max limit to request ratio per ${type} is ${text}`;
  if (request === 0) return `${what}, but no request is specified or request is 0`;
  if (limit === 0) return `${what}, but no limit is specified or limit is 0`;
  const ratio = limit / request;
  if (ratio * 1000 <= milliValueOf(quantityOf(text))) return undefined;
  return `${what}, but provided ratio is ${ratio.toFixed(6)}`;
}

function milli(amounts: Amounts, name: string): number {
  const amount = amounts.get(name);
  return amount === undefined ? 0 : milliValueOf(amount);
}

function textOf(amounts: Amounts, name: string): string {
  const amount = amounts.get(name);
  return amount === undefined ? '0' : formatQuantity(amount);
}
