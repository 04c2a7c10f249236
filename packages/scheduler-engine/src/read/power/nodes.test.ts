import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { cappedHub, startMs } from "../../testing/test-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";
import { listNodes } from "./nodes.ts";

test("nodes that are off to save power are told from those that are off", () => {
  const hub = new MeteredHub();
  hub.run(bending);
  const ask = { mode: "emergency", target: watts(20_000), ramp: milliseconds(0) } as const;
  expect(hub.curtail("noon", { ...ask, start: instant(hub.nowMs) })).toEqual({ kind: "done" });
  hub.playUntil(startMs + 5 * minuteMs);
  const list = listNodes(hub.state, { states: ["off"] }, { size: 100 });
  const off = list.kind === "nodes" ? list.nodes : [];
  expect(off.length).toBeGreaterThan(0);
  expect(off.every((one) => one.isAsleep)).toBe(true);
  hub.report({ kind: "node-lost", node: 0 }, { kind: "node-powered-off", node: 0 });
  const [first] = hub.state.sites.get("hub")?.site.nodes ?? [];
  const named = listNodes(hub.state, { nodes: [first?.id ?? ""] }, { size: 1 });
  expect(named).toMatchObject({ nodes: [{ state: "off", isAsleep: false }] });
});

test("nodes that stay off for want of room after a curtailment say in which domain there is none", () => {
  const hub = new SleepingHub(cappedHub());
  hub.runOne();
  hub.schedule(hub.less(10_000, { ramp: milliseconds(0) }));
  hub.pass(29 * 60);
  const noRooms = (): readonly unknown[] => {
    const list = listNodes(hub.state, { states: ["off"] }, { size: 100 });
    return list.kind === "nodes" ? [...new Set(list.nodes.map((one) => one.noRoomIn))] : [];
  };
  expect(noRooms()).toEqual([undefined]);
  const first = hub.state.sites.get("hub")?.site.domains[0]?.id ?? "";
  hub.budget("feed", first, hub.feedWatts() + 500, [hub.nowMs]);
  hub.pass(10 * 60);
  expect(noRooms()).toEqual([first]);
});
