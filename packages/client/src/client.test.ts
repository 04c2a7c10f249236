import { readFileSync } from "node:fs";
import {
  CancelJobsRequest,
  CancelJobsResponse,
  Job,
  JobActionOutcome,
  ListJobsRequest,
  ListJobsResponse,
} from "@ertis/api";
import { afterEach, expect, test, vi } from "vitest";
import { createClient, type ErtisClient } from "./client.ts";
import { isLocal } from "./connection.ts";
import { ErtisError } from "./ertis-error.ts";
import { type FakeMethods, type FakeServer, startFakeServer } from "./testing/index.ts";

let server: FakeServer;
let client: ErtisClient;

afterEach(async () => {
  client.close();
  await server.close();
});

async function start(methods: FakeMethods, token?: string): Promise<void> {
  server = await startFakeServer(methods);
  client = createClient({
    address: server.address,
    backOff: { firstMs: 1, longestMs: 2 },
    ...(token === undefined ? {} : { token }),
  });
}

/** The error a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<ErtisError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(ErtisError);
    return error as ErtisError;
  }
  throw new Error("it did not fail");
}

test("google.rpc details arrive as fields of the error", async () => {
  await start({});
  server.failNext("getJob", {
    code: "INVALID_ARGUMENT",
    message: "two fields are wrong",
    reason: "INVALID_FIELDS",
    advice: "correct them",
    requestId: "call-7",
    fieldViolations: [
      { field: "job_id", reason: "", description: "must be a number" },
      { field: "view", reason: "", description: "unknown" },
    ],
  });
  const error = await failure(client.job("x"));
  expect(error).toMatchObject({
    code: "INVALID_ARGUMENT",
    message: "two fields are wrong",
    reason: "INVALID_FIELDS",
    advice: "correct them",
    requestId: "call-7",
    isOutcomeUnknown: false,
  });
  expect(error.fieldViolations.map(({ field }) => field)).toEqual(["job_id", "view"]);
});

test("a read is tried again; a time to come back is kept to", async () => {
  await start({ unary: { getJob: () => ({ job: Job.fromPartial({ id: "1" }), sequence: 1 }) } });
  server.failNext("getJob", { code: "UNAVAILABLE", message: "restart" });
  server.failNext("getJob", { code: "RESOURCE_EXHAUSTED", message: "slow down", retryAfterMs: 30 });
  const beginMs = performance.now();
  expect((await client.job("1")).id).toBe("1");
  expect(performance.now() - beginMs).toBeGreaterThanOrEqual(29);
  expect(server.calls).toHaveLength(3);
});

test("a removal is tried again only when the server says that it did nothing", async () => {
  await start({});
  server.failNext("removeBudget", {
    code: "RESOURCE_EXHAUSTED",
    message: "later",
    retryAfterMs: 1,
  });
  server.failNext("removeBudget", { code: "UNAVAILABLE", message: "restart" });
  const error = await failure(client.removeBudget("evening", "done"));
  expect(error).toMatchObject({ code: "UNAVAILABLE", isOutcomeUnknown: true });
  expect(server.calls).toHaveLength(2);
});

test("a read that failed leaves nothing open: it would have changed nothing", async () => {
  await start({});
  server.failNext("getJob", { code: "INTERNAL", message: "broken" });
  server.failNext("planJob", { code: "INTERNAL", message: "broken" });
  server.failNext("setBudget", { code: "INTERNAL", message: "broken" });
  const failed = { code: "INTERNAL", message: "broken" };
  expect(await failure(client.job("1"))).toMatchObject({ ...failed, isOutcomeUnknown: false });
  expect(await failure(client.plan({}))).toMatchObject({ ...failed, isOutcomeUnknown: false });
  expect(await failure(client.setBudget({}))).toMatchObject({ ...failed, isOutcomeUnknown: true });
});

test("the id that the server's log has beside a fault is told, and none where there is none", async () => {
  await start({});
  server.failNext("getJob", { code: "INTERNAL", message: "broken", requestId: "call-8" });
  const error = await failure(client.job("1"));
  expect(error).toMatchObject({ code: "INTERNAL", isOutcomeUnknown: false, requestId: "call-8" });
  expect(error.advice).toContain("request id call-8");
  server.failNext("getJob", { code: "INTERNAL", message: "broken" });
  expect((await failure(client.job("1"))).advice).not.toContain("request id");
});

test("a caller that gives up ends the call and its retries", async () => {
  await start({ unary: { getJob: () => "silence" } });
  const controller = new AbortController();
  const job = client.job("1", { signal: controller.signal });
  controller.abort();
  expect(await failure(job)).toMatchObject({ code: "CANCELLED" });
});

test("a server out of reach is an error with what to do, in plain words", async () => {
  await start({});
  const { address } = server;
  await server.close();
  const lonely = createClient({ address, deadlineMs: 1000 });
  const error = await failure(lonely.job("1"));
  lonely.close();
  expect(error.code).toBe("UNAVAILABLE");
  expect(error.message).toMatch(/^cannot reach the scheduler: connect ECONNREFUSED/);
  expect(error.advice).not.toBe("");
});

test("lists go on to the last page, also over an empty one", async () => {
  const pages: Readonly<Record<string, { ids: readonly string[]; next: string }>> = {
    "": { ids: ["5", "4"], next: "a" },
    a: { ids: [], next: "b" },
    b: { ids: ["3"], next: "" },
  };
  await start({
    unary: {
      listJobs: (request) => {
        const page = pages[ListJobsRequest.fromPartial(request).pageToken];
        const jobs = (page?.ids ?? []).map((id) => Job.fromPartial({ id }));
        return ListJobsResponse.fromPartial({ jobs, nextPageToken: page?.next ?? "" });
      },
    },
  });
  const ids: string[] = [];
  for await (const { id } of client.jobs({ project: "nlp" })) {
    ids.push(id);
  }
  expect(ids).toEqual(["5", "4", "3"]);
});

test("leaving a list early fetches no further page", async () => {
  await start({
    unary: {
      listJobs: () =>
        ListJobsResponse.fromPartial({ jobs: [Job.fromPartial({ id: "1" })], nextPageToken: "x" }),
    },
  });
  for await (const { id } of client.jobs()) {
    expect(id).toBe("1");
    break;
  }
  expect(server.calls).toHaveLength(1);
});

test("the token goes with each call", async () => {
  await start(
    { unary: { getJob: () => ({ job: Job.fromPartial({ id: "1" }), sequence: 1 }) } },
    "secret",
  );
  await client.job("1");
  expect(server.calls[0]?.authorization).toBe("Bearer secret");
});

test("cancelling goes on until every match was reached, 1,000 ids at a time", async () => {
  let remaining = 2;
  await start({
    unary: {
      cancelJobs: (request) => {
        const { selector } = CancelJobsRequest.fromPartial(request);
        const ids = selector?.filter === undefined ? (selector?.jobIds ?? []) : [`m${remaining}`];
        remaining -= selector?.filter === undefined ? 0 : 1;
        return CancelJobsResponse.fromPartial({
          results: ids.map((jobId) => ({ jobId, outcome: JobActionOutcome.DONE })),
          remainingCount: selector?.filter === undefined ? 0 : remaining,
        });
      },
    },
  });
  const jobIds = Array.from({ length: 1_500 }, (_, index) => `${index}`);
  const results = await client.cancelJobs({ jobIds, filter: { project: "nlp" } }, "test");
  expect(results).toHaveLength(1_502);
  expect(server.calls).toHaveLength(4);
});

test("an empty selection is refused here, before any call", async () => {
  await start({});
  for (const selection of [{}, { jobIds: [] }, { filter: {} }, { filter: { project: "" } }]) {
    expect(await failure(client.cancelJobs(selection, "why"))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "EMPTY_SELECTOR",
    });
  }
  expect(server.calls).toHaveLength(0);
});

test.each([
  ["127.0.0.1:7070", true],
  ["localhost:7070", true],
  ["[::1]:7070", true],
  ["unix:/run/ertis.sock", true],
  ["10.0.0.1:7070", false],
  ["127.0.0.1.example.kz:443", false],
  ["ertis.example.kz:443", false],
])("%s is this machine: %s", async (address, isThisMachine) => {
  await start({});
  expect(isLocal(address)).toBe(isThisMachine);
});

test.each(["", "host", "http://host:1", "host:port", "a b:1"])(
  "the address %j is refused",
  async (address) => {
    await start({});
    expect(() => createClient({ address })).toThrow(/is not host:port/);
  },
);

test("a token is never sent in plain text to another machine", async () => {
  await start({});
  expect(() =>
    createClient({ address: "ertis.example.kz:443", tls: false, token: "secret" }),
  ).toThrow(/plain text/);
});

test("the example of the README is the one that is type-checked", async () => {
  await start({});
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8");
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1];
  expect(example.endsWith(code ?? "missing")).toBe(true);
});

test("a call without an answer after three seconds is told of, once, with the time left to it", async () => {
  await start({});
  client.close();
  const told: number[] = [];
  client = createClient({
    address: server.address,
    deadlineMs: 10_000,
    onSlow: (leftMs) => told.push(leftMs),
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    server.failNext("getJob", "silence");
    const controller = new AbortController();
    const failed = failure(client.job("1", { signal: controller.signal }));
    vi.advanceTimersByTime(2_999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([7_000]);
    controller.abort();
    expect((await failed).code).toBe("CANCELLED");
    vi.advanceTimersByTime(5_000);
    expect(told).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
