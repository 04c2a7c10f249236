import { expect, test } from "vitest";
import { parseEngineEvent } from "./engine-event.ts";
import { RunSummaryBuilder } from "./run-summary.ts";
import type { RunSummary } from "./run-summary.ts";

const urn = "urn:pulumi:main::queues::ertis:kit:ManifestSet$kubernetes:core/v1:ConfigMap::queues/a";

function summarize(...lines: readonly string[]): RunSummary {
  const builder = new RunSummaryBuilder();
  for (const line of lines) {
    const event = parseEngineEvent(line);
    if (event !== undefined) {
      builder.add(event);
    }
  }
  return builder.summarize();
}

function step(op: string, more: object = {}): string {
  const metadata = { op, urn, type: "kubernetes:core/v1:ConfigMap", old: null, new: null, ...more };
  return JSON.stringify({ resourcePreEvent: { metadata } });
}

test("what is no event is passed over", () => {
  expect(parseEngineEvent("warning: something")).toBeUndefined();
  expect(parseEngineEvent('{"half": ')).toBeUndefined();
  expect(parseEngineEvent("")).toBeUndefined();
});

test("an update tells paths with values before and after", () => {
  const { changes, counts } = summarize(
    step("update", {
      old: { inputs: { data: { "a.b": "1" }, spec: { list: [{ x: 1 }] } } },
      new: { inputs: { data: { "a.b": "2" }, spec: { list: [{ x: 2 }] } } },
      detailedDiff: {
        'data["a.b"]': { diffKind: "update", inputDiff: true },
        "spec.list[0].x": { diffKind: "update", inputDiff: true },
      },
    }),
  );
  expect(changes).toMatchObject([
    {
      op: "update",
      name: "ConfigMap queues/a",
      properties: [
        { path: 'data["a.b"]', before: "1", after: "2" },
        { path: "spec.list[0].x", before: 1, after: 2 },
      ],
    },
  ]);
  expect(counts.updateCount).toBe(1);
});

test("objects that have begun and not ended are told with what their provider said last", () => {
  const began = (of: string, custom = true): string =>
    JSON.stringify({
      resourcePreEvent: {
        metadata: { op: "create", urn: of, type: "t", old: null, new: { custom } },
      },
    });
  const ended = (of: string, event: string): string =>
    JSON.stringify({
      [event]: { metadata: { op: "create", urn: of, type: "t", old: null, new: null } },
    });
  const note = (message: string): string =>
    JSON.stringify({ diagnosticEvent: { urn, message, severity: "info", ephemeral: true } });
  const [done, failed] = [`${urn}-done`, `${urn}-failed`];
  const { running, seenCount } = summarize(
    began(`${urn}-component`, false),
    began(done),
    began(urn),
    began(failed),
    note("waiting"),
    note("waiting for Ready"),
    ended(done, "resOutputsEvent"),
    ended(failed, "resOpFailedEvent"),
  );
  expect(running).toEqual([{ name: "ConfigMap queues/a", note: "waiting for Ready" }]);
  expect(seenCount).toBe(4);
});

test("a replacement is one change", () => {
  const { changes, counts } = summarize(
    step("create-replacement"),
    step("replace"),
    step("delete-replaced"),
  );
  expect(changes.map(({ op }) => op)).toEqual(["replace"]);
  expect(counts.replaceCount).toBe(1);
});

test("the engine's own summary counts more than our sums", () => {
  const { counts } = summarize(
    step("same"),
    JSON.stringify({ summaryEvent: { resourceChanges: { same: 7, create: 2 } } }),
  );
  expect([counts.sameCount, counts.createCount]).toEqual([7, 2]);
});

test("what a stack only reads is not among its unchanged resources", () => {
  const looked = (external: boolean): string =>
    JSON.stringify({
      resOutputsEvent: {
        metadata: {
          op: "same",
          urn: `${urn}-${external}`,
          type: "t",
          old: { external },
          new: null,
        },
      },
    });
  const summary = JSON.stringify({ summaryEvent: { resourceChanges: { same: 30 } } });
  expect(summarize(looked(true), looked(false), summary).counts.sameCount).toBe(29);
});

test("a refresh that finds nothing changes nothing, and one that finds a field does", () => {
  const found = (detailedDiff: object): string =>
    JSON.stringify({
      resOutputsEvent: {
        metadata: {
          op: "refresh",
          urn,
          type: "kubernetes:core/v1:ConfigMap",
          old: { outputs: { data: { a: "1" } } },
          new: { outputs: { data: { a: "2" } } },
          detailedDiff,
        },
      },
    });
  expect(summarize(found({})).changes).toEqual([]);
  expect(summarize(found({ "data.a": { diffKind: "update" } })).changes).toMatchObject([
    { op: "refresh", properties: [{ path: "data.a", before: "1", after: "2" }] },
  ]);
});

test("what a run finds first and then leaves alone is no change of it", () => {
  const found = JSON.stringify({
    resOutputsEvent: {
      metadata: {
        op: "refresh",
        urn,
        type: "kubernetes:core/v1:ConfigMap",
        old: { outputs: { spec: { online: false } } },
        new: { outputs: { spec: { online: true } } },
        detailedDiff: { "spec.online": { diffKind: "update" } },
      },
    },
  });
  expect(summarize(found).changes).toHaveLength(1);
  expect(summarize(found, step("same")).changes).toEqual([]);
  expect(summarize(found, step("update")).changes).toMatchObject([{ op: "update" }]);
});

test("an error is told once, with its resource and without colours", () => {
  const diagnostic = (of: string, message: string, severity = "error"): string =>
    JSON.stringify({ diagnosticEvent: { urn: of, message, severity } });
  const stack = "urn:pulumi:main::queues::pulumi:pulumi:Stack::queues-main";
  const { errors, warnings } = summarize(
    diagnostic(urn, "\u001B[31mit is <{%bold%}>refused<{%reset%}>\u001B[0m\n"),
    diagnostic(urn, "it is refused"),
    diagnostic(stack, "update failed"),
    diagnostic(stack, "noise", "debug"),
    diagnostic(stack, "beware", "warning"),
  );
  expect(errors).toEqual(["ConfigMap queues/a: it is refused", "update failed"]);
  expect(warnings).toEqual(["beware"]);
});

test("violations say whether they stop", () => {
  const event = (enforcementLevel: string): string =>
    JSON.stringify({
      policyEvent: { policyName: "power", message: "too much", resourceUrn: urn, enforcementLevel },
    });
  expect(summarize(event("mandatory"), event("mandatory")).violations).toEqual([
    { policy: "power", message: "too much", resource: "ConfigMap queues/a", isMandatory: true },
  ]);
  expect(summarize(event("advisory")).violations).toMatchObject([{ isMandatory: false }]);
});
