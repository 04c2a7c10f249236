import { GetServerInfoResponse, SubmitJobsRequest } from "@ertis/api";
import { afterEach, expect, test } from "vitest";
import { createClient, type ClientOptions, type ErtisClient } from "./client.ts";
import { type FakeServer, type FakeUnary, startFakeServer } from "./testing/index.ts";

let server: FakeServer;
let client: ErtisClient;

afterEach(async () => {
  client.close();
  await server.close();
});

/** Accepts every item; the id tells the place inside its batch. */
const acceptAll: FakeUnary = (request) => ({
  results: SubmitJobsRequest.fromPartial(request).items.map((_item, index) => ({
    outcome: { $case: "acceptedJobId", value: `${index + 1}` },
    deadlineMissedByMs: index === 1 ? 60_000 : 0,
  })),
  sequence: 7,
});

async function start(submitJobs: FakeUnary, options: Partial<ClientOptions> = {}): Promise<void> {
  server = await startFakeServer({ unary: { submitJobs } });
  client = createClient({
    address: server.address,
    batchLimits: { maxItemCount: 1_000, maxBytes: 1_000_000 },
    backOff: { firstMs: 1, longestMs: 2 },
    ...options,
  });
}

function received(): readonly SubmitJobsRequest[] {
  return server.calls
    .filter(({ name }) => name === "submitJobs")
    .map(({ request }) => SubmitJobsRequest.fromPartial(request as SubmitJobsRequest));
}

const spec = { project: "nlp", name: "train", nodeCount: 1, gpusPerNode: 8 };

function entries(count: number): { spec: typeof spec }[] {
  return Array.from({ length: count }, (_, index) => ({ spec: { ...spec, name: `job-${index}` } }));
}

test("2,500 jobs go in three batches, each job with an id of its own, answers in order", async () => {
  await start(acceptAll);
  const outcomes = await client.submit(entries(2_500));
  expect(received().map(({ items }) => items.length)).toEqual([1_000, 1_000, 500]);
  const ids = received().flatMap(({ items }) => items.map(({ requestId }) => requestId));
  expect(new Set(ids).size).toBe(2_500);
  expect(outcomes.map(({ requestId }) => requestId)).toEqual(ids);
  expect(outcomes[1_001]).toMatchObject({
    kind: "accepted",
    jobId: "2",
    isNew: true,
    sequence: 7,
    deadlineMissedByMs: 60_000,
  });
  const names = received().flatMap(({ items }) => items.map((item) => item.spec?.name));
  expect(names[2_499]).toBe("job-2499");
});

test("a batch stays under the byte limit; an item larger than it goes alone", async () => {
  await start(acceptAll, { batchLimits: { maxItemCount: 1_000, maxBytes: 10_000 } });
  const long = { ...spec, script: "#".repeat(4_000) };
  const huge = { ...spec, script: "#".repeat(40_000) };
  await client.submit([long, long, long, huge, long].map((each) => ({ spec: each })));
  const scripts = received().map(({ items }) => items.map((item) => item.spec?.script.length));
  expect(scripts).toEqual([[4_000, 4_000], [4_000], [40_000], [4_000]]);
});

test.each([
  ["UNAVAILABLE", undefined],
  ["DEADLINE_EXCEEDED", undefined],
  ["RESOURCE_EXHAUSTED", 1],
] as const)("after %s the same bytes go again, with the same request id", async (code, ms) => {
  await start(acceptAll);
  const details = ms === undefined ? {} : { retryAfterMs: ms };
  server.failNext("submitJobs", { code, message: "not now", ...details });
  server.failNext("submitJobs", { code, message: "not now", ...details });
  const [outcome] = await client.submit([{ spec }]);
  expect(outcome).toMatchObject({ kind: "accepted", jobId: "1" });
  expect(received()).toHaveLength(3);
  expect(received()[1]).toEqual(received()[0]);
  expect(received()[2]).toEqual(received()[0]);
});

test("a server that never answers costs one attempt, not the whole deadline", async () => {
  await start(acceptAll, { attemptTimeoutMs: 50 });
  server.failNext("submitJobs", "silence");
  const [outcome] = await client.submit([{ spec }]);
  expect(outcome?.kind).toBe("accepted");
  expect(received()[1]).toEqual(received()[0]);
});

test("RESOURCE_EXHAUSTED without a time to come back is final", async () => {
  await start(acceptAll);
  server.failNext("submitJobs", { code: "RESOURCE_EXHAUSTED", message: "too large" });
  const [outcome] = await client.submit([{ spec }]);
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "RESOURCE_EXHAUSTED" } });
  expect(received()).toHaveLength(1);
});

test("when the deadline is over, each job is told that its fate is unknown, with its id", async () => {
  await start(() => "silence", { attemptTimeoutMs: 20, deadlineMs: 60 });
  const [outcome] = await client.submit([{ spec, requestId: "my-id" }]);
  expect(outcome).toMatchObject({
    kind: "failed",
    requestId: "my-id",
    error: { code: "DEADLINE_EXCEEDED", isOutcomeUnknown: true },
  });
});

test("one failed batch does not touch the others", async () => {
  await start(acceptAll, { batchLimits: { maxItemCount: 2, maxBytes: 1_000_000 } });
  server.failNext("submitJobs", { code: "INVALID_ARGUMENT", message: "no" });
  const outcomes = await client.submit(entries(4));
  expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed", "accepted", "accepted"]);
});

test("accepted before, refused and left out are told apart", async () => {
  await start(() => ({
    results: [
      { outcome: { $case: "alreadyAcceptedJobId", value: "9" }, deadlineMissedByMs: 0 },
      {
        outcome: {
          $case: "rejection",
          value: { reason: "NEVER_FITS", field: "", message: "too many", metadata: new Map() },
        },
        deadlineMissedByMs: 0,
      },
    ],
    sequence: 3,
  }));
  const outcomes = await client.submit(entries(3));
  expect(outcomes[0]).toMatchObject({ kind: "accepted", jobId: "9", isNew: false });
  expect(outcomes[1]).toMatchObject({ kind: "refused", rejection: { reason: "NEVER_FITS" } });
  expect(outcomes[2]).toMatchObject({ kind: "failed", error: { isOutcomeUnknown: true } });
});

test("no more batches are on their way than allowed", async () => {
  const pending: (() => void)[] = [];
  server = await startFakeServer({
    unary: {
      submitJobs: () => {
        pending.push(() => undefined);
        return "silence";
      },
    },
  });
  client = createClient({
    address: server.address,
    batchLimits: { maxItemCount: 1, maxBytes: 1_000_000 },
    // A call that runs into it before it is sent never reaches the server: longer than any pause of a busy machine.
    deadlineMs: 1_000,
  });
  const submitter = client.createSubmitter({ maxBatchesInFlight: 2 });
  const all = entries(6).map((entry) => submitter.add(entry));
  await all[0];
  // The first two ran into the deadline; only then may the next two have been sent.
  expect(pending.length).toBeLessThanOrEqual(4);
  await Promise.all(all);
  expect(pending).toHaveLength(6);
});

test("limits that the server names are asked for once", async () => {
  const limits = { maxMessageBytes: 1_000_000, maxSubmitItemCount: 10 };
  server = await startFakeServer({
    unary: {
      submitJobs: acceptAll,
      getServerInfo: () => GetServerInfoResponse.fromPartial({ limits }),
    },
  });
  client = createClient({ address: server.address });
  await client.submit(entries(25));
  await client.submit(entries(5));
  expect(received().map(({ items }) => items.length)).toEqual([10, 10, 5, 5]);
  expect(server.calls.filter(({ name }) => name === "getServerInfo")).toHaveLength(1);
});
