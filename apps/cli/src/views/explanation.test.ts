import { Explanation, ExplanationReason } from "@ertis/api";
import { expect, test } from "vitest";
import { sampleNowMs as nowMs } from "../testing/sample-power.ts";
import { renderExplanation } from "./explanation.ts";

const style = { isColoured: false, isUnicode: true, width: 100 };

function render(facts: Partial<Explanation>): string {
  const explanation = Explanation.fromPartial({});
  return renderExplanation({ ...explanation, ...facts }, { style, nowMs }).join("\n");
}

test("of who is paused the moment at which it goes on has a line of its own", () => {
  const reason = ExplanationReason.POWER_CURTAILMENT;
  const paused = { reason, curtailmentId: "evening", pausedUntilTimeMs: nowMs + 480_000 };
  expect(render(paused)).toMatch(/^goes on +by about .* \(in 8 min\)$/m);
  expect(render({ ...paused, pausedUntilTimeMs: 0 })).not.toContain("goes on");
});

test("a start that is likely long before the one that is kept has a line of its own, with its curtailment", () => {
  const reason = ExplanationReason.POWER_CURTAILMENT;
  const likely = { likelyStartTimeMs: nowMs + 480_000, likelyStartCurtailmentId: "evening" };
  expect(render({ reason, ...likely })).toMatch(
    /^likely start +by .* \(in 8 min\), when curtailment evening has given its watts back$/m,
  );
  expect(render({ reason })).not.toContain("likely start");
});
