import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { measuredBaseline } from "../forecast/baseline.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";

const minuteMs = 60_000;

function siteOf(hub: Hub): NonNullable<ReturnType<typeof hub.state.sites.get>> {
  return known(hub.state.sites.get("hub"), "hub");
}

test("a hall put before others takes no baseline from them", () => {
  const hub = new Hub(cappedHub());
  const position = (name: string): number =>
    siteOf(hub).domainIndexById.get(`hub/sub-1/${name}`) ?? -1;
  const baseline = (name: string): number | undefined =>
    measuredBaseline(hub.state, siteOf(hub), position(name))?.watts;
  for (const at of [hub.nowMs + minuteMs, hub.nowMs + 2 * minuteMs]) {
    hub.wait(at - hub.nowMs);
    hub.engine.execute({
      kind: "measure",
      at: instant(at),
      site: "hub",
      domains: [
        { domain: position("hall-1"), watts: 30_000 },
        { domain: position("hall-2"), watts: 9_000 },
      ],
      attempts: [],
    });
  }
  const hall = "        - {name: hall-1,";
  const added =
    "        - {name: hall-0, phase: first, limit: 100 kW, rows: 1 × row-a, source: assumption}";
  expect(hub.register(cappedHub().replace(hall, `${added}\n${hall}`))).toEqual({ kind: "done" });
  expect(["hall-0", "hall-1", "hall-2"].map(baseline)).toEqual([undefined, 30_000, 9_000]);
});

test("an edit that takes away the domain of a curtailment is refused, and says which", () => {
  const hub = new Hub(cappedHub());
  const curtailment = {
    id: "grid-7",
    site: "hub",
    domain: "hub/sub-1/hall-2",
    mode: "planned",
    target: watts(14_000),
    baseline: watts(19_000),
    start: instant(hub.nowMs + hourMs),
    end: instant(hub.nowMs + 5 * hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(hub.nowMs),
  } as const;
  const at = instant(hub.nowMs);
  const { reply } = hub.engine.execute({
    kind: "schedule-curtailment",
    at,
    by: "olga",
    curtailment,
  });
  expect(reply).toMatchObject({ kind: "done" });
  const before = stateDigest(hub.state);
  const edited = hub.register(cappedHub().replace("name: hall-2", "name: hall-3"));
  expect(edited).toMatchObject({ kind: "rejected", code: "site-change-strands-jobs" });
  expect(edited.kind === "rejected" ? edited.message : "").toContain(
    "curtailment grid-7 is of hub/sub-1/hall-2, which would be gone; cancel it first",
  );
  expect(stateDigest(hub.state)).toBe(before);
});
