import { formatWatts, instant, milliseconds, parseWatts, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, hourMs, startMs } from "../../testing/test-hub.ts";
import {
  attemptOf,
  bending,
  cancel,
  code,
  fullHub,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";

test.each([
  [{ site: "nowhere" }, "unknown-site"],
  [{ domain: "hub/nowhere" }, "unknown-domain"],
  [{ start: instant(startMs - 10_001) }, "curtailment-in-the-past"],
  [{ end: instant(startMs) }, "curtailment-too-short"],
  [{ ramp: milliseconds(4 * hourMs) }, "curtailment-too-short"],
  [{ end: instant(startMs + 32 * 24 * hourMs) }, "curtailment-beyond-horizon"],
  [{ target: watts(300_000), baseline: watts(40_000) }, "curtailment-above-limit"],
  [{ target: watts(16_000) }, "curtailment-below-idle"],
  [{ target: watts(20_000) }, "curtailment-breaks-floors"],
])("%o is refused as %s, and nothing is half done", (changes, expected) => {
  const hub = fullHub();
  const before = hub.ledger();
  expect(code(schedule(hub, changes))).toBe(expected);
  expect([hub.ledger(), hub.state.curtailments.records.size]).toEqual([before, 0]);
});

test("a planned one lasts a minute at least: that is what its target is for", () => {
  const asked = { target: watts(36_000), mode: "planned" } as const;
  const lasting = (ms: number, mode: "planned" | "emergency" = "planned"): unknown => {
    const reply = schedule(fullHub(), { ...asked, mode, end: instant(startMs + ms) });
    return reply.kind === "rejected" ? reply.message : reply.kind;
  };
  expect(lasting(1)).toBe(
    "end: it lasts 1 ms, and a planned target is for the mean draw of whole minutes; let it last 1 min at least, or ask for an emergency",
  );
  expect([lasting(60_000), lasting(1_000, "emergency")]).toEqual(["done", "done"]);
});

test("what was asked to begin at once begins when it is decided, however long the call took", () => {
  const hub = fullHub();
  const late = { target: watts(36_000), start: instant(hub.nowMs - 7) };
  expect(code(schedule(hub, late))).toBe("done");
  const [record] = hub.state.curtailments.records.values();
  expect(record?.curtailment.start).toBe(instant(hub.nowMs));
});

test("an id is taken once: cancelling frees none, and is told for one that is not over only", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(36_000) }))).toBe("done");
  const again = (): readonly string[] => {
    const reply = schedule(hub, { target: watts(35_000) });
    return [code(reply), reply.kind === "rejected" ? reply.message : ""];
  };
  const taken = "curtailment-overlaps-itself";
  expect(again()).toEqual([
    taken,
    'id: curtailment "evening" is scheduled already; take another id, and to replace that one, cancel it first',
  ]);
  expect(code(cancel(hub))).toBe("done");
  hub.wait(5 * minuteMs);
  expect(again()).toEqual([taken, 'id: curtailment "evening" is over already; take another id']);
});

test.each([200, 222, 231, 247, 263])(
  "a refusal names the smallest target, and that one is accepted as it is written, with caps from %i W",
  (capMin) => {
    const hub = fullHub({ ...bending, capMin: watts(capMin) });
    const reply = schedule(hub, { target: watts(20_000) });
    const message = reply.kind === "rejected" ? reply.message : "";
    expect(message).toMatch(/the smallest target of hub that keeps every floor is .*; giving up/);
    const said = parseWatts(/every floor is ([\d.]+ kW)/.exec(message)?.[1] ?? "");
    if (said.kind === "error") {
      throw new Error(said.message);
    }
    expect(code(schedule(hub, { target: said.value }))).toBe("done");
  },
);

test.each([37_000, 41_003, 42_600, 60_000])(
  "a refusal names the baseline of %i W and how far below it floors let a target lie, which is accepted, too",
  (baselineW) => {
    const hub = fullHub();
    const baseline = watts(baselineW);
    const reply = schedule(hub, { target: watts(20_000), baseline });
    const message = reply.kind === "rejected" ? reply.message : "";
    expect(message).toContain(`target: 20.0 kW (of a baseline of ${formatWatts(baseline)}) breaks`);
    const [, percent = "0"] =
      /every floor is [\d.]+ kW \(([\d.]+) % below the baseline\)/.exec(message) ?? [];
    const permille = 1_000 - Math.round(Number(percent) * 10);
    const ofBaseline = (part: number): object => {
      return { target: watts(Math.floor((baselineW * part) / 1_000)), baseline };
    };
    expect(code(schedule(hub, ofBaseline(permille - 1)))).toBe("curtailment-breaks-floors");
    expect(code(schedule(hub, ofBaseline(permille)))).toBe("done");
  },
);

test("a target that is refused does not read like the smallest one, however close they are", () => {
  const texts = [200, 222, 231, 247, 263].flatMap((capMin) => {
    const hub = fullHub({ ...bending, capMin: watts(capMin) });
    const message = (target: number): string => {
      const reply = schedule(hub, { target: watts(target) });
      return reply.kind === "rejected" ? reply.message : reply.kind;
    };
    const said = parseWatts(/every floor is ([\d.]+ kW)/.exec(message(20_000))?.[1] ?? "");
    const smallest = said.kind === "error" ? 0 : toNumber(said.value);
    return [message(smallest - 20), message(smallest - 40)];
  });
  for (const text of texts) {
    const [, target] = /^target: (\S+ \S+) breaks/.exec(text) ?? [];
    expect(target === undefined || !text.includes(`every floor is ${target};`)).toBe(true);
  }
  expect(texts.some((text) => /^target: \d+ W breaks/.test(text))).toBe(true);
});

test("where floors take more than is drawn, a refusal says that no target can be had, not one that is refused, too", () => {
  const hub = fullHub({ workloadClass: "straight" });
  const reply = schedule(hub, { target: watts(35_000), baseline: watts(40_000) });
  const message = reply.kind === "rejected" ? reply.message : "";
  expect(message).toContain(
    "breaks what jobs were promised, and so does every target below the baseline of 40.0 kW: every floor of hub takes 42.6 kW",
  );
  expect(message).not.toContain("smallest target");
  // Asked for as a ceiling above the baseline it can be had, if higher.
  const ceiling = schedule(hub, { target: watts(41_000), baseline: watts(40_000) });
  expect(ceiling).toMatchObject({
    message: expect.stringContaining(
      "the smallest target of hub that keeps every floor is 42.6 kW",
    ),
  });
});

test("a budget below what idle nodes draw is named as what is in the way, and without it there is no refusal", () => {
  const hub = fullHub();
  hub.budget("low", "hub/sub-1/hall-2", 5_000, [startMs]);
  const changes = { domain: "hub/sub-1/hall-1", target: watts(17_000) };
  const reply = schedule(hub, changes);
  const message = reply.kind === "rejected" ? reply.message : "";
  expect(message).toMatch(
    /is not what is in the way: budget "low" leaves hub\/sub-1\/hall-2 5.00 kW, .* take [\d.]+ kW there; raise or remove that budget/,
  );
  expect(message).not.toContain("smallest target");
  hub.engine.execute({
    kind: "remove-budget",
    at: instant(hub.nowMs),
    id: "low",
    by: "olga",
    reason: "typo",
  });
  expect(code(schedule(hub, changes))).toBe("done");
});

test("an emergency caps at once, and bounds fall as nodes acknowledge", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(32_000) }))).toBe("done");
  expect(hub.feedWatts()).toBe(42_600);
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(32_000);
  // The whole target is used: to within a step of the caps.
  expect(hub.feedWatts()).toBeGreaterThan(31_500);
});

test("nobody sheds for a curtailment that is yet to come", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(32_000), start: instant(startMs + hourMs) }))).toBe(
    "done",
  );
  expect(attemptOf(hub, 1).capWatts).toBe(0);
  hub.wait(hourMs);
  expect(attemptOf(hub, 1).capWatts).toBeGreaterThan(0);
});

test("a node that does not acknowledge counts as before, and others shed more for it", () => {
  const hub = fullHub();
  schedule(hub, { target: watts(36_000) });
  acknowledge(hub, 0);
  expect(hub.feedWatts()).toBeGreaterThan(36_000);
  hub.wait(5_000);
  acknowledge(hub, 0);
  expect(hub.feedWatts()).toBeLessThanOrEqual(36_000);
});
