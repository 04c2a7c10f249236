import { beforeAll, describe, expect, test } from "vitest";
import { loadPlans } from "./load/index.ts";
import type { SitePlan } from "./plan.ts";
import { installedPower, powerProblems } from "./power-problems.ts";
import { siteShares } from "./site-shares.ts";
import { itemAt, smallPlan } from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

describe("figures of the sites of the repository", () => {
  let plans: readonly SitePlan[] = [];

  beforeAll(() => {
    const result = loadPlans();
    plans = result.kind === "plans" ? result.plans : [];
  });

  function planOf(id: string): SitePlan {
    const plan = plans.find(({ site }) => site.id === id);
    expect(plan).toBeDefined();
    return plan ?? smallPlan();
  }

  test("a hall of the hub: its rows bound it", () => {
    const plan = planOf("pavlodar-hub");
    const quota = wattQuota(plan, itemAt(plan.clusters, 0));
    // 12 rows × (440 kW usable − 37.2 kW network − 100 kW idle); the UPS modules would leave 3643.6 kW.
    expect(quota.hallWatts).toBe(12 * (440_000 - 37_200 - 100_000));
    // (300 MW − 2.4 MW − 2 idle halls × 1.25 − …) / 2 is more than the substation leaves: 50 MW − 0.1 MW.
    const idleHallWatts = 310_000 + 480 * (2_500 + 930);
    expect(quota.siteWatts).toBe((50_000_000 - 100_000 - 2 * 1.25 * idleHallWatts) / 2);
    expect(quota.perGpu).toMatchObject([
      {
        resourceName: "nvidia.com/h100-sxm-80gb",
        hallWatts: 963,
        siteWatts: 1_204,
        isWholeNode: false,
      },
    ]);
  });

  test("an NVL72 hall counts whole trays, and a hall not built has a share beside the built ones", () => {
    const plan = planOf("ai-data-center");
    const nvl72 = wattQuota(plan, itemAt(plan.clusters, 1));
    expect(nvl72.perGpu).toMatchObject([
      {
        resourceName: "nvidia.com/gb200-nvl72",
        hallWatts: 1_418,
        siteWatts: 1_772,
        isWholeNode: true,
      },
    ]);
    const built = siteShares(plan).map(({ cluster }) => cluster.name);
    expect(built).toEqual(["ai-data-center-s1-h1", "ai-data-center-s1-h2"]);
    const next = siteShares(plan, ["ai-data-center-s1-h3"]);
    expect(next).toHaveLength(3);
    expect(wattQuota(plan, itemAt(plan.clusters, 2)).siteWatts).toBe(next[2]?.siteWatts);
    expect(next[0]?.siteWatts).toBeLessThan(siteShares(plan)[0]?.siteWatts ?? 0);
  });

  test("everything fits with the oversubscription that is declared, and little more is declared", () => {
    for (const plan of plans) {
      const all = installedPower(plan.clusters);
      expect(powerProblems(plan, all)).toEqual([]);
      const tighter = plan.oversubscription.map(({ ratio, source }) => ({
        ratio: Math.max(1, ratio - 0.011),
        source,
      }));
      const kinds = powerProblems({ ...plan, oversubscription: tighter }, all).map(
        ({ source }) => source.line,
      );
      const declared = new Set(
        plan.oversubscription.filter(({ ratio }) => ratio > 1).map(({ source }) => source.line),
      );
      expect(new Set(kinds).size).toBeGreaterThanOrEqual(declared.size - 2);
    }
  });
});
