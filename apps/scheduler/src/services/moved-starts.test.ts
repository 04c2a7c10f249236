import {
  CurtailmentMode,
  CurtailmentSpec,
  GetPowerTreeRequest,
  PowerServiceService,
  PreviewCurtailmentRequest,
  ScheduleCurtailmentRequest,
} from "@ertis/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, call, openHub, submitOne, type TestHub } from "../testing/hub.ts";
import { siteId } from "../testing/small-site.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

const startMs = 1_800_000_000_000;
const hourMs = 3_600_000;

test("preview and schedule list the same promised starts that a curtailment moves", async () => {
  const gang = { nodeCount: 8, gpusPerNode: 8 };
  await submitOne(hub, "aigerim", { ...gang, walltimeMs: 20 * hourMs });
  await submitOne(hub, "aigerim", { ...gang, walltimeMs: 1.5 * hourMs });
  const job = await submitOne(hub, "aigerim", { ...gang, walltimeMs: hourMs });
  const tree = await call(
    hub,
    PowerServiceService.getPowerTree,
    GetPowerTreeRequest.fromPartial({ site: siteId, maxDepth: 1 }),
    as("aigerim"),
  );
  expect(tree.domains[0]?.boundWatts).toBe(16 * 10_200);
  const spec: CurtailmentSpec = {
    ...CurtailmentSpec.fromPartial({
      domainId: siteId,
      mode: CurtailmentMode.PLANNED,
      startTimeMs: startMs + 2 * hourMs,
      endTimeMs: startMs + 4 * hourMs,
      reason: "order of the dispatcher",
    }),
    target: { $case: "targetPermille", value: 900 },
  };
  const previewed = await call(
    hub,
    PowerServiceService.previewCurtailment,
    PreviewCurtailmentRequest.fromPartial({ spec }),
    as("dauren"),
  );
  if (previewed.result?.$case !== "preview") {
    throw new Error(JSON.stringify(previewed.result));
  }
  const { movedStarts } = previewed.result.value;
  const [moved] = movedStarts;
  if (movedStarts.length !== 1 || moved === undefined) {
    throw new Error(`one start is moved, not ${JSON.stringify(movedStarts)}`);
  }
  expect(moved).toMatchObject({ jobId: job, capBeforeWatts: 0, capWatts: 0 });
  const { startTimeBeforeMs, startTimeMs, endTimeMs } = moved;
  expect(startTimeBeforeMs).toBeGreaterThanOrEqual(startMs + 1.5 * hourMs);
  expect(startTimeBeforeMs).toBeLessThan(startMs + 2 * hourMs);
  expect(startTimeMs).toBeGreaterThanOrEqual(startMs + 4 * hourMs);
  expect(endTimeMs).toBe(startTimeMs + hourMs);

  const request = ScheduleCurtailmentRequest.fromPartial({ curtailmentId: "evening", spec });
  const scheduled = async () =>
    call(hub, PowerServiceService.scheduleCurtailment, request, as("dauren"));
  expect((await scheduled()).movedStarts).toEqual(movedStarts);
  // What is repeated moves nothing once more.
  expect((await scheduled()).movedStarts).toEqual([]);
});
