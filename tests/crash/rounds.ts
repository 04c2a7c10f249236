import { setTimeout as pause } from "node:timers/promises";

import type { RandomStream } from "@ertis/executor-simulated";
import { isFinished, jobState, stateDigest } from "@ertis/scheduler-engine";
import { serve } from "@ertis/scheduler";
import { vi } from "vitest";

import type { Hub } from "./hub.ts";

/**
 * Lets the load run until a moment that the seed chooses: the very one of an acknowledgement, or some
 * milliseconds later.
 */
export async function someLoad(hub: Hub, random: RandomStream): Promise<void> {
  hub.load.beginRound();
  await hub.load.acknowledged(10 + random.below(70));
  if (random.below(2) === 0) {
    await pause(1 + random.below(30));
  }
}

/** Looks at the log of a dead server, starts the next one, and looks at what it shows. */
export async function restart(hub: Hub): Promise<readonly string[]> {
  const inLog = await hub.brokenInLog();
  await hub.startServer();
  const notShown = await hub.notShown();
  return [
    ...inLog,
    ...(notShown.length > 0 ? [`jobs ${notShown.join(", ")} are not shown`] : []),
    ...(await hub.brokenInCluster()),
  ];
}

/** What the last life of the hub ended with. */
export interface LastLife {
  readonly broken: readonly string[];
  /** Digest of the state in memory, and of the state that all rows of the log give. */
  readonly live: string;
  readonly replayed: string;
}

/**
 * Kills the server once more. The last one lives in the process of the test, so that its state can be compared: it takes
 * whatever load is left, runs all jobs to their end, and closes in good order.
 */
export async function finish(hub: Hub): Promise<LastLife> {
  await hub.server.kill();
  const server = await serve(hub.directory.config, { info: () => {}, warn: () => {} });
  try {
    await hub.load.end();
    await vi.waitFor(
      async () => {
        const left = await server.scheduler.read(
          ({ state }) => [...state.jobs.after(0)].filter((job) => !isFinished(job)).length,
        );
        if (left > 0) {
          throw new Error(`${left} jobs have not finished`);
        }
      },
      { timeout: 60_000, interval: 50 },
    );
    await server.scheduler.quiet();
  } finally {
    await server.close();
  }
  const live = await server.scheduler.read(({ state }) => stateDigest(state));
  return {
    broken: [...(await hub.brokenInLog()), ...(await hub.brokenInCluster()), ...wrongEnds(hub)],
    live,
    replayed: hub.log.digest,
  };
}

/**
 * Jobs that a crash made end otherwise than they had to. A program may end by itself before its
 * cancellation reaches it.
 */
function wrongEnds(hub: Hub): readonly string[] {
  return [...hub.load.promises.acknowledged].flatMap(([requestId, jobId]) => {
    const job = hub.log.state.jobs.get(Number(jobId));
    const found = job === undefined ? "unknown" : jobState(job);
    const wanted = hub.load.promises.endOf(requestId);
    const isRight = found === wanted || (found === "cancelled" && hub.log.cancelled.has(jobId));
    return isRight ? [] : [`job ${jobId} is ${found}, it had to be ${wanted}`];
  });
}
