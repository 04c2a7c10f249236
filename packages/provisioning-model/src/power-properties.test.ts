import type { PowerDomain } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SitePlan } from "./plan.ts";
import { installedPower, powerProblems } from "./power-problems.ts";
import { siteShares } from "./site-shares.ts";
import {
  factorAbove,
  type Fraction,
  idleOf,
  isAtMost,
  loadsOf,
  mostWatts,
  plus,
  standingWith,
} from "./test-loads.ts";
import { type Fill, fillUp, randomFiles } from "./test-random-sites.ts";
import { itemAt, smallPlan } from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

/** A site of two substations with halls of different classes, limits, redundancy and losses. */
const randomPlan: fc.Arbitrary<SitePlan> = fc
  .record({
    rackKilowatts: fc.integer({ min: 24, max: 60 }),
    rowKilowatts: fc.integer({ min: 60, max: 140 }),
    hallKilowatts: fc.integer({ min: 150, max: 400 }),
    substationKilowatts: fc.integer({ min: 420, max: 1_200 }),
    feedKilowatts: fc.integer({ min: 800, max: 2_400 }),
    rowFactor: fc.constantFrom("1", "1.05", "1.125"),
    hallFactor: fc.constantFrom("1", "1.1"),
    substationFactor: fc.constantFrom("1", "1.25", "1.4"),
    redundancy: fc.constantFrom("none", "2N", "N+1"),
    derating: fc.constantFrom("1", "0.9", "0.85"),
    trayRows: fc.integer({ min: 1, max: 3 }),
    partUse: fc.constantFrom("share", "peak"),
    gpuCount: fc.integer({ min: 1, max: 9 }),
  })
  .map((shape) => randomFiles(shape))
  .filter(({ kind }) => kind === "plans")
  .map((result) => (result.kind === "plans" ? itemAt(result.plans, 0) : smallPlan()));

const fill: fc.Arbitrary<Fill> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  seed: fc.nat(),
});

describe("quotas of random sites", () => {
  test("halls filled to their quotas, however jobs lie, exceed no limit of a hall or above", () => {
    let startedCount = 0;
    fc.assert(
      fc.property(randomPlan, fill, fc.boolean(), (plan, how, isAll) => {
        const clusters = plan.clusters.filter(({ isBuilt }) => isAll || isBuilt);
        const draws = fillUp(plan, clusters, how);
        startedCount += draws.size;
        const isStanding = standingWith(clusters);
        const loads = loadsOf(
          plan.site,
          (index) => {
            const { domainIndex } = itemAt(plan.site.nodes, index);
            return isStanding(itemAt(plan.site.domains, domainIndex))
              ? idleOf(plan.site, index) + (draws.get(index) ?? 0)
              : undefined;
          },
          isStanding,
        );
        for (const { kind, index, usableWatts, id } of plan.site.domains) {
          if (kind !== "rack" && kind !== "row") {
            const isWithin = isAtMost(itemAt(loads, index), toNumber(usableWatts));
            expect(isWithin, `${id} over its limit`).toBe(true);
          }
        }
      }),
      { numRuns: 80 },
    );
    expect(startedCount).toBeGreaterThan(500);
  });

  test("a hall's quota is what a spread of its jobs can reach within all limits of the hall", () => {
    fc.assert(
      fc.property(randomPlan, (plan) => {
        const [cluster] = plan.clusters;
        const hallWatts = cluster === undefined ? 0 : wattQuota(plan, cluster).hallWatts;
        const reached = cluster === undefined ? 0n : mostWatts(plan, cluster);
        // Never more than can be reached; equal up to whole watts when losses inside the hall are alike.
        expect(BigInt(hallWatts)).toBeLessThanOrEqual(reached);
        expect(BigInt(hallWatts)).toBeGreaterThanOrEqual(reached - 32n);
      }),
      { numRuns: 60 },
    );
  });

  test("shares of halls add up to no more than any domain above them has free", () => {
    fc.assert(
      fc.property(randomPlan, fc.boolean(), (plan, isAll) => {
        const clusters = plan.clusters.filter(({ isBuilt }) => isAll || isBuilt);
        const shares = siteShares(
          plan,
          clusters.map(({ name }) => name),
        );
        expect(shares.map(({ cluster }) => cluster.name)).toEqual(clusters.map(({ name }) => name));
        const isStanding = standingWith(clusters);
        const loads = loadsOf(
          plan.site,
          (index) =>
            isStanding(itemAt(plan.site.domains, itemAt(plan.site.nodes, index).domainIndex))
              ? idleOf(plan.site, index)
              : undefined,
          isStanding,
        );
        for (const domain of plan.site.domains.filter(
          ({ kind }) => kind === "feed" || kind === "substation",
        )) {
          // From the feed down to the domain, losses above it are taken off again.
          const below = shares.filter(({ cluster }) => cluster.hall.id.startsWith(`${domain.id}/`));
          const sumWatts = BigInt(below.reduce((sum, { siteWatts }) => sum + siteWatts, 0));
          const outer = factorAbove(plan.site, domain);
          const added: Fraction = { top: sumWatts * outer.bottom, bottom: outer.top };
          const full = plus(itemAt(loads, domain.index), added);
          expect(isAtMost(full, toNumber(domain.usableWatts)), domain.id).toBe(true);
        }
        const onlyHall = shares.length > 0 && shares.every(({ siteWatts }) => siteWatts >= 0);
        expect(onlyHall).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test("what is rated beyond its limit is found, and nothing else", () => {
    fc.assert(
      fc.property(randomPlan, fc.nat(), (plan, seed) => {
        const clusters = plan.clusters.filter((_, index) => ((seed >>> index) & 1) === 0);
        const isInstalled = standingWith(clusters);
        const isStanding = (domain: PowerDomain): boolean =>
          isInstalled(domain) ||
          (domain.kind === "substation" && plan.builtDomains.has(domain.index));
        const draws = (figure: "idleWatts" | "peakWatts"): readonly Fraction[] =>
          loadsOf(
            plan.site,
            (index) => {
              const { domainIndex, classIndex } = itemAt(plan.site.nodes, index);
              return isInstalled(itemAt(plan.site.domains, domainIndex))
                ? toNumber(itemAt(plan.site.nodeClasses, classIndex)[figure])
                : undefined;
            },
            isStanding,
          );
        const rated = draws("peakWatts");
        const over = plan.site.domains.filter((domain) => {
          const ratio = plan.oversubscription[domain.index]?.ratio ?? 1;
          const { top, bottom } = itemAt(rated, domain.index);
          const allowed = BigInt(Math.round(ratio * 10_000)) * BigInt(toNumber(domain.usableWatts));
          return isInstalled(domain) && top * 10_000n > allowed * bottom;
        });
        const problems = powerProblems(plan, installedPower(clusters));
        const alikeCount = problems.reduce(
          (sum, { message }) =>
            sum + 1 + Number(/\(and (\d+) more alike\)/.exec(message)?.[1] ?? 0),
          0,
        );
        expect(alikeCount).toBe(over.length);
        expect(over.map(({ id }) => id)).toEqual(
          expect.arrayContaining(problems.map(({ domain }) => domain.id)),
        );
      }),
      { numRuns: 60 },
    );
  });
});
