import type { EngineState } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { takeMeasured } from "./measuring.ts";
import type { MeasuredDraw } from "./ports.ts";
import type { Request, Scheduler } from "./scheduler.ts";

/** A scheduler that takes its time: each request is answered when the test says so. */
class SlowScheduler implements Pick<Scheduler, "request"> {
  readonly taken: Request[] = [];
  #answer: () => void = () => undefined;

  request(request: Request): ReturnType<Scheduler["request"]> {
    this.taken.push(request);
    return new Promise((resolve) => {
      this.#answer = () => resolve({ kind: "done" });
    });
  }

  async answer(): Promise<void> {
    this.#answer();
    await Promise.resolve();
    await Promise.resolve();
  }
}

const state = {
  sites: new Map([["hub", { site: { revision: "r1", domains: [{}, {}] } }]]),
} as unknown as Pick<EngineState, "sites">;
const key = { job: 1, task: 0, attempt: 1 };
const draw: MeasuredDraw = {
  revision: "r1",
  domains: [{ domain: 0, watts: 5 }],
  attempts: [{ attempt: key, watts: 3 }],
};

test("one measurement is on its way at a time; what comes meanwhile is dropped", async () => {
  const scheduler = new SlowScheduler();
  const take = takeMeasured(scheduler, state, "hub");
  take(draw);
  take({ ...draw, domains: [{ domain: 0, watts: 6 }] });
  take({ ...draw, domains: [{ domain: 0, watts: 7 }] });
  const { domains, attempts } = draw;
  expect(scheduler.taken).toEqual([{ kind: "measure", site: "hub", domains, attempts }]);
  await scheduler.answer();
  take({ ...draw, domains: [{ domain: 0, watts: 8 }] });
  expect(scheduler.taken).toHaveLength(2);
});

test("another revision, an unknown site and what is no reading never become commands", () => {
  const scheduler = new SlowScheduler();
  takeMeasured(scheduler, state, "elsewhere")(draw);
  const take = takeMeasured(scheduler, state, "hub");
  take({ ...draw, revision: "r0" });
  take({ ...draw, domains: [{ domain: 2, watts: 5 }] });
  take({ ...draw, domains: [{ domain: 0, watts: Number.NaN }] });
  take({ ...draw, domains: [{ domain: 0, watts: -1 }] });
  expect(scheduler.taken).toEqual([]);
  take({
    ...draw,
    domains: [
      { domain: 1, watts: 9 },
      { domain: 7, watts: 9 },
    ],
    attempts: [{ attempt: key, watts: 1e15 }],
  });
  expect(scheduler.taken).toMatchObject([{ domains: [{ domain: 1, watts: 9 }], attempts: [] }]);
});
