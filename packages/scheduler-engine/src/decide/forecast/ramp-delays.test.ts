import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeasuredHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import { switchOffMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { type CurtailmentForecast } from "./forecast.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { hourMs } from "../../testing/test-hub.ts";

const minuteMs = 60_000;

/** A gang on all nodes of both halls, at full power: its end is a step of 25.6 kW at the feed. */
function fullHub(ramp: string): MeasuredHub {
  const hub = new MeasuredHub(rampedHub(ramp), 20);
  hub.submit({
    nodeCount: 8,
    flexibilityTier: 50,
    workloadClass: "straight",
    walltime: milliseconds(20 * hourMs),
    checkpoint: { save: milliseconds(20_000), restore: milliseconds(30_000) },
  });
  hub.pass(3_000);
  expect(hub.feedWatts()).toBe(42_600);
  return hub;
}

/** Without notice, for an hour. */
function atOnce(hub: MeasuredHub): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub/sub-1/hall-1",
    mode: "planned",
    target: watts(9_000),
    baseline: watts(20_000),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + 60 * minuteMs),
    ramp: milliseconds(75_000),
    giveUp: [50],
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(hub.nowMs),
  };
}

function preview(hub: MeasuredHub, curtailment: Curtailment): CurtailmentForecast {
  const answer = previewCurtailment(hub.state, curtailment);
  if (answer.kind !== "preview") {
    throw new Error(`no preview: ${answer.code}`);
  }
  return answer.forecast;
}

test.each([["12 kW/min over 60 s"], ["14 kW/min over 60 s"], ["20 kW/min over 60 s"]])(
  "a gang that ends in stages below %s of the feed is previewed so, where only a hall is curtailed",
  (ramp) => {
    const hub = fullHub(ramp);
    const curtailment = atOnce(hub);
    const told = toNumber(preview(hub, curtailment).timeToTarget);
    hub.steps.length = 0;
    const at = instant(hub.nowMs);
    hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
    hub.pass(20 * 60);
    const gone = known(hub.steps.at(-1), "the last step").atMs - toNumber(curtailment.start);
    expect(told).toBeGreaterThanOrEqual(gone - 5_000);
    expect(told).toBeLessThan(gone + 60_000);
  },
);

test.each([
  ["10 kW/min over 60 s", 120_000],
  ["8 kW/min over 60 s", 160_000],
])(
  "a gang that stops below %s while nodes go off is previewed as late as they leave it the ramp",
  (ramp, noticeMs) => {
    const hub = new MeasuredHub(rampedHub(ramp), 20);
    hub.submit({
      nodeCount: 4,
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
      checkpoint: { save: milliseconds(20_000), restore: milliseconds(30_000) },
    });
    hub.pass(3_000);
    const start = instant(hub.nowMs + noticeMs);
    const whole = { domain: "hub", target: watts(10_000), ramp: milliseconds(0) };
    const curtailment = { ...atOnce(hub), ...whole, start };
    const forecast = preview(hub, curtailment);
    expect(forecast.nodesOffCount).toBe(4);
    const told = toNumber(forecast.timeToTarget);
    hub.steps.length = 0;
    const at = instant(hub.nowMs);
    hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
    hub.pass(20 * 60);
    const gone = known(hub.steps.at(-1), "the last step").atMs - toNumber(start);
    expect(told).toBeGreaterThanOrEqual(gone);
    expect(told).toBeLessThan(gone + switchOffMs);
  },
);
