import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, smallHub } from "../testing/test-hub.ts";

test("a budget that is set again at another site no longer holds where it stood", () => {
  const hub = new Hub();
  const at = instant(hub.nowMs);
  const text = smallHub().replace("site: hub", "site: other");
  const registration = { site: "other", file: "other.yaml", text, phases: "built" } as const;
  hub.engine.execute({ kind: "register-site", at, ...registration });
  hub.budget("evening", "hub", 20_000, [0]);
  const job = hub.run({ site: "hub" });
  expect(hub.state.jobs.get(job)?.runningCount).toBe(0);
  hub.engine.execute({
    kind: "set-budget",
    at,
    budget: {
      id: "evening",
      site: "other",
      domain: "other",
      ceiling: watts(20_000),
      from: instant(0),
      reason: "moved",
      setBy: "olga",
    },
  });
  hub.place();
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
});
