import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { leastNeedsOf } from "../../placement/least-needs.ts";
import { acknowledge, attemptsOf, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { type JobSpec, priorityClasses } from "../../words/job-spec.ts";
import { isWithoutRoom, mayTakeFromOthers } from "./blocked.ts";
import { RoomNow } from "./room-now.ts";

/** xorshift, whole numbers below `bound`. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function drawSpec(random: (bound: number) => number): Partial<JobSpec> {
  const nodeCount = 1 + random(4);
  const walltime = milliseconds((1 + random(8)) * hourMs);
  return {
    nodeCount,
    nodeCountMin: 1 + random(nodeCount),
    gpusPerNode: 1 + random(8),
    gpuModel: random(2) === 0 ? "H100" : "",
    walltime,
    walltimeMin: random(3) === 0 ? milliseconds(hourMs) : walltime,
    flexibilityTier: ([0, 10, 25, 50] as const)[random(4)] ?? 0,
    workloadClass: random(2) === 0 ? "straight" : "",
    capMin: watts(random(4) === 0 ? 300 : 0),
    priorityClass: priorityClasses[random(3)] ?? "normal",
    preemptible: random(3) === 0,
  };
}

interface Told {
  surelyCount: number;
  squeezableCount: number;
  notCount: number;
}

/** Whatever is told of a waiting job without a look at it is what a look says. */
function compare({ state }: Hub, told: Told): void {
  const room = new RoomNow(state);
  for (const shape of state.queue.shapes()) {
    const job = shape.jobs.any();
    if (job?.shape !== shape) {
      continue;
    }
    const kept = {
      shape,
      job,
      account: 0,
      number: job.number,
      walltimeMs: 0,
      inClass: 0,
      dueAtMs: 0,
      isOnly: true,
      isFirst: true,
      isPinned: false,
      isPoor: false,
      needs: leastNeedsOf(state, job),
    };
    if (room.isSurelyWithout(kept)) {
      told.surelyCount += 1;
      expect(isWithoutRoom(state, shape, job)).toBe(true);
    }
    const maySqueeze = room.maySqueeze(kept);
    if (maySqueeze !== undefined) {
      told.squeezableCount += maySqueeze ? 1 : 0;
      told.notCount += maySqueeze ? 0 : 1;
      const asked = mayTakeFromOthers(state, kept, { mayReclaim: false, room: undefined });
      expect(maySqueeze).toBe(asked);
    }
  }
}

test("what a few numbers tell of a waiting job is what a look at it says", () => {
  const told = { surelyCount: 0, squeezableCount: 0, notCount: 0 };
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = createRandom(seed);
    const hub = new Hub(cappedHub(15 + random(20)));
    for (let step = 0; step < 40; step += 1) {
      const running = attemptsOf(hub).filter(({ phase }) => phase !== "exited");
      const ended = running[random(3 * (running.length + 1))];
      if (ended !== undefined && ended.attempt === 1 && ended.phase === "starting") {
        hub.finish(ended.job);
      } else {
        hub.submit(drawSpec(random));
      }
      compare(hub, told);
      hub.place();
      compare(hub, told);
      if (random(2) === 0) {
        acknowledge(hub);
      }
      if (random(4) === 0) {
        hub.wait(random(20) * 60_000);
      }
      compare(hub, told);
    }
  }
  expect(told.surelyCount).toBeGreaterThan(1_000);
  expect(told.squeezableCount).toBeGreaterThan(100);
  expect(told.notCount).toBeGreaterThan(100);
});
