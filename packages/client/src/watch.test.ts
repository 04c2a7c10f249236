import {
  Job,
  JobState,
  PowerDomain,
  WatchJobsRequest,
  WatchPhase,
  WatchPowerResponse,
} from "@ertis/api";
import { afterEach, expect, test } from "vitest";
import { createClient, type ErtisClient } from "./client.ts";
import type { JobsEvent } from "./job-calls.ts";
import { createJobsMirror, createPowerMirror } from "./mirror.ts";
import {
  type FakeServer,
  type FakeStream,
  startFakeServer,
  toServiceError,
} from "./testing/index.ts";

let server: FakeServer;
let client: ErtisClient;

afterEach(async () => {
  client.close();
  await server.close();
});

interface Sent {
  readonly phase: WatchPhase;
  readonly token?: string;
  readonly jobs?: readonly Job[];
  readonly left?: readonly string[];
}

function job(id: string, generation: number, state: JobState = JobState.QUEUED): Job {
  return Job.fromPartial({ id, generation, state });
}

function toMessage({ phase, token = "", jobs = [], left = [] }: Sent): object {
  return { phase, resumeToken: token, sequence: 1, jobs: [...jobs], leftJobIds: [...left] };
}

/** Serves one script for each stream in turn; `error` ends it, `open` leaves it silent. */
type Script = readonly (Sent | "unavailable" | "too-old" | "denied" | "end" | "open")[];

async function start(...scripts: readonly Script[]): Promise<void> {
  let count = 0;
  const watchJobs: FakeStream = (stream) => {
    for (const step of scripts[count] ?? []) {
      if (step === "end") {
        stream.end();
      } else if (step === "unavailable") {
        stream.emit("error", toServiceError({ code: "UNAVAILABLE", message: "restart" }));
      } else if (step === "too-old") {
        stream.emit("error", toServiceError({ code: "OUT_OF_RANGE", message: "too old" }));
      } else if (step === "denied") {
        stream.emit("error", toServiceError({ code: "PERMISSION_DENIED", message: "no" }));
      } else if (step !== "open") {
        stream.write(toMessage(step));
      }
    }
    count += 1;
  };
  server = await startFakeServer({ streams: { watchJobs } });
  client = createClient({ address: server.address, backOff: { firstMs: 1, longestMs: 2 } });
}

/** Events up to the one that `isLast` says, as words. */
async function collect(
  isLast: (event: JobsEvent) => boolean,
  options: Parameters<ErtisClient["watchJobs"]>[1] = {},
): Promise<JobsEvent[]> {
  const events: JobsEvent[] = [];
  for await (const event of client.watchJobs({ project: "nlp" }, options)) {
    events.push(event);
    if (isLast(event)) {
      break;
    }
  }
  return events;
}

function tokens(): readonly string[] {
  return server.calls.map(
    ({ request }) => WatchJobsRequest.fromPartial(request as WatchJobsRequest).resumeToken,
  );
}

const sentLast = (token: string) => (event: JobsEvent) =>
  event.kind === "message" && event.message.resumeToken === token;

test("a broken stream goes on after the last token, with the same filter", async () => {
  await start(
    [
      { phase: WatchPhase.SNAPSHOT, jobs: [job("1", 1)] },
      { phase: WatchPhase.SYNCED, token: "t1" },
      { phase: WatchPhase.CHANGES, token: "t2", jobs: [job("1", 2)] },
      "unavailable",
    ],
    [{ phase: WatchPhase.CHANGES, token: "t3", jobs: [job("1", 3)] }, "open"],
  );
  const events = await collect(sentLast("t3"));
  expect(events.map(({ kind }) => kind)).toEqual([
    "message",
    "message",
    "message",
    "disconnected",
    "message",
  ]);
  expect(tokens()).toEqual(["", "t2"]);
  expect(server.calls[1]?.request).toMatchObject({ filter: { project: "nlp" } });
});

test("a server that ends the stream in good order is asked again", async () => {
  await start(
    [{ phase: WatchPhase.HEARTBEAT, token: "t1" }, "end"],
    [{ phase: WatchPhase.HEARTBEAT, token: "t2" }, "open"],
  );
  await collect(sentLast("t2"));
  expect(tokens()).toEqual(["", "t1"]);
});

test("a token that is too old says resync and starts over without one", async () => {
  await start(
    [{ phase: WatchPhase.SYNCED, token: "t1" }, "unavailable"],
    ["too-old"],
    [{ phase: WatchPhase.SYNCED, token: "t9" }, "open"],
  );
  const events = await collect(sentLast("t9"));
  expect(events.map(({ kind }) => kind)).toEqual([
    "message",
    "disconnected",
    "resync",
    "disconnected",
    "message",
  ]);
  expect(tokens()).toEqual(["", "t1", ""]);
});

test("a stream that breaks inside the snapshot starts over and says so", async () => {
  await start(
    [{ phase: WatchPhase.SNAPSHOT, jobs: [job("1", 1)] }, "unavailable"],
    [{ phase: WatchPhase.SYNCED, token: "t1" }, "open"],
  );
  const events = await collect(sentLast("t1"));
  expect(events.map(({ kind }) => kind)).toEqual(["message", "resync", "disconnected", "message"]);
});

test("silence of two heartbeats and a half counts as a broken stream", async () => {
  await start(
    [{ phase: WatchPhase.HEARTBEAT, token: "t1" }, "open"],
    [{ phase: WatchPhase.HEARTBEAT, token: "t2" }, "open"],
  );
  const events = await collect(sentLast("t2"), { heartbeatIntervalMs: 20 });
  expect(events[1]).toMatchObject({ kind: "disconnected", error: { code: "UNAVAILABLE" } });
  expect(tokens()).toEqual(["", "t1"]);
});

test("what no second try can heal is thrown", async () => {
  await start(["denied"]);
  await expect(collect(() => false)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
});

test("a bound of failures in a row is kept, and a message resets it", async () => {
  await start(
    ["unavailable"],
    [{ phase: WatchPhase.HEARTBEAT, token: "t1" }, "unavailable"],
    ["unavailable"],
    ["unavailable"],
  );
  await expect(collect(() => false, { maxFailures: 2 })).rejects.toMatchObject({
    code: "UNAVAILABLE",
  });
  expect(tokens()).toEqual(["", "", "t1", "t1"]);
});

test("the signal ends a watch without an error, and the server sees the stream close", async () => {
  const closed = Promise.withResolvers<undefined>();
  server = await startFakeServer({
    streams: {
      watchJobs: (stream) => {
        stream.on("cancelled", () => closed.resolve(undefined));
        stream.write(toMessage({ phase: WatchPhase.SYNCED, token: "t1" }));
      },
    },
  });
  client = createClient({ address: server.address });
  const controller = new AbortController();
  const kinds: string[] = [];
  for await (const event of client.watchJobs({}, { signal: controller.signal })) {
    kinds.push(event.kind);
    controller.abort();
  }
  expect(kinds).toEqual(["message"]);
  await closed.promise;
});

test("leaving the loop closes the stream", async () => {
  const closed = Promise.withResolvers<undefined>();
  server = await startFakeServer({
    streams: {
      watchJobs: (stream) => {
        stream.on("cancelled", () => closed.resolve(undefined));
        stream.write(toMessage({ phase: WatchPhase.SYNCED, token: "t1" }));
      },
    },
  });
  client = createClient({ address: server.address });
  await collect(() => true);
  await closed.promise;
});

const message = (sent: Sent): JobsEvent => ({
  kind: "message",
  message: {
    phase: sent.phase,
    resumeToken: sent.token ?? "",
    sequence: 1,
    jobs: [...(sent.jobs ?? [])],
    leftJobIds: [...(sent.left ?? [])],
  },
});

async function nothing(): Promise<void> {
  await start([]);
}

test("a mirror keeps the newest generation, drops what left, and is whole after the snapshot", async () => {
  await nothing();
  const mirror = createJobsMirror();
  mirror.apply(message({ phase: WatchPhase.SNAPSHOT, jobs: [job("1", 5), job("2", 1)] }));
  expect(mirror.isSynced).toBe(false);
  mirror.apply(message({ phase: WatchPhase.SYNCED }));
  expect(mirror.isSynced).toBe(true);
  mirror.apply(
    message({ phase: WatchPhase.CHANGES, jobs: [job("1", 4, JobState.FAILED)], left: ["2"] }),
  );
  expect([...mirror.items.values()].map(({ id, generation }) => [id, generation])).toEqual([
    ["1", 5],
  ]);
});

test("during a resync the old picture stays until the new one is whole", async () => {
  await nothing();
  const error = { code: "OUT_OF_RANGE" } as never;
  const mirror = createJobsMirror();
  mirror.apply(message({ phase: WatchPhase.SNAPSHOT, jobs: [job("1", 1), job("2", 1)] }));
  mirror.apply(message({ phase: WatchPhase.SYNCED }));
  mirror.apply({ kind: "resync", error });
  mirror.apply({ kind: "disconnected", error, waitMs: 1 });
  mirror.apply(message({ phase: WatchPhase.SNAPSHOT, jobs: [job("3", 1)] }));
  expect([...mirror.items.keys()]).toEqual(["1", "2"]);
  expect(mirror.isStale).toBe(true);
  mirror.apply(message({ phase: WatchPhase.SYNCED }));
  expect([...mirror.items.keys()]).toEqual(["3"]);
  expect(mirror.isStale).toBe(false);
});

test("a power mirror takes the later message", async () => {
  await nothing();
  const mirror = createPowerMirror();
  for (const boundWatts of [1, 7, 3]) {
    const domains = [PowerDomain.fromPartial({ id: "hub", boundWatts })];
    const changes = WatchPowerResponse.fromPartial({ phase: WatchPhase.CHANGES, domains });
    mirror.apply({ kind: "message", message: changes });
  }
  expect(mirror.items.get("hub")?.boundWatts).toBe(3);
});
