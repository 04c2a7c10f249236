import { setTimeout as pause } from "node:timers/promises";

import { forkStream, type RandomStream } from "@ertis/executor-simulated";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Hub } from "../crash/hub.ts";
import { finish, restart, someLoad } from "../crash/rounds.ts";

/** Kills on one data directory; `ERTIS_SOAK_ROUNDS` makes a long night of it. */
const roundCount = Number(process.env["ERTIS_SOAK_ROUNDS"] ?? "50");
const seed = Number(process.env["ERTIS_SOAK_SEED"] ?? Date.now() % 1_000_000);

describe(`one data directory, killed ${String(roundCount)} times (ERTIS_SOAK_SEED=${String(seed)})`, () => {
  const random = forkStream(seed, "crash-soak");
  let hub: Hub;
  beforeAll(async () => {
    hub = await Hub.create(seed);
  });
  afterAll(async () => {
    await hub.remove();
  });

  test.each(Array.from({ length: roundCount }, (_, index) => index + 1))("kill %i", async () => {
    expect(await killSomehow(hub, random)).toEqual([]);
  });

  test("in the end every job has ended as it had to, and replay equals live", async () => {
    const { broken, live, replayed } = await finish(hub);
    expect(broken).toEqual([]);
    expect(replayed).toBe(live);
    const { acknowledged, repeatCount, cancelled, maybeTakenCount, maybeLostCount } =
      hub.load.promises;
    const { attemptsStarted, nodeFailures } = hub.log.seen;
    console.log(
      `${String(acknowledged.size)} jobs acknowledged, ${String(cancelled.size)} cancelled, ` +
        `${String(repeatCount)} repeats, unknown outcomes: ${String(maybeTakenCount)} had been taken, ` +
        `${String(maybeLostCount)} not; ${String(attemptsStarted)} attempts, ${String(nodeFailures)} lost with a cluster`,
    );
  });
});

/** Half of the rounds kill the server alone; the others also touch what is around it. */
async function killSomehow(hub: Hub, random: RandomStream): Promise<readonly string[]> {
  const kind = random.below(8);
  await someLoad(hub, random);
  const before = await hub.brokenInCluster();
  if (kind === 0) {
    await Promise.all([hub.server.kill(), hub.killCluster()]);
    return [...before, ...(await restart(hub))];
  }
  if (kind === 1) {
    await hub.killCluster();
    await hub.startCluster();
    await someLoad(hub, random);
  } else if (kind === 2) {
    hub.server.pause();
    await pause(random.below(3_000));
    hub.server.resume();
    await pause(random.below(30));
  } else if (kind === 3) {
    // Again, while it is still busy with its restart.
    await hub.server.kill();
    await hub.startServer();
    await pause(random.below(60));
  }
  await hub.server.kill();
  return [...before, ...(await restart(hub))];
}
