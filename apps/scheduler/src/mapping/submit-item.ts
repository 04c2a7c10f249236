import type { SubmitItem as ApiSubmitItem } from "@ertis/api";
import type { SubmitItem } from "@ertis/scheduler-engine";
import { bodyHash, bodyHashOf, hashOfCommon } from "./body-hash.ts";
import type { ReceivedItem } from "./received-submit.ts";
import { type SpecRules, specFromApi } from "./spec-from-api.ts";
import { quoted, type Violation } from "./violation.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One item of SubmitJobs in the engine's words, or undefined and why not. */
export function submitItemFromReceived(
  received: ReceivedItem,
  owner: string,
  rules: SpecRules,
  violations: Violation[],
): SubmitItem | undefined {
  if (received.kind === "other") {
    return submitItemFromApi(received.item, owner, rules, violations);
  }
  const { requestId, name, common } = received;
  const { checked } = common;
  if (checked !== undefined) {
    return {
      requestId,
      bodyHash: bodyHashOf(owner, name, checked.hash),
      spec: { ...checked.spec, name },
    };
  }
  const item = { requestId, spec: { ...common.api, name } };
  const mapped = submitItemFromApi(item, owner, rules, violations);
  if (mapped !== undefined) {
    common.checked = { spec: mapped.spec, hash: hashOfCommon(mapped.spec) };
  }
  return mapped;
}

function submitItemFromApi(
  item: ApiSubmitItem,
  owner: string,
  rules: SpecRules,
  violations: Violation[],
): SubmitItem | undefined {
  if (!uuid.test(item.requestId)) {
    violations.push({
      field: "request_id",
      description: `found ${quoted(item.requestId)}, but a UUID in lower case is needed, a new one for each job`,
    });
  }
  if (item.spec === undefined) {
    violations.push({ field: "spec", description: "is not set; say what to run" });
    return undefined;
  }
  const spec = specFromApi(item.spec, rules, violations);
  return spec === undefined || violations.length > 0
    ? undefined
    : { requestId: item.requestId, bodyHash: bodyHash(owner, spec), spec };
}
