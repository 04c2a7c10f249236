import {
  JobServiceService,
  PowerServiceService,
  JobFilter,
  JobState,
  WatchJobsRequest,
  type WatchJobsResponse,
  WatchPhase,
  WatchPowerRequest,
  type WatchPowerResponse,
  SetBudgetRequest,
} from "@ertis/api";
import { type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { as, call, openHub, submitOne, type TestHub, testConfig } from "../testing/hub.ts";
import { CommitSignal } from "./commit-signal.ts";
import type { ServiceContext } from "./context.ts";
import { watchJobs as watchJobsHandler } from "./watch-jobs.ts";
import { siteId } from "../testing/small-site.ts";

let hub: TestHub;

beforeEach(async () => {
  hub = await openHub();
});

afterEach(() => hub.close());

/** Messages of a stream until one of them is the last wanted. */
function readUntil<Message>(
  stream: ClientReadableStream<Message>,
  isLast: (message: Message) => boolean,
): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const seen: Message[] = [];
    stream.on("error", reject);
    stream.on("data", (message: Message) => {
      seen.push(message);
      if (isLast(message)) {
        stream.removeListener("error", reject);
        stream.on("error", () => undefined);
        stream.cancel();
        resolve(seen);
      }
    });
  });
}

function watchJobs(request: Partial<WatchJobsRequest>): ClientReadableStream<WatchJobsResponse> {
  return hub.jobs.watchJobs(WatchJobsRequest.fromPartial(request), as("aigerim"));
}

const ids = (messages: readonly WatchJobsResponse[]): string[] =>
  messages.flatMap(({ jobs }) => jobs.map(({ id }) => id));

test("a watch sends what is there, says so, then what changes, and goes on after its token", async () => {
  const first = await submitOne(hub, "aigerim", { held: true });
  const stream = watchJobs({});
  const until = readUntil(
    stream,
    ({ jobs, phase }) => phase === WatchPhase.CHANGES && jobs.length > 0,
  );
  const isSynced = new Promise<void>((resolve) => {
    stream.on("data", ({ phase }: WatchJobsResponse) => {
      if (phase === WatchPhase.SYNCED) {
        resolve();
      }
    });
  });
  await isSynced;
  const second = await submitOne(hub, "aigerim", { held: true });
  const messages = await until;
  expect(messages.map(({ phase }) => phase)).toEqual([
    WatchPhase.SNAPSHOT,
    WatchPhase.SYNCED,
    WatchPhase.CHANGES,
  ]);
  expect(ids(messages)).toEqual([first, second]);
  const token = messages.at(-1)?.resumeToken ?? "";
  const third = await submitOne(hub, "aigerim", { held: true });
  const resumed = await readUntil(watchJobs({ resumeToken: token }), ({ jobs }) => jobs.length > 0);
  expect(ids(resumed)).toEqual([third]);
});

test("a job that no longer matches is said to have left", async () => {
  const id = await submitOne(hub, "aigerim", { held: true });
  const stream = watchJobs({ filter: JobFilter.fromPartial({ states: [JobState.HELD] }) });
  const left = readUntil(stream, ({ leftJobIds }) => leftJobIds.length > 0);
  await call(
    hub,
    JobServiceService.cancelJobs,
    { selector: { jobIds: [id], filter: undefined }, reason: "done with it" },
    as("aigerim"),
  );
  const messages = await left;
  expect(messages.at(-1)?.leftJobIds).toEqual([id]);
});

test("a silent stream sends heartbeats with fresh tokens", async () => {
  const messages = await readUntil(
    watchJobs({ heartbeatIntervalMs: 1_000, changesOnly: true }),
    ({ phase }) => phase === WatchPhase.HEARTBEAT,
  );
  expect(messages.at(-1)?.resumeToken).not.toBe("");
});

function errorOf(stream: ClientReadableStream<unknown>): Promise<ServiceError> {
  return new Promise((resolve) => {
    stream.on("error", (error: ServiceError) => resolve(error));
    stream.resume();
  });
}

test("a token from a longer history is out of range, one that is none is wrong", async () => {
  expect((await errorOf(watchJobs({ resumeToken: "s999999" }))).code).toBe(status.OUT_OF_RANGE);
  expect((await errorOf(watchJobs({ resumeToken: "x" }))).code).toBe(status.INVALID_ARGUMENT);
  expect((await errorOf(watchJobs({ heartbeatIntervalMs: 5 }))).code).toBe(status.INVALID_ARGUMENT);
});

test("a power watch sends the tree, then only the domains that changed", async () => {
  const stream = hub.power.watchPower(
    WatchPowerRequest.fromPartial({ site: siteId, maxDepth: 1, minIntervalMs: 50 }),
    as("saule"),
  );
  const until = readUntil<WatchPowerResponse>(stream, ({ phase }) => phase === WatchPhase.CHANGES);
  await call(
    hub,
    PowerServiceService.setBudget,
    SetBudgetRequest.fromPartial({
      budgetId: "low",
      domainId: siteId,
      limitWatts: 50_000,
      reason: "test",
    }),
    as("dauren"),
  );
  const messages = await until;
  const changes = messages.at(-1);
  expect(changes?.domains.map(({ id }) => id)).toEqual([siteId]);
  expect(changes?.domains[0]?.budgetWatts).toBe(50_000);
  expect(changes?.resumeToken).not.toBe("");
});

test("more watches than a person may have are refused, and ending one makes room", async () => {
  const { watchesPerCallerMax } = testConfig.limits;
  const streams = Array.from({ length: watchesPerCallerMax }, () => watchJobs({}));
  streams.forEach((stream) => stream.on("error", () => undefined));
  await Promise.all(
    streams.map((stream) => new Promise((resolve) => stream.once("data", resolve))),
  );
  expect((await errorOf(watchJobs({}))).code).toBe(status.RESOURCE_EXHAUSTED);
  streams.forEach((stream) => stream.cancel());
});

test("a client that never reads holds up nobody else", async () => {
  const stream = watchJobs({ view: 2 });
  stream.on("error", () => undefined);
  stream.pause();
  const script = `#!/bin/sh\n${"x".repeat(30_000)}`;
  for (let count = 0; count < 100; count += 1) {
    await submitOne(hub, "aigerim", { held: true, script: `${script}${count}` });
  }
  const other = await readUntil(watchJobs({}), ({ phase }) => phase === WatchPhase.SYNCED);
  expect(ids(other)).toHaveLength(100);
  stream.cancel();
});

test("history waits in the log, not in memory, for a client that does not read", async () => {
  const { scheduler } = hub.server;
  const commits = new CommitSignal(scheduler);
  const context = { scheduler, commits, limits: testConfig.limits } as unknown as ServiceContext;
  const person = { name: "dauren", roles: ["operator"], projects: new Set<string>() } as const;
  const gone = new AbortController();
  let sendCount = 0;
  let takeNext: (isThere: boolean) => void = () => undefined;
  const stuck = {
    isOpen: true,
    signal: gone.signal,
    send: () => {
      sendCount += 1;
      return new Promise<boolean>((resolve) => {
        takeNext = resolve;
      });
    },
  };
  const request = WatchJobsRequest.fromPartial({});
  const watching = watchJobsHandler(context, request, person, stuck);
  for (let count = 0; count < 50; count += 1) {
    await submitOne(hub, "aigerim", { held: true });
  }
  expect(sendCount).toBe(1);
  stuck.isOpen = false;
  gone.abort();
  takeNext(false);
  await watching;
  commits.close();
});

test("streams end when the server closes", async () => {
  const other = await openHub();
  const stream = other.jobs.watchJobs(WatchJobsRequest.fromPartial({}), as("aigerim"));
  const ended = errorOf(stream);
  await new Promise((resolve) => stream.once("data", resolve));
  await other.close();
  expect((await ended).code).toBe(status.UNAVAILABLE);
});
