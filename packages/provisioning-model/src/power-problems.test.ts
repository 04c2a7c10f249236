import { describe, expect, test } from "vitest";
import type { ClusterPlan, SitePlan } from "./plan.ts";
import { installedPower, powerProblems } from "./power-problems.ts";
import {
  plansOf,
  provisioningText,
  replaced,
  siteText,
  smallFiles,
  smallPlan,
} from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

describe("problems", () => {
  const built = (plan: SitePlan): readonly ClusterPlan[] =>
    plan.clusters.filter(({ isBuilt }) => isBuilt);

  test("a limit below what is installed, with figures, supplies and both lines", () => {
    const plan = smallPlan({
      site: replaced(siteText, "supplies: 2 × 60 kW", "supplies: 2 × 50 kW"),
    });
    const [problem, ...others] = powerProblems(plan, installedPower(built(plan)));
    expect(others).toEqual([]);
    expect(problem?.message).toBe(
      "row-1 of small/substation-1/hall-1 (and 5 more alike): 4 hosts rated 40.8 kW with 3.72 kW of network, cooling and other load are 44.52 kW; usable are 40 kW (2 × 50 kW, 2N, so 50 kW after any single failure, derated to 80 %), declared oversubscription is 1 and 1.113 would be needed: install fewer hosts, change the limit at infra/sites/small.yaml:23 or declare oversubscription at infra/sites/provisioning/small.yaml:22",
    );
    expect(problem?.source).toEqual({ file: "infra/sites/small.yaml", line: 23 });
  });

  test("the declared ratio is enough when it is just enough", () => {
    const site = replaced(siteText, "supplies: 2 × 60 kW", "supplies: 2 × 50 kW");
    const ratioOf = (ratio: string): number => {
      const entry = `  - {kind: hall, ratio: 1.1, source: assumption}\n  - {kind: row, ratio: ${ratio}, source: assumption}`;
      const provisioning = replaced(
        provisioningText,
        "  - {kind: hall, ratio: 1.1, source: assumption}",
        entry,
      );
      const plan = smallPlan({ site, provisioning });
      return powerProblems(plan, installedPower(built(plan))).length;
    };
    expect(ratioOf("1.113")).toBe(0);
    expect(ratioOf("1.1129")).toBe(1);
  });

  test("idle hosts that do not fit are never excused", () => {
    const plan = smallPlan();
    const hosts = installedPower(built(plan)).map((host) => ({
      ...host,
      idleWatts: 13_000,
      ratedWatts: 13_000,
    }));
    const generous = plan.oversubscription.map(({ source }) => ({ ratio: 2, source }));
    const messages = powerProblems({ ...plan, oversubscription: generous }, hosts).map(
      ({ message }) => message,
    );
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^rack-1 of .*\(and 11 more alike\): 2 hosts idle at 26 kW; usable are 25 kW \(2 × 25 kW, 2N, so 25 kW after any single failure\), and no admission can hold that/,
      ),
    );
  });

  test("nothing installed draws nothing", () => {
    expect(powerProblems(smallPlan(), [])).toEqual([]);
  });

  test("a lower limit lowers the quota by as much, and only of its hall", () => {
    const before = smallPlan();
    const lower = replaced(
      siteText,
      "{names: hall-1..hall-2, phase: first, template: hall-a}",
      "{name: hall-1, phase: first, template: hall-a, supplies: 3 × 50 kW, source: assumption}\n        - {name: hall-2, phase: first, template: hall-a}",
    );
    const [after] = plansOf(smallFiles({ site: lower }));
    const quotas = (plan: SitePlan | undefined): readonly number[] =>
      plan?.clusters.map((cluster) => wattQuota(plan, cluster).hallWatts) ?? [];
    // 3 rows × (48 kW − 3.72 kW − 10 kW) = 102.84 kW, but twelve nodes count 12 × 8 × 963 W.
    expect(quotas(before)).toEqual([92_448, 92_448, 92_448]);
    // 100 kW − 2 kW − 3 × 3.72 kW − 30 kW.
    expect(quotas(after)).toEqual([56_840, 92_448, 92_448]);
  });
});
