import { parseJsonPath, selectByPath } from "./json-path.ts";
import { listAt, numberAt, stringAt, toJson } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** Whether an object is ready, and in one sentence what was seen. */
export interface Readiness {
  readonly isReady: boolean;
  readonly seen: string;
  /** Waiting longer is of no use. */
  readonly hasFailed?: boolean;
}

/** One thing to wait for. `wanted` names it in messages. */
export interface WaitCondition {
  readonly wanted: string;
  readonly check: (live: JsonObject) => Readiness;
}

export type ParseWaitForResult =
  | { readonly kind: "conditions"; readonly conditions: readonly WaitCondition[] }
  | { readonly kind: "invalid"; readonly message: string };

export const waitForAnnotation: string = "pulumi.com/waitFor";

/** `condition=Type[=Status]`, `jsonpath={.path}[=value]`, or a JSON list of several that must all hold. */
export function parseWaitFor(text: string): ParseWaitForResult {
  const trimmed = text.trim();
  let expressions: readonly string[] = [trimmed];
  if (trimmed.startsWith("[")) {
    const list = parseList(trimmed);
    if (list === undefined) {
      return invalid(text, "the list is no JSON list of texts");
    }
    expressions = list;
  }
  const conditions: WaitCondition[] = [];
  for (const expression of expressions) {
    const condition = parseExpression(expression);
    if (typeof condition === "string") {
      return invalid(expression, condition);
    }
    conditions.push(condition);
  }
  return { kind: "conditions", conditions };
}

function invalid(text: string, problem: string): ParseWaitForResult {
  return {
    kind: "invalid",
    message: `${waitForAnnotation}: "${text}": ${problem}; allowed are condition=Type[=Status], jsonpath={.path}[=value], and a JSON list of these`,
  };
}

function parseList(text: string): readonly string[] | undefined {
  try {
    const parsed = toJson(JSON.parse(text));
    return Array.isArray(parsed) &&
      parsed.length > 0 &&
      parsed.every((item) => typeof item === "string")
      ? parsed
      : undefined;
  } catch {
    return undefined;
  }
}

function parseExpression(text: string): WaitCondition | string {
  const condition = /^condition=([^=\s]+)(?:=(\S+))?$/.exec(text);
  if (condition?.[1] !== undefined) {
    return conditionWait(condition[1], condition[2] ?? "True");
  }
  const path = /^jsonpath=\{(.*)\}(?:=(.*))?$/s.exec(text);
  if (path?.[1] === undefined) {
    return "is neither a condition nor a jsonpath";
  }
  const steps = parseJsonPath(path[1]);
  if (steps === undefined) {
    return `the path {${path[1]}} is not understood (names, [index], [*], [?(@.name=="value")])`;
  }
  const value = path[2];
  return {
    wanted: text,
    check: (live) => {
      const found = selectByPath(live, steps).map(toText);
      const seen = `{${path[1]}} is ${found.length === 0 ? "absent" : found.join(", ")}`;
      return { isReady: value === undefined ? found.length > 0 : found.includes(value), seen };
    },
  };
}

function toText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Waits for a status condition that speaks of the object as it is now, not of an earlier version of it. */
export function conditionWait(type: string, status: string): WaitCondition {
  return {
    wanted: `condition ${type}=${status}`,
    check: (live) => {
      const generation = numberAt(live, "metadata", "generation");
      const found = listAt(live, "status", "conditions").find(
        (candidate) => stringAt(candidate, "type") === type,
      );
      if (found === undefined) {
        return { isReady: false, seen: `no condition ${type} yet` };
      }
      const current = stringAt(found, "status") ?? "?";
      const observed =
        numberAt(found, "observedGeneration") ?? numberAt(live, "status", "observedGeneration");
      if (generation !== undefined && observed !== undefined && observed < generation) {
        const seen = `condition ${type}=${current} is of generation ${observed}, the object is at ${generation}`;
        return { isReady: false, seen };
      }
      const isReady = current.toLowerCase() === status.toLowerCase();
      return { isReady, seen: `condition ${type}=${current}${describeReason(found)}` };
    },
  };
}

export function describeReason(condition: Json): string {
  const reason = stringAt(condition, "reason") ?? "";
  const message = stringAt(condition, "message") ?? "";
  const text = [reason, message].filter((part) => part !== "").join(": ");
  return text === "" ? "" : ` (${text})`;
}
