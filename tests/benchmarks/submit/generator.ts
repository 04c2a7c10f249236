/**
 * The load, in a process of its own beside the server. Told by the parent what to send; answers with
 * what was acknowledged. Each acknowledgement is counted from the answer itself.
 */
import { type SubmitItem, type SubmitJobsRequest, SubmitJobsResponse } from "@ertis/api";
import { createClient } from "@ertis/client";

import { Body, itemMaker, RequestIdDigits, seededRandom } from "./bodies.ts";
import { FrameClient } from "./frame-client.ts";
import { submitJobsPath, WireClient } from "./wire-client.ts";

export interface LoadTask {
  readonly address: string;
  readonly seed: number;
  /**
   * `client`: through @ertis/client, encoding included. `wire`: encoded before, on node:http2.
   * `frames`: encoded before, one job a call, frames written by hand.
   */
  readonly through: "wire" | "client" | "frames";
  readonly itemCount: number;
  /** Specs that the jobs share but for their names; 0: no two alike. */
  readonly specCount: number;
  /** Different requests, sent in turn; each has its own jobs. */
  readonly bodyCount: number;
  readonly connectionCount: number;
  readonly inFlightPerConnection: number;
  readonly durationMs: number;
  /** Ends the run early. */
  readonly jobsMax: number;
  /** Items are arrays of so many tasks; 0: plain jobs. */
  readonly arrayTaskCount: number;
  /** Ends after so many calls; 0: after the duration. */
  readonly callsMax: number;
}

export interface LoadResult {
  readonly acknowledgedCount: number;
  readonly otherCount: number;
  readonly elapsedMs: number;
  /** Of each call, in order. */
  readonly latenciesMs: readonly number[];
  /** Processor time of the generator. */
  readonly processorMs: number;
  readonly bytesPerCall: number;
  readonly firstProblem: string;
}

interface Tally {
  acknowledged: number;
  other: number;
  calls: number;
  firstProblem: string;
  readonly latenciesMs: number[];
}

type Send = (tally: Tally) => Promise<void>;

function itemsOf(task: LoadTask, make: () => Partial<SubmitItem>): SubmitJobsRequest["items"] {
  const array =
    task.arrayTaskCount === 0 ? undefined : { taskCount: task.arrayTaskCount, throttle: 0 };
  return Array.from({ length: task.itemCount }, () => {
    const item = make();
    return {
      requestId: item.requestId ?? "",
      spec: item.spec === undefined ? undefined : { ...item.spec, array },
    };
  });
}

/**
 * Counts by the first byte of each result, which says which of its fields is set; the whole answer is
 * only decoded when one of them is no acceptance.
 */
function countAnswer(answer: Buffer, itemCount: number, tally: Tally): void {
  if (acceptedCount(answer) === itemCount) {
    tally.acknowledged += itemCount;
    return;
  }
  for (const { outcome } of SubmitJobsResponse.decode(answer).results) {
    if (outcome?.$case === "acceptedJobId") {
      tally.acknowledged += 1;
    } else {
      tally.other += 1;
      tally.firstProblem ||= JSON.stringify(outcome);
    }
  }
}

/** Results at the front of the answer that hold `accepted_job_id`, field 1, and are shorter than 128 bytes. */
function acceptedCount(answer: Buffer): number {
  let count = 0;
  for (let at = 0; answer[at] === 0x0a && answer[at + 2] === 0x0a; count += 1) {
    at += 2 + (answer[at + 1] ?? 0);
  }
  return count;
}

async function openWire(task: LoadTask): Promise<readonly Send[]> {
  const make = itemMaker(seededRandom(task.seed), task.specCount);
  const ids = new RequestIdDigits();
  const bodies = Array.from({ length: task.bodyCount }, () => new Body(itemsOf(task, make), ids));
  const sends: Send[] = [];
  for (let index = 0; index < task.connectionCount; index += 1) {
    const client = await WireClient.open(task.address, submitJobsPath);
    const send: Send = async (tally) => {
      const body = bodies[tally.calls % bodies.length];
      const answer = client.call(body?.next() ?? Buffer.alloc(0));
      tally.calls += 1;
      countAnswer(await answer, task.itemCount, tally);
    };
    for (let copy = 0; copy < task.inFlightPerConnection; copy += 1) {
      sends.push(send);
    }
  }
  return sends;
}

async function openFrames(task: LoadTask): Promise<readonly Send[]> {
  const make = itemMaker(seededRandom(task.seed), task.specCount);
  const ids = new RequestIdDigits();
  const bodies = Array.from({ length: task.bodyCount }, () => new Body(itemsOf(task, make), ids));
  const sends: Send[] = [];
  for (let index = 0; index < task.connectionCount; index += 1) {
    const client = await FrameClient.open(task.address, submitJobsPath);
    const send: Send = async (tally) => {
      const body = bodies[tally.calls % bodies.length];
      tally.calls += 1;
      if ((await client.call(body?.next() ?? Buffer.alloc(0))) === "accepted") {
        tally.acknowledged += 1;
      } else {
        tally.other += 1;
        tally.firstProblem ||= "a call whose answer is no accepted job";
      }
    };
    for (let copy = 0; copy < task.inFlightPerConnection; copy += 1) {
      sends.push(send);
    }
  }
  return sends;
}

async function openClient(task: LoadTask): Promise<readonly Send[]> {
  const make = itemMaker(seededRandom(task.seed), task.specCount);
  const client = createClient({ address: task.address });
  const entries = itemsOf(task, make).map(({ spec }) => ({ spec: spec ?? {} }));
  const send: Send = async (tally) => {
    tally.calls += 1;
    for (const outcome of await client.submit(entries)) {
      if (outcome.kind === "accepted") {
        tally.acknowledged += 1;
      } else {
        tally.other += 1;
        tally.firstProblem ||= JSON.stringify(outcome);
      }
    }
  };
  return Array.from({ length: task.connectionCount * task.inFlightPerConnection }, () => send);
}

async function load(task: LoadTask): Promise<LoadResult> {
  const tally: Tally = { acknowledged: 0, other: 0, calls: 0, firstProblem: "", latenciesMs: [] };
  const open = { wire: openWire, client: openClient, frames: openFrames }[task.through];
  const sends = await open(task);
  const before = process.cpuUsage();
  const started = performance.now();
  const isOver = (): boolean =>
    performance.now() - started >= task.durationMs ||
    tally.acknowledged >= task.jobsMax ||
    (task.callsMax > 0 && tally.calls >= task.callsMax);
  await Promise.all(
    sends.map(async (send) => {
      while (!isOver()) {
        const sent = performance.now();
        await send(tally);
        tally.latenciesMs.push(performance.now() - sent);
      }
    }),
  );
  const elapsedMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return {
    acknowledgedCount: tally.acknowledged,
    otherCount: tally.other,
    elapsedMs,
    latenciesMs: tally.latenciesMs,
    processorMs: (user + system) / 1_000,
    bytesPerCall: new Body(
      itemsOf(task, itemMaker(seededRandom(task.seed), task.specCount)),
      new RequestIdDigits(),
    ).bytes,
    firstProblem: tally.firstProblem,
  };
}

if (import.meta.main) {
  // Sent by `runLoad` beside this file.
  const task = JSON.parse(process.argv[2] ?? "{}") as LoadTask;
  const result = await load(task);
  process.send?.(result, () => process.exit(0));
}
