import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { shareHalfLifeMs } from "../../limits.ts";
import { listAccounts } from "./accounts.ts";
import { explainOrder } from "./explain-order.ts";
import { Hub } from "../../testing/test-hub.ts";

const accounts = [
  { id: "a", weight: 3, quota: { guaranteedGpuCount: 4, guaranteed: watts(1_000) } },
  { id: "a/p1", weight: 1 },
  { id: "a-b", weight: 1 },
  { id: "a-b/p2", weight: 1 },
];

function hubWithAccounts(): Hub {
  const hub = new Hub();
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts });
  hub.submit({ project: "p1" });
  hub.submit({ project: "p1" });
  hub.submit({ project: "p2" });
  hub.place();
  return hub;
}

test("accounts come parents before children, with what they hold and their part of the weights", () => {
  const hub = hubWithAccounts();
  const { accounts: all, next } = listAccounts(hub.state, { parentId: "", size: 100 });
  expect(next).toBeUndefined();
  const ids = all.map(({ id }) => id);
  expect(ids.filter((id) => id.split("/").length < 3)).toEqual(["a", "a/p1", "a-b", "a-b/p2"]);
  const [a] = all;
  const b = all.find(({ id }) => id === "a-b");
  expect(a).toMatchObject({ weight: 3, sharePermille: 750, declared: accounts[0] });
  expect(a?.gpuHeldCount).toBe(2 * (b?.gpuHeldCount ?? 0));
  expect(a?.gpuHeldCount).toBeGreaterThan(0);
});

test("use is halved by the half-life, and a part of what siblings used", () => {
  const hub = hubWithAccounts();
  const usedAt = (nowMs: number): number => {
    const state = { ...hub.state, nowMs };
    return listAccounts(state, { parentId: "a", size: 1 }).accounts[0]?.decayedGpuMs ?? 0;
  };
  const start = hub.nowMs;
  expect(usedAt(start)).toBe(0);
  // A steady holding h comes to h × half-life ÷ ln 2 in the end; half of that after one half-life.
  const [once, late] = [usedAt(start + shareHalfLifeMs), usedAt(start + 40 * shareHalfLifeMs)];
  expect(once / late).toBeCloseTo(0.5, 3);
  const state = { ...hub.state, nowMs: start + shareHalfLifeMs };
  const parts = listAccounts(state, { parentId: "", size: 9 }).accounts;
  expect(parts.find(({ id }) => id === "a")?.usagePermille).toBe(667);
  expect(parts.find(({ id }) => id === "a-b")?.usagePermille).toBe(333);
});

test("pages meet: none is left out, none comes twice", () => {
  const hub = hubWithAccounts();
  const whole = listAccounts(hub.state, { parentId: "", size: 100 }).accounts.map(({ id }) => id);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = listAccounts(hub.state, {
      parentId: "",
      size: 2,
      ...(after === undefined ? {} : { after }),
    });
    seen.push(...page.accounts.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  expect(seen).toEqual(whole);
});

test("who has its turn first among its siblings, and why, is told as the queue has it", () => {
  const hub = hubWithAccounts();
  const turnOf = (id: string): readonly unknown[] => {
    const { accounts: all } = listAccounts(hub.state, { parentId: "", size: 100 });
    const found = all.find((one) => one.id === id);
    return [found?.rank, found?.standing];
  };
  // It holds 16 of the 4 GPUs that it is guaranteed; weight 3 makes 16 cost less than 8 of weight 1.
  hub.wait(3_600_000);
  expect(turnOf("a")).toEqual([1, expect.stringMatching(/^has used 0\.\d+ h of everything/u)]);
  expect(turnOf("a-b")[0]).toBe(2);
  hub.finish(1);
  hub.finish(2);
  expect(turnOf("a")).toEqual([1, "holds 0 % of its guarantee"]);
  const [late, early] = [hub.submit({ project: "p2" }), hub.submit({ project: "p1" })];
  expect(explainOrder(hub.state, late, early)).toMatchObject({
    ahead: early,
    sentence: "account a holds 0 % of its guarantee and a-b has no open one",
  });
});
