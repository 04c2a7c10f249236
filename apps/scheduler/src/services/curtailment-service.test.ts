import {
  CancelCurtailmentRequest,
  type CancelCurtailmentResponse,
  CurtailmentMode,
  CurtailmentSpec,
  CurtailmentState,
  GetComplianceRequest,
  GetPowerTreeRequest,
  ListCurtailmentsRequest,
  PowerServiceService,
  PreviewCurtailmentRequest,
  ScheduleCurtailmentRequest,
} from "@ertis/api";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, call, detailsOf, failure, openHub, submitOne, type TestHub } from "../testing/hub.ts";
import { siteId } from "../testing/small-site.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

const startMs = 1_800_000_000_000;
const hourMs = 3_600_000;

type SpecWish = Omit<Partial<CurtailmentSpec>, "target"> & {
  readonly permille?: number;
  readonly watts?: number;
};

function toSpec({ permille, watts, ...rest }: SpecWish): CurtailmentSpec {
  return {
    ...CurtailmentSpec.fromPartial({
      domainId: siteId,
      mode: CurtailmentMode.EMERGENCY,
      endTimeMs: startMs + 4 * hourMs,
      reason: "order of the dispatcher",
      ...rest,
    }),
    target:
      watts === undefined
        ? { $case: "targetPermille", value: permille ?? 900 }
        : { $case: "targetWatts", value: watts },
  };
}

async function preview(wish: SpecWish, person: "dauren" | "aigerim" = "dauren") {
  const request = PreviewCurtailmentRequest.fromPartial({ spec: toSpec(wish) });
  return call(hub, PowerServiceService.previewCurtailment, request, as(person));
}

async function schedule(id: string, wish: SpecWish) {
  const request = ScheduleCurtailmentRequest.fromPartial({
    curtailmentId: id,
    spec: toSpec(wish),
  });
  return call(hub, PowerServiceService.scheduleCurtailment, request, as("dauren"));
}

async function list(includeEnded: boolean) {
  const request = ListCurtailmentsRequest.fromPartial({ includeEnded });
  return call(hub, PowerServiceService.listCurtailments, request, as("aigerim"));
}

async function boundWatts(): Promise<number> {
  const request = GetPowerTreeRequest.fromPartial({ site: siteId, maxDepth: 1 });
  const tree = await call(hub, PowerServiceService.getPowerTree, request, as("aigerim"));
  return tree.domains[0]?.boundWatts ?? 0;
}

test("from the preview over the schedule and the list to the cancel", async () => {
  await submitOne(hub, "aigerim", { walltimeMs: 3 * hourMs });
  const bound = await boundWatts();
  const wish = { permille: 950, startTimeMs: startMs + hourMs };
  const { result } = await preview(wish);
  if (result?.$case !== "preview") {
    throw new Error(JSON.stringify(result));
  }
  expect(result.value.curtailment).toMatchObject({
    id: "",
    domainId: siteId,
    baselineWatts: bound,
    targetWatts: Math.floor(bound * 0.95),
  });
  expect(result.value.isTargetMet).toBe(true);
  const { tiers, throughputPermille, untouchedCount, cappedCount } = result.value;
  expect(tiers.map((tier) => tier.flexibilityTierPercent)).toEqual([0]);
  expect(tiers[0]).toMatchObject({ untouchedCount, cappedCount, shrunkCount: 0, pausedCount: 0 });
  expect(tiers[0]?.lossPermille).toBe(1_000 - throughputPermille);
  expect(tiers[0]?.floorWatts).toBeGreaterThan(0);
  expect(result.value.points.at(-1)?.timeMs).toBe(startMs + 4 * hourMs);
  expect((await list(true)).curtailments).toEqual([]);

  const { curtailment } = await schedule("evening", wish);
  expect(curtailment).toMatchObject({
    id: "evening",
    state: CurtailmentState.SCHEDULED,
    targetWatts: Math.floor(bound * 0.95),
    setBy: "dauren",
    reason: "order of the dispatcher",
  });
  // The same once more: its answer was lost, perhaps.
  expect((await schedule("evening", wish)).curtailment).toEqual(curtailment);
  const other = await failure(schedule("evening", { ...wish, permille: 900 }));
  expect([other.code, detailsOf(other).details.length > 0]).toEqual([status.ALREADY_EXISTS, true]);
  expect((await list(false)).curtailments).toEqual([curtailment]);

  const request = CancelCurtailmentRequest.fromPartial({
    curtailmentId: "evening",
    reason: "taken back",
  });
  const cancel = async (): Promise<CancelCurtailmentResponse> =>
    call(hub, PowerServiceService.cancelCurtailment, request, as("dauren"));
  const gone = await cancel();
  expect((await failure(cancel())).code).toBe(status.FAILED_PRECONDITION);
  expect(gone.curtailment).toMatchObject({
    state: CurtailmentState.CANCELLED,
    cancelledBy: "dauren",
    cancelReason: "taken back",
  });
  expect(gone).toMatchObject({ cappedCount: 0, pausedCount: 0 });
  expect(gone.curtailment?.cancelledTimeMs).toBeGreaterThan(0);
  expect(gone.curtailment?.cancelledTimeMs).toBeLessThan(Number(gone.curtailment?.startTimeMs));
  expect((await list(false)).curtailments).toEqual([]);
  expect((await list(true)).curtailments).toHaveLength(1);
  const report = await call(
    hub,
    PowerServiceService.getCompliance,
    GetComplianceRequest.fromPartial({ curtailmentId: "evening" }),
    // Who lost something may look, too.
    as("aigerim"),
  );
  expect(report.report).toMatchObject({ isFinal: true, minutes: [], overMinuteCount: 0 });
});

test("a preview tells the moment at which the target holds, an emergency in bounds", async () => {
  const rampMs = 600_000;
  const wish = { permille: 950, startTimeMs: startMs + hourMs, rampMs };
  for (const mode of [CurtailmentMode.EMERGENCY, CurtailmentMode.PLANNED]) {
    const { result } = await preview({ ...wish, mode });
    if (result?.$case !== "preview") {
      throw new Error(JSON.stringify(result));
    }
    const { points, curtailment } = result.value;
    const holds = points.find(({ timeMs }) => timeMs === startMs + hourMs + rampMs);
    expect(holds?.targetWatts).toBe(curtailment?.targetWatts);
    const bounds = points.map((point) => point.boundWatts);
    const isEmergency = mode === CurtailmentMode.EMERGENCY;
    expect(bounds).toEqual(points.map(({ drawWatts }) => (isEmergency ? drawWatts : undefined)));
  }
});

test("floors are given up by name: refused without, told with, and the same ask once more is the same", async () => {
  await submitOne(hub, "aigerim", {
    walltimeMs: 10 * hourMs,
    nodeCount: 6,
    flexibilityTierPercent: 50,
    checkpoint: { saveMs: 60_000, restoreMs: 60_000 },
  });
  const wish = { watts: 40_000, startTimeMs: startMs + 3.5 * hourMs };
  const { result } = await preview(wish);
  expect(result?.$case === "refusal" && result.value.enoughTierPercents).toEqual([50]);
  const giveUpTierPercents = [0, 50, 50];
  const kept = await preview({ ...wish, giveUpTierPercents });
  expect(kept.result?.$case).toBe("preview");
  if (kept.result?.$case === "preview") {
    expect(kept.result.value.curtailment?.giveUpTierPercents).toEqual([50, 0]);
    expect(kept.result.value.tiers.map((tier) => tier.isFloorGivenUp)).toEqual([true]);
    expect(kept.result.value.jobs.map((job) => job.isFloorGivenUp)).toContain(true);
  }
  const { curtailment } = await schedule("trip", { ...wish, giveUpTierPercents });
  expect(curtailment?.giveUpTierPercents).toEqual([50, 0]);
  const again = await schedule("trip", { ...wish, giveUpTierPercents: [50, 0] });
  expect(again.curtailment).toEqual(curtailment);
  const other = await failure(schedule("trip", { ...wish, giveUpTierPercents: [0] }));
  expect(other.code).toBe(status.ALREADY_EXISTS);
  const planned = { ...wish, mode: CurtailmentMode.PLANNED, giveUpTierPercents: [0] };
  const refused = await failure(schedule("plan", planned));
  expect(refused.code).toBe(status.INVALID_ARGUMENT);
  expect(refused.details).toContain("tier 0 tolerates no loss");
  const unknown = await failure(schedule("plan", { giveUpTierPercents: [50, 7] }));
  expect(unknown.details).toContain("spec.give_up_tier_percents[1]: found 7, but 0, 10, 25 or 50");
  const many = await failure(schedule("plan", { giveUpTierPercents: [0, 0, 0, 0, 0] }));
  expect(many.details).toContain("spec.give_up_tier_percents: found 5");
});

test("in force it stands in the power tree with its target", async () => {
  const bound = await boundWatts();
  await schedule("now", { watts: bound - 1, endTimeMs: startMs + hourMs });
  const request = GetPowerTreeRequest.fromPartial({ site: siteId, maxDepth: 1 });
  const tree = await call(hub, PowerServiceService.getPowerTree, request, as("aigerim"));
  expect(tree.domains[0]).toMatchObject({ targetWatts: bound - 1, curtailmentId: "now" });
  expect(tree.domains[1]?.targetWatts).toBeUndefined();
});

test("one that begins now is as long as was ordered, to the millisecond", async () => {
  const bound = await boundWatts();
  const wish = { watts: bound - 2, endTimeMs: 0, lengthMs: 120_000 };
  const { curtailment } = await schedule("short", wish);
  expect((curtailment?.endTimeMs ?? 0) - (curtailment?.startTimeMs ?? 0)).toBe(120_000);
  // The same asked again, as after an answer that got lost.
  expect((await schedule("short", wish)).curtailment).toEqual(curtailment);
  const longer = await failure(schedule("short", { ...wish, lengthMs: 180_000 }));
  expect(longer.code).toBe(status.ALREADY_EXISTS);
});

test("a preview that cannot be kept says why and what would be possible", async () => {
  const { result } = await preview({ watts: 1, startTimeMs: startMs + hourMs });
  expect(result?.$case).toBe("refusal");
  if (result?.$case === "refusal") {
    expect(result.value.rejection?.reason).toMatch(/^CURTAILMENT_/);
    expect(result.value.rejection?.message).toContain("1 W");
  }
  const error = await failure(schedule("deep", { watts: 1, startTimeMs: startMs + hourMs }));
  expect(error.code).toBe(status.FAILED_PRECONDITION);
});

test.each([
  [{ domainId: "" }, "spec.domain_id"],
  [{ permille: 1_000 }, "spec.target_permille"],
  [{ endTimeMs: 0 }, "spec.end_time_ms"],
  [{ startTimeMs: startMs + 5 * hourMs }, "spec.end_time_ms"],
  [{ startTimeMs: -1 }, "spec.start_time_ms"],
  [{ lengthMs: hourMs }, "spec.length_ms"],
  [{ lengthMs: -1, endTimeMs: 0 }, "spec.length_ms"],
  [{ rampMs: 32 * 24 * hourMs }, "spec.ramp_ms"],
  [{ rampMs: -1 }, "spec.ramp_ms"],
  [{ reason: "" }, "spec.reason"],
  [{ reason: "x".repeat(501) }, "spec.reason"],
] as const)("%j is refused at %s", async (wish, field) => {
  const error = await failure(schedule("wrong", wish));
  expect(error.code).toBe(status.INVALID_ARGUMENT);
  expect(error.details).toContain(field);
});

test("unknown domains, ids and modes; the past; strangers", async () => {
  expect((await failure(schedule("a", { domainId: "nowhere" }))).code).toBe(status.NOT_FOUND);
  expect((await failure(schedule("a", { domainId: `${siteId}/nope` }))).code).toBe(
    status.NOT_FOUND,
  );
  expect((await failure(schedule("Not An Id", {}))).details).toContain("curtailment_id");
  const past = { startTimeMs: startMs - 2 * hourMs, endTimeMs: startMs - hourMs };
  expect((await failure(schedule("a", past))).code).toBe(status.FAILED_PRECONDITION);
  const missing = GetComplianceRequest.fromPartial({ curtailmentId: "nope" });
  expect(
    (await failure(call(hub, PowerServiceService.getCompliance, missing, as("dauren")))).code,
  ).toBe(status.NOT_FOUND);
  expect((await failure(preview({}, "aigerim"))).code).toBe(status.PERMISSION_DENIED);
  const empty = PreviewCurtailmentRequest.fromPartial({});
  const error = await failure(
    call(hub, PowerServiceService.previewCurtailment, empty, as("dauren")),
  );
  expect(error.details).toContain("spec");
});
