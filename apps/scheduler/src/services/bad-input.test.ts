import {
  ClockServiceService,
  JobServiceService,
  PowerServiceService,
  BadRequest,
  CancelJobsRequest,
  ErrorInfo,
  JobFilter,
  type JobSpec,
  ListJobsRequest,
  SetBudgetRequest,
  type SubmitJobsRequest,
} from "@ertis/api";
import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  as,
  call,
  detailsOf,
  failure,
  openHub,
  type PersonName,
  requestId,
  specWith,
  submitOne,
  type TestHub,
  tokens,
} from "../testing/hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

/** Whatever was sent before: the next job is taken, and the ones before it are still there. */
async function assertNothingLost(): Promise<void> {
  const id = await submitOne(hub, "aigerim", { held: true });
  const { job } = await call(hub, JobServiceService.getJob, { jobId: id }, as("aigerim"));
  expect(job?.id).toBe(id);
  expect(Number(id)).toBe(acceptedCount + 1);
  acceptedCount += 1;
}

let acceptedCount = 0;

async function rejectionOf(changes: Partial<JobSpec>, person: PersonName = "aigerim") {
  const { results } = await call(
    hub,
    JobServiceService.submitJobs,
    { items: [{ requestId: requestId(), spec: specWith(changes) }] },
    as(person),
  );
  const outcome = results[0]?.outcome;
  if (outcome?.$case !== "rejection") {
    throw new Error("the job was accepted");
  }
  return outcome.value;
}

const century = 100 * 366 * 86_400_000;
const manyLabels = new Map(Array.from({ length: 10_000 }, (_, index) => [`l${index}`, "v"]));

test.each<[string, Partial<JobSpec>, string]>([
  ["no nodes", { nodeCount: 0 }, "spec.node_count"],
  ["no GPUs", { gpusPerNode: 0 }, "spec.gpus_per_node"],
  ["a billion nodes", { nodeCount: 1_000_000_000 }, "spec.node_count"],
  ["a billion GPUs on a node", { gpusPerNode: 1_000_000_000 }, "spec.gpus_per_node"],
  ["a walltime of a century", { walltimeMs: century }, "spec.walltime_ms"],
  ["no walltime", { walltimeMs: 0 }, "spec.walltime_ms"],
  ["a negative walltime", { walltimeMs: -1 }, "spec.walltime_ms"],
  ["a negative begin time", { beginTimeMs: -5 }, "spec.begin_time_ms"],
  ["a name with a control character", { name: "a\u0007b" }, "spec.name"],
  ["a name that turns text around", { name: "a\u202Eb" }, "spec.name"],
  ["an empty name", { name: "   " }, "spec.name"],
  ["a project with a slash", { project: "../nlp" }, "spec.project"],
  ["ten thousand labels", { labels: manyLabels }, "spec.labels"],
  [
    "a label key of a prototype",
    { labels: new Map([["__proto__", "x"]]) },
    'spec.labels["__proto__"]',
  ],
  ["a variable of a prototype", { env: new Map([["__proto__", "x"]]) }, 'spec.env["__proto__"]'],
  ["a long script", { script: `#!/bin/sh\n${"x".repeat(65_536)}` }, "spec.script"],
  ["a script without its first line", { script: "echo" }, "spec.script"],
  ["nothing to run", { image: "" }, "spec.image"],
  ["two million tasks", { array: { taskCount: 2_000_000, throttle: 0 } }, "spec.array.task_count"],
  ["no tasks", { array: { taskCount: 0, throttle: 0 } }, "spec.array.task_count"],
  [
    "a dependency that is no id",
    { dependencies: [{ jobId: "x", condition: 0 }] },
    "spec.dependencies[0].job_id",
  ],
  [
    "a thousand retries",
    { retryPolicy: { maxRetries: 1_000, categories: [] } },
    "spec.retry_policy.max_retries",
  ],
  ["a relative directory", { workingDirectory: "tmp" }, "spec.working_directory"],
])("%s is refused with its field", async (_what, changes, field) => {
  const rejection = await rejectionOf(changes);
  expect(rejection).toMatchObject({ reason: "INVALID_FIELDS", field });
  expect(rejection.message).toContain(field);
  await assertNothingLost();
});

test("all wrong fields of an item are named at once, and its neighbours are taken", async () => {
  const { results } = await call(
    hub,
    JobServiceService.submitJobs,
    {
      items: [
        { requestId: requestId(), spec: specWith({ held: true }) },
        { requestId: "NOT-A-UUID", spec: specWith({ nodeCount: 0, name: "", gpusPerNode: 99 }) },
        { requestId: requestId(), spec: undefined },
        { requestId: requestId(), spec: specWith({ held: true }) },
      ],
    },
    as("aigerim"),
  );
  acceptedCount += 2;
  expect(results.map(({ outcome }) => outcome?.$case)).toEqual([
    "acceptedJobId",
    "rejection",
    "rejection",
    "acceptedJobId",
  ]);
  const wrong = results[1]?.outcome;
  expect(wrong?.$case === "rejection" ? [...wrong.value.metadata.keys()] : []).toEqual([
    "request_id",
    "spec.name",
    "spec.node_count",
    "spec.gpus_per_node",
  ]);
  await assertNothingLost();
});

test("an unknown project, somebody else's project and an urgent job are refused by name", async () => {
  expect(await rejectionOf({ project: "nowhere" })).toMatchObject({ reason: "UNKNOWN_PROJECT" });
  expect(await rejectionOf({ project: "vision" })).toMatchObject({
    reason: "NOT_PERMITTED",
    field: "spec.project",
  });
  expect(await rejectionOf({ priorityClass: 4 })).toMatchObject({ field: "spec.priority_class" });
  expect(await rejectionOf({ site: "elsewhere" })).toMatchObject({ reason: "UNKNOWN_SITE" });
  expect(await rejectionOf({ gpuModel: "X1" })).toMatchObject({ reason: "UNKNOWN_GPU_MODEL" });
  await assertNothingLost();
});

test("too many and too few items are refused as a whole", async () => {
  const submit = (count: number) =>
    failure(
      call(
        hub,
        JobServiceService.submitJobs,
        {
          items: Array.from({ length: count }, () => ({ requestId: requestId(), spec: undefined })),
        },
        as("aigerim"),
      ),
    );
  for (const count of [0, 1_001]) {
    const error = await submit(count);
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    const [info, fields] = detailsOf(error).details;
    expect(ErrorInfo.decode(info?.value ?? Buffer.alloc(0)).reason).toBe("INVALID_FIELDS");
    const { fieldViolations } = BadRequest.decode(fields?.value ?? Buffer.alloc(0));
    expect(fieldViolations[0]?.field).toBe("items");
  }
  await assertNothingLost();
});

test("an empty selector is an error, never all", async () => {
  for (const selector of [
    undefined,
    { jobIds: [], filter: undefined },
    { jobIds: [], filter: JobFilter.fromPartial({}) },
  ]) {
    const error = await failure(
      call(hub, JobServiceService.cancelJobs, { selector, reason: "x" }, as("dauren")),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain("never means all");
  }
  await assertNothingLost();
});

test("a cancel without a reason, and one of a single task, are refused", async () => {
  const error = await failure(
    call(
      hub,
      JobServiceService.cancelJobs,
      CancelJobsRequest.fromPartial({ selector: { jobIds: ["1_0", "x"] } }),
      as("dauren"),
    ),
  );
  expect(error.details).toContain("reason: is empty");
  expect(error.details).toContain("selector.job_ids[0]");
  expect(error.details).toContain("selector.job_ids[1]");
});

test("another person's job: not to be seen, not to be cancelled, except by an operator", async () => {
  const id = await submitOne(hub, "aigerim", { held: true });
  acceptedCount += 1;
  const cancel = (person: PersonName) =>
    call(
      hub,
      JobServiceService.cancelJobs,
      { selector: { jobIds: [id], filter: undefined }, reason: "mine now" },
      as(person),
    );
  const denied = await cancel("bolat");
  expect(denied.results[0]?.rejection?.reason).toBe("UNKNOWN_JOB");
  const hidden = await failure(call(hub, JobServiceService.getJob, { jobId: id }, as("bolat")));
  expect(hidden.code).toBe(status.NOT_FOUND);
  expect((await failure(cancel("saule"))).code).toBe(status.PERMISSION_DENIED);
  const { job } = await call(hub, JobServiceService.getJob, { jobId: id }, as("saule"));
  expect(job?.id).toBe(id);
  expect((await cancel("dauren")).results[0]?.rejection).toBeUndefined();
  await assertNothingLost();
});

test("a script is only for its owner and operators", async () => {
  const id = await submitOne(hub, "aigerim", { held: true, script: "#!/bin/sh\nsecret" });
  acceptedCount += 1;
  const scriptFor = async (person: PersonName) =>
    (await call(hub, JobServiceService.getJob, { jobId: id }, as(person))).job?.spec?.script;
  expect(await scriptFor("saule")).toBe("");
  expect(await scriptFor("aigerim")).toContain("secret");
  expect(await scriptFor("dauren")).toContain("secret");
});

test("without a token, with a wrong one and without the role nothing is done", async () => {
  const list = (metadata: Metadata) =>
    failure(call(hub, JobServiceService.listJobs, ListJobsRequest.fromPartial({}), metadata));
  expect((await list(new Metadata())).code).toBe(status.UNAUTHENTICATED);
  const wrong = new Metadata();
  wrong.set("authorization", `Bearer ${tokens.aigerim}x`);
  const error = await list(wrong);
  expect(error.code).toBe(status.UNAUTHENTICATED);
  expect(error.details).not.toContain(tokens.aigerim);
  const budget = SetBudgetRequest.fromPartial({
    budgetId: "b",
    domainId: "test-hub",
    limitWatts: 0,
    reason: "x",
  });
  const denied = await failure(call(hub, PowerServiceService.setBudget, budget, as("aigerim")));
  expect(denied.code).toBe(status.PERMISSION_DENIED);
  await assertNothingLost();
});

test("a message of 64 MB is refused, and so is one above 1 MiB outside of submits", async () => {
  const huge: SubmitJobsRequest = {
    items: [{ requestId: requestId(), spec: specWith({ script: "x".repeat(64_000_000) }) }],
  };
  const error = await failure(call(hub, JobServiceService.submitJobs, huge, as("aigerim")));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  const long = ListJobsRequest.fromPartial({ pageToken: "x".repeat(1_100_000) });
  const second = await failure(call(hub, JobServiceService.listJobs, long, as("aigerim")));
  expect(second.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(second.details).toContain("1048576");
  await assertNothingLost();
});

test("metadata above the limit is refused", async () => {
  const metadata = as("aigerim");
  metadata.set("x-long", "x".repeat(20_000));
  const error = await failure(
    call(hub, JobServiceService.listJobs, ListJobsRequest.fromPartial({}), metadata),
  );
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
});

test("the clock never goes back, and only an operator moves it", async () => {
  const { nowTimeMs } = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
  const advance = (toTimeMs: number, person: PersonName) =>
    failure(call(hub, ClockServiceService.advance, { toTimeMs }, as(person)));
  const back = await advance(nowTimeMs - 1, "dauren");
  expect(back.code).toBe(status.INVALID_ARGUMENT);
  expect(back.details).toContain("never goes back");
  expect((await advance(nowTimeMs + 1, "aigerim")).code).toBe(status.PERMISSION_DENIED);
  await assertNothingLost();
});

test("page and resume tokens of another question are refused", async () => {
  const error = await failure(
    call(
      hub,
      JobServiceService.listJobs,
      ListJobsRequest.fromPartial({ pageToken: "bm9uc2Vuc2U", pageSize: 5_000 }),
      as("aigerim"),
    ),
  );
  expect(error.details).toContain("page_token");
  expect(error.details).toContain("page_size");
});
