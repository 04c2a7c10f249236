import {
  CurtailmentMode,
  CurtailmentSpec,
  DrainAction,
  DrainNodeRequest,
  GetPowerTreeRequest,
  ListNodesRequest,
  NodeServiceService,
  PowerServiceService,
  PreviewCurtailmentRequest,
  PriorityClass,
  RemoveBudgetRequest,
  ScheduleCurtailmentRequest,
  SetBudgetRequest,
} from "@ertis/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { as, call, openHub, submitOne, type TestHub } from "../testing/hub.ts";
import { siteId } from "../testing/small-site.ts";

let hub: TestHub;

beforeEach(async () => {
  hub = await openHub();
});

afterEach(() => hub.close());

const startMs = 1_800_000_000_000;
const hourMs = 3_600_000;
const graceMs = 60_000;

/** A third gang is promised the nodes of the second, which has them for ninety minutes. */
async function promised(): Promise<string> {
  const gang = { nodeCount: 8, gpusPerNode: 8 };
  await submitOne(hub, "aigerim", { ...gang, walltimeMs: 20 * hourMs });
  await submitOne(hub, "aigerim", { ...gang, walltimeMs: 1.5 * hourMs });
  return submitOne(hub, "aigerim", { ...gang, walltimeMs: hourMs });
}

test("preview and schedule list the same promised starts that a curtailment moves", async () => {
  const job = await promised();
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

test("setting a budget lists the promised starts that it moves; its repetition and one with room list none", async () => {
  const job = await promised();
  const set = async (limitWatts: number): Promise<unknown> => {
    const request = SetBudgetRequest.fromPartial({
      budgetId: "evening",
      domainId: siteId,
      limitWatts,
      fromTimeMs: startMs + 2 * hourMs,
      untilTimeMs: startMs + 4 * hourMs,
      reason: "contract",
    });
    const answer = await call(hub, PowerServiceService.setBudget, request, as("dauren"));
    return answer.movedStarts;
  };
  expect(await set(200_000)).toEqual([]);
  const moved = await set(150_000);
  expect(moved).toMatchObject([{ jobId: job, capBeforeWatts: 0, capWatts: 0 }]);
  const [{ startTimeBeforeMs, startTimeMs, endTimeMs }] = moved as [Record<string, number>];
  expect(startTimeBeforeMs).toBeLessThan(startMs + 2 * hourMs);
  expect(startTimeMs).toBeGreaterThanOrEqual(startMs + 4 * hourMs);
  expect(endTimeMs).toBe((startTimeMs ?? 0) + hourMs);
  expect(await set(150_000)).toEqual([]);
  const removal = RemoveBudgetRequest.fromPartial({ budgetId: "evening", reason: "contract" });
  await call(hub, PowerServiceService.removeBudget, removal, as("dauren"));
  // Given back, it is moved once more.
  expect(await set(150_000)).toEqual(moved);
});

for (const order of ["cordon", "drain"] as const) {
  test(`to ${order} a node lists the promised start that waits for another one now`, async () => {
    const job = await promised();
    const filter = ListNodesRequest.fromPartial({});
    const { nodes } = await call(hub, NodeServiceService.listNodes, filter, as("dauren"));
    const ofSecond = nodes.filter(({ jobIds }) => jobIds.includes(`${Number(job) - 1}`));
    const asked = { nodeId: ofSecond.at(-1)?.id ?? "", reason: "fans" };
    const drain = DrainNodeRequest.fromPartial({ ...asked, action: DrainAction.WAIT });
    const answer =
      order === "cordon"
        ? await call(hub, NodeServiceService.cordonNode, asked, as("dauren"))
        : await call(hub, NodeServiceService.drainNode, drain, as("dauren"));
    expect(answer.movedStarts).toMatchObject([
      { jobId: job, startTimeMs: startMs + 20 * hourMs + graceMs },
    ]);
  });
}

test("a start that is promised again only once others run is in the answer all the same", async () => {
  const submit = (
    nodeCount: number,
    gpusPerNode: number,
    hours: number,
    priorityClass: PriorityClass = PriorityClass.NORMAL,
  ) =>
    submitOne(hub, "aigerim", {
      nodeCount,
      gpusPerNode,
      walltimeMs: hours * hourMs,
      priorityClass,
    });
  const cordon = (nodeId: string) =>
    call(hub, NodeServiceService.cordonNode, { nodeId, reason: "fans" }, as("dauren"));
  const listNodes = () =>
    call(hub, NodeServiceService.listNodes, ListNodesRequest.fromPartial({}), as("dauren"));
  for (const { id } of (await listNodes()).nodes.slice(8)) {
    await cordon(id);
  }
  const wide = await submit(4, 4, 3);
  const alone = await submit(1, 1, 6);
  const third = await submit(3, 1, 4.5);
  const job = await submit(6, 8, 2);
  await submit(2, 4, 6, PriorityClass.HIGH);
  await submit(2, 4, 6, PriorityClass.HIGH);
  const { nodes } = await listNodes();
  const node = nodes.find(
    ({ jobIds }) => jobIds.includes(wide) && jobIds.includes(third) && !jobIds.includes(alone),
  );
  expect((await cordon(node?.id ?? "")).movedStarts).toMatchObject([
    {
      jobId: job,
      startTimeBeforeMs: startMs + 4.5 * hourMs + graceMs,
      startTimeMs: startMs + 6 * hourMs + graceMs,
    },
  ]);
});

test("a budget below what floors take is set, and answers the smallest that holds and whose floors they are", async () => {
  const running = await submitOne(hub, "aigerim");
  const set = (limitWatts: number) =>
    call(
      hub,
      PowerServiceService.setBudget,
      SetBudgetRequest.fromPartial({
        budgetId: "low",
        domainId: siteId,
        limitWatts,
        reason: "works",
      }),
      as("dauren"),
    );
  const low = await set(41_000);
  // Sixteen idle nodes, and what a node takes on top of that when it runs.
  expect(low).toMatchObject({
    budget: { limitWatts: 41_000 },
    smallestWatts: 16 * 2_500 + 7_700,
    floorJobs: [{ jobId: running, owner: "aigerim", floorWatts: 7_700, isTierAtRisk: false }],
  });
  expect(await set(low.smallestWatts)).toMatchObject({ smallestWatts: 0, floorJobs: [] });
});
