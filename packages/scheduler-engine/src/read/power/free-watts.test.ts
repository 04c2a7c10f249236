import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { known } from "../../state/assert.ts";
import { explainJob } from "../explain/explain.ts";
import { explanationSentence } from "../explain/sentence.ts";
import { type DomainView, getDomain } from "./power-tree.ts";
import { Hub, hourMs, smallHub } from "../../testing/test-hub.ts";

/** Both rows hang on the same two of three supplies; nodes of 2 to 10 kW, two a row. */
function unevenHall(): string {
  const head = smallHub().slice(0, smallHub().indexOf("templates:"));
  return `${head.replace("phases:\n  - {name: first, built: true}\n", "")}templates:
  rack-a: {kind: rack, limit: 50 kW, nodes: 2 × h100-8, source: assumption}
  row-a: {kind: row, limit: 100 kW, racks: 1 × rack-a, source: assumption}
feed:
  limit: 300 kW
  source: assumption
  halls:
    - name: hall-1
      supplies: {ups-a: 30 kW, ups-b: 30 kW, ups-c: 30 kW}
      redundancy: distributed
      derating: 1
      loadFactor: 1
      fixed: 0 kW
      source: assumption
      rows:
        - {name: row-1, template: row-a, primary: ups-a, reserve: ups-b}
        - {name: row-2, template: row-a, primary: ups-a, reserve: ups-b}
`;
}

function view(hub: Hub, domain: string): DomainView {
  return known(getDomain(hub.state, "hub", domain), domain);
}

test("a hall has no more free than the supplies its rows hang on, and so many kilowatts start", () => {
  const hub = new Hub(unevenHall());
  const hall = view(hub, "hub/hall-1");
  // Any two supplies carry 60 kW; both rows are on one of 30 kW, with four idle nodes.
  expect([hall.ceilingWatts - hall.boundWatts, hall.freeWatts]).toEqual([52_000, 22_000]);
  for (let gpu = 0; gpu < 23; gpu += 1) {
    hub.run({ gpusPerNode: 1 });
  }
  const running = [...hub.state.jobs.after(0)].filter((job) => job.runningCount > 0);
  // A GPU grows a node by 1 kW.
  expect(running).toHaveLength(22);
  expect(view(hub, "hub/hall-1").freeWatts).toBe(0);
});

test("a lost supply is named, limits what is free, and is known after a restart", () => {
  const hub = new Hub();
  const before = view(hub, "hub/sub-1");
  expect(before.lostSupply).toBeUndefined();
  const domain = known(hub.state.sites.get("hub")?.domainIndexById.get("hub/sub-1"), "sub-1");
  const lost = { kind: "supply-lost", domain, remaining: watts(40_000) } as const;
  hub.report({ ...lost, supply: "transformer-2" });
  const after = view(hub, "hub/sub-1");
  expect(after.lostSupply).toEqual({ remainingWatts: 40_000, supply: "transformer-2" });
  expect(after.freeWatts).toBe(40_000 - after.boundWatts);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const again = reader.finish();
  expect(stateDigest(again)).toBe(stateDigest(hub.state));
  expect(getDomain(again, "hub", "hub/sub-1")).toEqual(after);
  hub.report({ kind: "supply-back", domain });
  expect(view(hub, "hub/sub-1")).toEqual(before);
});

test("who waits for the watts of a lost supply is told so", () => {
  const hub = new Hub();
  const domain = known(hub.state.sites.get("hub")?.domainIndexById.get("hub/sub-1"), "sub-1");
  const lost = { kind: "supply-lost", domain, remaining: watts(40_000) } as const;
  hub.report({ ...lost, supply: "transformer-2" });
  const waiting = hub.run({ nodeCount: 4 });
  const explanation = known(explainJob(hub.state, waiting), "explanation");
  expect(explanationSentence(explanation, { time: String })).toContain(
    'has 23.0 kW free of 40.0 kW, needs 32.0 kW; that is left of its limit, since supply "transformer-2" is lost',
  );
});

test("what an emergency allows is all that is free below it", () => {
  const hub = new Hub();
  const at = instant(hub.nowMs);
  const curtailment = {
    id: "trip",
    site: "hub",
    domain: "hub",
    mode: "emergency",
    target: watts(20_000),
    baseline: watts(0),
    start: at,
    end: instant(hub.nowMs + hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: at,
  } as const;
  hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
  expect(view(hub, "hub").freeWatts).toBe(20_000 - view(hub, "hub").boundWatts);
});
