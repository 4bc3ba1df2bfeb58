/** Why a controller cannot make what its object wants: quotas, admission, everything else. Pure. */

import type { KubernetesObject } from '../api/meta/object.ts';
import { eventText, objectOf, type Cause, type Finding } from './finding.ts';
import type { Graph } from './graph.ts';

/** For an object that has fewer of what it makes than it wants: what was said when it tried. */
export function createFindings(kind: string, object: KubernetesObject, graph: Graph): readonly Finding[] {
  const [event] = graph.warnings(object, ['FailedCreate']);
  if (event === undefined) return [];
  const { cause, message, advice } = judge(event.message ?? '');
  const evidence = [eventText(event)];
  return [{ cause, rank: 'cause', object: objectOf(kind, object), message, evidence, advice }];
}

interface Judgement {
  readonly cause: Cause;
  readonly message: string;
  readonly advice: string;
}

const QUOTA = /exceeded quota: ([^,]+), requested: (.*), used: (.*), limited: (.*)$/;
const UNSPECIFIED = /failed quota: ([^:]+): must specify (.*)$/;
const HOOK = /admission webhook "([^"]+)" denied the request(?:: (.*))?$/;
const HOOK_FAILED = /failed calling webhook "([^"]+)": (.*)$/;
const POLICY = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$/;
const ACCOUNT = /error looking up service account ([^:]+): .* not found$/;

function judge(text: string): Judgement {
  const quota = QUOTA.exec(text);
  if (quota !== null) {
    const [, name = '', requested = '', used = '', limited = ''] = quota;
    return {
      cause: 'quota',
      message: `the quota ${name} does not allow more: ${requested} requested, ${used} used, limited to ${limited}`,
      advice: `Raise the ResourceQuota ${name}, free what it counts, or ask for less.`,
    };
  }
  const unspecified = UNSPECIFIED.exec(text);
  if (unspecified !== null) {
    const [, name = '', what = ''] = unspecified;
    return {
      cause: 'quota',
      message: `the quota ${name} wants every pod to say ${what}`,
      advice: `Set ${what} in the pod's template, or make a LimitRange with defaults.`,
    };
  }
  return judgeAdmission(text);
}

function judgeAdmission(text: string): Judgement {
  const hook = HOOK.exec(text);
  if (hook !== null) {
    const [, name = '', said = ''] = hook;
    const message = `the admission webhook ${name} refuses its pods${said === '' ? '' : `: ${said}`}`;
    return {
      cause: 'admission-refused',
      message,
      advice: `Do what the webhook ${name} asks for, or change its rules.`,
    };
  }
  const broken = HOOK_FAILED.exec(text);
  if (broken !== null) {
    const [, name = '', why = ''] = broken;
    const message = `the admission webhook ${name} must be asked, and does not answer: ${why}`;
    return {
      cause: 'admission-refused',
      message,
      advice: `See whether the service behind the webhook ${name} runs.`,
    };
  }
  const policy = POLICY.exec(text);
  if (policy !== null) {
    const [, name = '', said = ''] = policy;
    const message = `the admission policy ${name} refuses its pods: ${said}`;
    return {
      cause: 'admission-refused',
      message,
      advice: `Do what the policy ${name} asks for, or change it.`,
    };
  }
  const account = ACCOUNT.exec(text);
  if (account !== null) {
    const [, name = ''] = account;
    const message = `its service account ${name} does not exist`;
    return { cause: 'create-failed', message, advice: `Create the ServiceAccount ${name}.` };
  }
  const message = `what it needs cannot be created: ${text.replace(/^Error creating: /, '')}`;
  return { cause: 'create-failed', message, advice: 'Correct what the message names.' };
}
