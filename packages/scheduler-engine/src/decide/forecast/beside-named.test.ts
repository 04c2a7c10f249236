import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { curtailment, schedule } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Infeasible } from "./forecast-refusal.ts";

interface Refused {
  readonly message: string;
  readonly infeasible: Infeasible | undefined;
}

function refusedBy(hub: Hub, asked: Curtailment): Refused {
  const answer = previewCurtailment(hub.state, asked);
  return answer.kind === "rejected"
    ? { message: answer.message, infeasible: answer.infeasible }
    : { message: "", infeasible: undefined };
}

test("what counts again when one is over that gives floors up is no target that another is told", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 4, walltime });
  hub.run({ ...bending, nodeCount: 4, walltime });
  const span = (minutes: number): Pick<Curtailment, "start" | "end"> => ({
    start: instant(startMs),
    end: instant(startMs + minutes * minuteMs),
  });
  const baseline = watts(42_000);
  const deep = { id: "deep", target: watts(32_000), giveUp: [50, 0], ...span(10) } as const;
  expect(schedule(hub, deep).kind).toBe("done");
  // The protected GPUs take 12.8 kW again after ten minutes.
  const ask = { target: watts(22_000), baseline, ...span(30) };
  const { infeasible } = refusedBy(hub, curtailment(ask));
  const smallest = infeasible?.smallest ?? watts(0);
  expect(infeasible).toMatchObject({ isAnyPossible: true, inTheWay: undefined });
  expect(infeasible?.unsheddable?.protectedCount).toBe(1);
  expect(refusedBy(hub, curtailment({ ...ask, target: smallest })).message).toBe("");
  // No floors are enough for what was asked: all of them lead to a target that is accepted, too.
  const all = infeasible?.withAllGivenUp;
  expect(all?.giveUp).toEqual([50, 0]);
  expect(refusedBy(hub, curtailment({ ...ask, ...all })).message).toBe("");
});

/** Two pause, two bend, four tolerate nothing; measured for some minutes. */
function meteredHub(): MeteredHub {
  const hub = new MeteredHub();
  const rigid = { walltime: milliseconds(100 * hourMs) };
  for (const job of [rigid, pausing, bending, rigid, pausing, bending, rigid, rigid]) {
    hub.run(job);
  }
  hub.beginAll();
  hub.playUntil(startMs + 5 * minuteMs);
  return hub;
}

test("a target that would not be below a budget is not named: the budget is told, and that it is not all", () => {
  const hub = meteredHub();
  const asked = hub.curtailment("evening", { target: watts(24_000), baseline: watts(42_000) });
  const free = refusedBy(hub, asked).infeasible;
  const smallest = Number(free?.smallest);
  expect(free?.isAnyPossible).toBe(true);
  hub.budget("low", "hub", smallest - 500, [hub.nowMs + 10 * minuteMs]);
  const { message, infeasible } = refusedBy(hub, asked);
  expect(infeasible?.inTheWay).toMatchObject({ budget: "low", isTargetToo: true });
  expect(message).toMatch(
    /^target: 24\.0 kW .* is not all that is in the way: budget "low" leaves /,
  );
});

test("what the floors of a tier free is told as the smallest target falls by it, with the margin of a planned one", () => {
  const hub = meteredHub();
  const asked = hub.curtailment("evening", { target: watts(21_000), baseline: watts(42_000) });
  const { infeasible } = refusedBy(hub, asked);
  const gain = infeasible?.gains.find((one) => one.tierPercent === 50);
  const given = refusedBy(hub, { ...asked, giveUp: [50] }).infeasible;
  expect(Number(infeasible?.smallest) - Number(gain?.frees)).toBe(Number(given?.smallest));
});
