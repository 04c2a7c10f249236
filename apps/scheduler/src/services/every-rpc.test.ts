import {
  ClockServiceService,
  InfoServiceService,
  JobServiceService,
  NodeServiceService,
  PowerServiceService,
  ClockMode,
  DrainAction,
  ExplanationReason,
  GetPowerTreeRequest,
  JobActionOutcome,
  JobState,
  JobView,
  ListBudgetsRequest,
  ListJobsRequest,
  ListNodesRequest,
  NodeFilter,
  SetBudgetRequest,
} from "@ertis/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, call, openHub, requestId, specWith, submitOne, type TestHub } from "../testing/hub.ts";
import { siteId } from "../testing/small-site.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

const startMs = 1_800_000_000_000;

test("SubmitJobs, GetJob, ListJobs: accepted, durable, listed newest first", async () => {
  const first = await submitOne(hub, "aigerim", { name: "first" });
  const second = await submitOne(hub, "aigerim", { name: "second", script: "#!/bin/sh\necho" });
  const { job } = await call(hub, JobServiceService.getJob, { jobId: second }, as("aigerim"));
  expect(job?.spec?.script).toBe("#!/bin/sh\necho");
  expect(job?.owner).toBe("aigerim");
  const list = await call(
    hub,
    JobServiceService.listJobs,
    ListJobsRequest.fromPartial({ pageSize: 1, filter: { jobIds: [first, second] } }),
    as("aigerim"),
  );
  expect(list.jobs.map(({ id }) => id)).toEqual([second]);
  const rest = await call(
    hub,
    JobServiceService.listJobs,
    ListJobsRequest.fromPartial({
      pageSize: 1,
      filter: { jobIds: [first, second] },
      pageToken: list.nextPageToken,
    }),
    as("aigerim"),
  );
  expect(rest.jobs.map(({ id }) => id)).toEqual([first]);
  expect(rest.nextPageToken).toBe("");
});

test("the same request id gives the same job; with another body it is refused", async () => {
  const id = requestId();
  const submit = (name: string) =>
    call(
      hub,
      JobServiceService.submitJobs,
      { items: [{ requestId: id, spec: specWith({ name, held: true }) }] },
      as("aigerim"),
    );
  const first = await submit("once");
  const again = await submit("once");
  const other = await submit("twice");
  expect(first.results[0]?.outcome?.$case).toBe("acceptedJobId");
  expect(again.results[0]?.outcome).toEqual({
    $case: "alreadyAcceptedJobId",
    value: first.results[0]?.outcome?.value,
  });
  expect(other.results[0]?.outcome).toMatchObject({ value: { reason: "REQUEST_ID_REUSED" } });
});

test("PlanJob says where a job would start, and changes nothing", async () => {
  const before = hub.server.scheduler.lastSequence;
  const plan = (nodeCount: number) =>
    call(hub, JobServiceService.planJob, { spec: specWith({ nodeCount }) }, as("aigerim"));
  const now = await plan(1);
  expect(now.result).toMatchObject({ $case: "startNow", value: { site: siteId } });
  const never = await plan(1_000);
  expect(never.result).toMatchObject({ $case: "refused", value: { reason: "NEVER_FITS" } });
  expect(hub.server.scheduler.lastSequence).toBe(before);
});

test("HoldJobs, ReleaseJobs, CancelJobs, ExplainJob follow one job", async () => {
  const id = await submitOne(hub, "aigerim", { beginTimeMs: startMs + 86_400_000 });
  const selector = { jobIds: [id], filter: undefined };
  const held = await call(hub, JobServiceService.holdJobs, { selector, reason: "" }, as("aigerim"));
  expect(held.results[0]).toMatchObject({ outcome: JobActionOutcome.DONE, state: JobState.HELD });
  const why = await call(hub, JobServiceService.explainJob, { jobId: id }, as("saule"));
  expect(why.explanation?.reason).toBe(ExplanationReason.HELD);
  const released = await call(
    hub,
    JobServiceService.releaseJobs,
    { selector, reason: "" },
    as("dauren"),
  );
  expect(released.results[0]?.state).toBe(JobState.WAITING);
  const cancel = () =>
    call(hub, JobServiceService.cancelJobs, { selector, reason: "wrong data" }, as("aigerim"));
  expect((await cancel()).results[0]).toMatchObject({
    outcome: JobActionOutcome.DONE,
    state: JobState.CANCELLED,
  });
  expect((await cancel()).results[0]?.rejection?.reason).toBe("ALREADY_FINISHED");
});

test("GetPowerTree pages depth first; budgets are set, listed, shown and removed", async () => {
  const tree = (pageToken: string) =>
    call(
      hub,
      PowerServiceService.getPowerTree,
      GetPowerTreeRequest.fromPartial({ site: siteId, pageSize: 3, pageToken }),
      as("saule"),
    );
  const first = await tree("");
  expect(first.domains.map(({ id }) => id)).toEqual([
    siteId,
    `${siteId}/substation-1`,
    `${siteId}/substation-1/hall-1`,
  ]);
  const second = await tree(first.nextPageToken);
  expect(second.domains[0]?.parentId).toBe(`${siteId}/substation-1/hall-1`);
  const set = await call(
    hub,
    PowerServiceService.setBudget,
    SetBudgetRequest.fromPartial({
      budgetId: "evening",
      domainId: siteId,
      limitWatts: 1_000,
      reason: "order 17",
    }),
    as("dauren"),
  );
  expect(set.budget).toMatchObject({ id: "evening", limitWatts: 1_000, setBy: "dauren" });
  expect(set.domain?.excessWatts).toBeGreaterThan(0);
  expect(set.domain?.excessReason).toContain("order 17");
  const list = await call(
    hub,
    PowerServiceService.listBudgets,
    ListBudgetsRequest.fromPartial({ site: siteId }),
    as("aigerim"),
  );
  expect(list.budgets.map(({ id }) => id)).toEqual(["evening"]);
  const removed = await call(
    hub,
    PowerServiceService.removeBudget,
    { budgetId: "evening", reason: "order withdrawn" },
    as("dauren"),
  );
  expect(removed.budget?.id).toBe("evening");
});

test("ListNodes, CordonNode, UncordonNode, DrainNode", async () => {
  const nodes = await call(
    hub,
    NodeServiceService.listNodes,
    ListNodesRequest.fromPartial({ pageSize: 2, filter: NodeFilter.fromPartial({ site: siteId }) }),
    as("saule"),
  );
  const nodeId = nodes.nodes[1]?.id ?? "";
  expect(nodes.nodes).toHaveLength(2);
  const reason = "fan";
  const cordoned = await call(hub, NodeServiceService.cordonNode, { nodeId, reason }, as("dauren"));
  expect(cordoned.node).toMatchObject({
    cordoned: true,
    cordonReason: "fan",
    cordonedBy: "dauren",
  });
  const drained = await call(
    hub,
    NodeServiceService.drainNode,
    { nodeId, reason, action: DrainAction.WAIT, deadlineTimeMs: 0 },
    as("dauren"),
  );
  expect(drained.node?.drainAction).toBe(DrainAction.WAIT);
  const back = await call(
    hub,
    NodeServiceService.uncordonNode,
    { nodeId, reason: "" },
    as("dauren"),
  );
  expect(back.node?.cordoned).toBe(false);
});

test("GetServerInfo says who is who and what the limits are", async () => {
  const info = await call(hub, InfoServiceService.getServerInfo, {}, as("aigerim"));
  expect(info.clockMode).toBe(ClockMode.STEPPED);
  expect(info.caller).toMatchObject({ name: "aigerim", projects: ["nlp"] });
  expect(info.limits?.maxSubmitItemCount).toBe(1_000);
  const site = { id: siteId, nodeCount: 16, gpuCount: 128, measuredClasses: [] };
  expect(info.sites).toMatchObject([site]);
});

test("Advance moves time: a job runs and ends; GetClock stands still", async () => {
  const id = await submitOne(hub, "aigerim", { walltimeMs: 600_000 });
  let answer = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
  const target = answer.nowTimeMs + 3_600_000;
  do {
    answer = await call(hub, ClockServiceService.advance, { toTimeMs: target }, as("dauren"));
  } while (!answer.quiet || answer.nowTimeMs < target);
  const again = await call(hub, ClockServiceService.getClock, {}, as("saule"));
  expect(again.nowTimeMs).toBe(target);
  const { job } = await call(hub, JobServiceService.getJob, { jobId: id }, as("aigerim"));
  expect([JobState.SUCCEEDED, JobState.FAILED]).toContain(job?.state);
  expect(job?.endTimeMs).toBeGreaterThan(job?.startTimeMs ?? 0);
});

test("an array is one job, or its tasks when asked", async () => {
  const id = await submitOne(hub, "aigerim", {
    held: true,
    array: { taskCount: 3, throttle: 1 },
  });
  const list = (expandArrays: boolean) =>
    call(
      hub,
      JobServiceService.listJobs,
      ListJobsRequest.fromPartial({
        filter: { jobIds: [id] },
        expandArrays,
        view: JobView.SUMMARY,
      }),
      as("aigerim"),
    );
  const whole = await list(false);
  expect(whole.jobs).toMatchObject([{ id, taskCounts: { heldCount: 3 } }]);
  const tasks = await list(true);
  expect(tasks.jobs.map((job) => job.id)).toEqual([`${id}_0`, `${id}_1`, `${id}_2`]);
});
