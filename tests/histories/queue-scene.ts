import { instant, milliseconds, watts } from "@ertis/quantities";
import { createWorld, item } from "../runtime/world.ts";
import { openRecordedHub, type RecordedHub } from "./recorded-hub.ts";

const hourMs = 3_600_000;
const by = { person: "operator", mayActForOthers: true };

/** A queue of jobs at full power: holds, dependencies, budgets, drains, node failures, a crash. */
export async function playQueue(): Promise<RecordedHub> {
  const world = createWorld(11, {
    nodeFailure: { numerator: 1, denominator: 60 },
    startFailure: { numerator: 1, denominator: 30 },
  });
  const hub = await openRecordedHub(world);
  for (let round = 0; round < 12; round += 1) {
    await submitRound(hub, round);
    await hub.advance(hourMs / 2);
    await operate(hub, round);
    if (round === 6) {
      await hub.restart();
    }
    await hub.advance(hourMs);
  }
  await hub.advance(48 * hourMs);
  return hub;
}

async function submitRound(hub: RecordedHub, round: number): Promise<void> {
  const items = Array.from({ length: 12 }, (_, index) => {
    const number = round * 12 + index + 1;
    return item(number, {
      nodeCount: 1 + ((number * 7) % 4),
      gpusPerNode: [1, 2, 4, 8][number % 4] ?? 8,
      walltime: milliseconds(600_000 * (1 + (number % 9))),
      priorityClass: (["low", "normal", "high"] as const)[number % 3] ?? "normal",
      taskCount: index === 5 ? 6 : 1,
      taskThrottle: index === 5 ? 2 : 0,
      isHeld: index === 7,
      retry: { maxRetries: 1, categories: ["application", "start"] },
      ...(index === 9 ? { beginAt: instant(hub.nowMs() + hourMs) } : {}),
      dependencies:
        index === 10 && number > 20 ? [{ job: number - 14, condition: "after-any" as const }] : [],
    });
  });
  await hub.request({ kind: "submit-jobs", owner: "aigerim", items });
}

async function operate(hub: RecordedHub, round: number): Promise<void> {
  const nowMs = hub.nowMs();
  const site = "two-rows";
  const nodes = [2, 3];
  if (round % 3 === 1) {
    const jobs = await hub.jobsIn("held");
    await hub.request({ kind: "release-jobs", by, jobs, reason: "" });
    const budget = {
      id: "evening",
      site,
      domain: "two-rows/substation-1/hall-1",
      ceiling: watts(90_000 + round * 1_000),
      from: instant(nowMs + hourMs),
      until: instant(nowMs + 3 * hourMs),
      reason: "evening peak",
      setBy: "operator",
    };
    await hub.request({ kind: "set-budget", budget });
  }
  if (round === 4) {
    const deadline = instant(nowMs + hourMs);
    const reason = "new firmware";
    const drain = { site, nodes, by: "operator", reason, deadline, thenDo: "requeue" } as const;
    await hub.request({ kind: "drain-nodes", ...drain });
  }
  if (round === 7) {
    await hub.request({ kind: "uncordon-nodes", site, nodes, by: "operator", reason: "" });
    await hub.request({ kind: "cancel-jobs", by, jobs: [80, 81, 82], reason: "by mistake" });
  }
}
