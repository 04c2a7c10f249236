import { milliseconds } from "@ertis/quantities";
import { afterEach, expect, test, vi } from "vitest";
import type * as Limits from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";

// The next file shares loaded modules: it would get those that cut their passes short.
afterEach(() => {
  vi.doUnmock("../../limits.ts");
  vi.resetModules();
});

interface Told {
  readonly facts: readonly string[];
  readonly passCount: number;
}

/** Whoever waits bends, so that each asks for its start at full power; what is decided, pass by pass. */
async function decideWith(nodesAheadPerPassMax: number): Promise<Told> {
  vi.resetModules();
  vi.doMock("../../limits.ts", async (original) => ({
    ...(await original<typeof Limits>()),
    nodesAheadPerPassMax,
  }));
  const { acknowledge, cappedHub, Hub, hourMs, startMs } =
    await import("../../testing/test-hub.ts");
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + 4 * 3_200 + 1_300, [startMs]);
  const running = [1, 2, 3, 4].map((hours) => hub.run({ walltime: milliseconds(hours * hourMs) }));
  const bending = { flexibilityTier: 25, workloadClass: "straight" } as const;
  for (let quarters = 1; quarters <= 12; quarters += 1) {
    hub.submit({ ...bending, gpusPerNode: 4, walltime: milliseconds((quarters * hourMs) / 4) });
  }
  const facts: string[] = [];
  let passCount = 0;
  const settle = (): void => {
    for (; hub.engine.needsPass; passCount += 1) {
      expect(passCount).toBeLessThan(500);
      const before = seen(hub.state);
      hub.place();
      facts.push(...seen(hub.state).filter((one) => !before.includes(one)));
    }
  };
  settle();
  for (const job of running) {
    hub.wait(hourMs);
    hub.finish(job);
    acknowledge(hub);
    settle();
  }
  return { facts, passCount };
}

function seen({ jobs, sites }: EngineState): readonly string[] {
  const started = [...jobs.after(0)].flatMap((job) =>
    [...(job.active?.values() ?? [])].map(
      (one) => `${one.job} starts at ${one.startedAtMs}, ${one.placement.capWatts} W`,
    ),
  );
  const promised = [...sites.values()].flatMap(({ pools }) =>
    pools.flatMap(({ reservations }) =>
      reservations.map(
        ({ job, startAtMs, capWatts }) => `${job} is promised ${startAtMs}, ${capWatts} W`,
      ),
    ),
  );
  return [...started, ...promised];
}

test("a pass that has looked far ahead goes on in the next one, with the same starts and promises", async () => {
  const whole = await decideWith(Infinity);
  const cut = await decideWith(0);
  expect(cut.passCount).toBeGreaterThan(whole.passCount);
  expect(cut.facts).toEqual(whole.facts);
  expect(cut.facts.filter((one) => one.includes("starts")).length).toBeGreaterThan(4);
});
