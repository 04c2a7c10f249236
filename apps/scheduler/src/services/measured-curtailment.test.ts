import {
  ClockServiceService,
  CurtailmentMode,
  GetComplianceRequest,
  GetPowerTreeRequest,
  type JobSpec,
  PowerServiceService,
  ScheduleCurtailmentRequest,
} from "@ertis/api";
import { expect, test } from "vitest";
import type { ClusterConfig } from "../config/server-config.ts";
import { as, call, openHub, submitOne, type TestHub } from "../testing/hub.ts";
import { siteId, smallSite } from "../testing/small-site.ts";

const startMs = 1_800_000_000_000;
const minuteMs = 60_000;
const none = { min: 0, max: 0 };
const cluster: ClusterConfig = {
  site: siteId,
  seed: 7,
  isOwnProcess: false,
  physics: {
    startDelayMs: none,
    applicationFailure: { numerator: 0, denominator: 1 },
    drawPermille: { min: 930, max: 960 },
  },
};
const config = {
  sites: [
    {
      file: "test-hub.yaml",
      text: smallSite.replace("partUse: share", "partUse: share\n    gpuCap: 200 W..700 W"),
      phases: "built" as const,
    },
  ],
};
const bending: Partial<JobSpec> = {
  nodeCount: 8,
  walltimeMs: 480 * minuteMs,
  flexibilityTierPercent: 25,
  workloadClass: "pre-train",
  env: new Map([["ERTIS_SIM_RUNTIME_MS", String(400 * minuteMs)]]),
};

async function advance(hub: TestHub, minutes: number): Promise<void> {
  const toTimeMs = startMs + minutes * minuteMs;
  await call(hub, ClockServiceService.advance, { toTimeMs }, as("dauren"));
}

async function feed(hub: TestHub) {
  const request = GetPowerTreeRequest.fromPartial({ site: siteId, maxDepth: 0 });
  const { domains } = await call(hub, PowerServiceService.getPowerTree, request, as("saule"));
  const [found] = domains;
  if (found === undefined) {
    throw new Error("the site has no feed");
  }
  return found;
}

async function announce(hub: TestHub, permille: number): Promise<number> {
  const request = ScheduleCurtailmentRequest.fromPartial({
    curtailmentId: "evening",
    spec: {
      domainId: siteId,
      mode: CurtailmentMode.PLANNED,
      startTimeMs: startMs + 40 * minuteMs,
      endTimeMs: startMs + 70 * minuteMs,
      rampMs: 5 * minuteMs,
      reason: "order of the dispatcher",
      target: { $case: "targetPermille", value: permille },
    },
  });
  const answer = await call(hub, PowerServiceService.scheduleCurtailment, request, as("dauren"));
  return answer.curtailment?.targetWatts ?? 0;
}

async function compliance(hub: TestHub) {
  const request = GetComplianceRequest.fromPartial({ curtailmentId: "evening" });
  return call(hub, PowerServiceService.getCompliance, request, as("dauren"));
}

test("a planned curtailment is kept on measured draw, and its bounds stay above the target", async () => {
  const hub = await openHub({ ...config, clusters: [{ ...cluster, measureEveryMs: 10_000 }] });
  await submitOne(hub, "aigerim", bending);
  await submitOne(hub, "aigerim", bending);
  await advance(hub, 30);
  const before = await feed(hub);
  expect(before.drawWatts).toBeGreaterThan(0);
  expect(before.drawWatts).toBeLessThan(before.boundWatts);
  const target = await announce(hub, 920);
  // Of what was drawn, not of what could have been.
  expect(target).toBeLessThan(before.boundWatts * 0.92);
  await advance(hub, 60);
  const during = await feed(hub);
  expect(during.drawWatts).toBeLessThanOrEqual(target);
  expect(during.boundWatts).toBeGreaterThan(target);
  await advance(hub, 75);
  const kept = (await compliance(hub)).report;
  expect(kept?.minutes).toHaveLength(30);
  expect(kept).toMatchObject({ overMinuteCount: 0, unmeasuredMinuteCount: 0, isTargetMet: true });
  const used = (kept?.minutes ?? []).map(
    ({ drawWatts = 0, targetWatts }) => drawWatts / targetWatts,
  );
  expect(Math.min(...used)).toBeGreaterThan(0.985);
  expect(kept?.jobs).toHaveLength(2);
  for (const { lossPermille } of kept?.jobs ?? []) {
    expect(lossPermille).toBeGreaterThan(0);
    expect(lossPermille).toBeLessThanOrEqual(250);
  }
  await hub.close();
});

test("what switched-off nodes no longer draw is used by jobs within minutes", async () => {
  const hub = await openHub({ ...config, clusters: [{ ...cluster, measureEveryMs: 10_000 }] });
  await submitOne(hub, "aigerim", bending);
  await advance(hub, 30);
  const target = await announce(hub, 745);
  await advance(hub, 75);
  const minutes = (await compliance(hub)).report?.minutes ?? [];
  const held = minutes.slice(8).map(({ drawWatts = 0 }) => drawWatts / target);
  expect(Math.max(...held)).toBeLessThanOrEqual(1);
  expect(Math.min(...held)).toBeGreaterThan(0.97);
  await hub.close();
});

test("where nobody measures, a planned curtailment holds by bounds", async () => {
  const hub = await openHub({ ...config, clusters: [cluster] });
  await submitOne(hub, "aigerim", bending);
  await submitOne(hub, "aigerim", bending);
  await advance(hub, 30);
  const before = await feed(hub);
  expect(before.drawWatts).toBeUndefined();
  const target = await announce(hub, 900);
  expect(target).toBe(Math.floor(before.boundWatts * 0.9));
  await advance(hub, 50);
  const during = await feed(hub);
  expect(during.boundWatts).toBeLessThanOrEqual(target);
  await hub.close();
});

test("a job counts only in curtailments over it", async () => {
  const hub = await openHub({ ...config, clusters: [cluster] });
  const [first, second] = [
    await submitOne(hub, "aigerim", bending),
    await submitOne(hub, "aigerim", bending),
  ];
  await advance(hub, 10);
  const hit = async (curtailmentId: string, row: string, minutes: number) => {
    const request = ScheduleCurtailmentRequest.fromPartial({
      curtailmentId,
      spec: {
        domainId: `${siteId}/substation-1/hall-1/${row}`,
        mode: CurtailmentMode.EMERGENCY,
        endTimeMs: startMs + minutes * minuteMs,
        reason: "unit tripped",
        target: { $case: "targetPermille", value: 920 },
      },
    });
    await call(hub, PowerServiceService.scheduleCurtailment, request, as("dauren"));
  };
  const lossesOf = async (curtailmentId: string) => {
    const request = GetComplianceRequest.fromPartial({ curtailmentId });
    const answer = await call(hub, PowerServiceService.getCompliance, request, as("dauren"));
    return answer.report?.jobs.map(({ jobId, lossPermille }) => [jobId, lossPermille > 0]);
  };
  await hit("early", "row-1", 30);
  await advance(hub, 20);
  await hit("late", "row-2", 40);
  await advance(hub, 35);
  expect(await lossesOf("early")).toEqual([[first, true]]);
  expect(await lossesOf("late")).toEqual([[second, true]]);
  await hub.close();
});
