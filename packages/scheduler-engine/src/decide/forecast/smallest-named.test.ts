import { type Instant, instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { cappedHub, hourMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import type { FlexibilityTier, JobSpec } from "../../words/job-spec.ts";

const rigid: Partial<JobSpec> = { walltime: milliseconds(100 * hourMs) };

function tiered(
  kind: Partial<JobSpec>,
  flexibilityTier: FlexibilityTier,
  nodeCount: number,
): Partial<JobSpec> {
  return { ...kind, flexibilityTier, nodeCount };
}

/** Two halls of eight nodes, all of them busy. */
function mixedHub(): MeteredHub {
  const text = cappedHub().replace("nodes: 2 ×", "nodes: 4 ×").replaceAll("50 kW", "150 kW");
  const hub = new MeteredHub(text.replaceAll("limit: 100 kW", "limit: 250 kW"));
  const jobs = [
    rigid,
    tiered(bending, 50, 1),
    tiered(pausing, 50, 2),
    rigid,
    tiered(bending, 10, 1),
    tiered(pausing, 50, 1),
    tiered(pausing, 25, 2),
    rigid,
    tiered(bending, 10, 1),
    { ...rigid, nodeCount: 2 },
    tiered(pausing, 50, 2),
    tiered(pausing, 25, 2),
  ];
  for (const job of jobs) {
    hub.run(job);
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  return hub;
}

test("beside a planned one that begins later the smallest target is not what jobs leave that have lost more under the one that was refused", () => {
  const hub = mixedHub();
  const after = (minutes: number): Instant => instant(hub.nowMs + minutes * minuteMs);
  hub.curtail("inner", { target: watts(75_850), start: after(41), end: after(109) });
  const baseline = watts(Math.round(hub.feedWatts()));
  const ask = { target: watts(59_861), baseline, start: after(14), end: after(73) };
  const asked = hub.curtailment("outer", ask);
  const answer = previewCurtailment(hub.state, asked);
  const refused = answer.kind === "rejected" ? answer.infeasible : undefined;
  expect(refused).toMatchObject({ beside: ["inner"], isRough: false, isAnyPossible: true });
  const smallest = Number(refused?.smallest);
  const kindOf = (target: number): string =>
    previewCurtailment(hub.state, { ...asked, target: watts(Math.round(target)) }).kind;
  expect(kindOf(smallest)).toBe("preview");
  expect(kindOf(smallest * 0.99)).toBe("rejected");
  // And both are kept with it.
  hub.curtail("outer", { ...ask, target: watts(smallest) });
  hub.playUntil(Number(after(120)));
  for (const id of ["outer", "inner"]) {
    const { minutesOverCount, jobs = [] } = complianceOf(hub.state, id) ?? {};
    expect(minutesOverCount).toBe(0);
    expect(jobs.filter((job) => job.isTierBroken)).toEqual([]);
  }
});
