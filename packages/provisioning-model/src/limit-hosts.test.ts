import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { limitHosts } from "./limit-hosts.ts";
import type { ClusterPlan } from "./plan.ts";
import { itemAt, smallPlan } from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

const plan = smallPlan();

function gpuHostNames({ hosts }: ClusterPlan): readonly string[] {
  return hosts.filter(({ role }) => role === "gpu").map(({ name }) => name);
}

describe("limitHosts", () => {
  test("takes halls, then feeds and rows, then racks in turn, in the order of the site file", () => {
    const { clusters } = limitHosts(plan, 8);
    expect(clusters.map(gpuHostNames)).toEqual(
      ["small-s1-h1", "small-s1-h2", "small-s1-h3"].map((name) => [
        `${name}-r1-k1-n1`,
        `${name}-r1-k2-n1`,
        `${name}-r2-k1-n1`,
        `${name}-r3-k1-n1`,
      ]),
    );
  });

  test("keeps management hosts and all figures of power", () => {
    const limited = limitHosts(plan, 2);
    for (const [index, cluster] of limited.clusters.entries()) {
      const whole = itemAt(plan.clusters, index);
      expect(cluster.hosts.filter(({ role }) => role !== "gpu")).toEqual(
        whole.hosts.filter(({ role }) => role !== "gpu"),
      );
      expect(cluster.phase).toBe(whole.phase);
      expect(wattQuota(limited, cluster)).toEqual(wattQuota(plan, whole));
    }
  });

  test("with any number: built halls differ by one host at most, and no feed is two ahead of another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (wanted) => {
        const limited = limitHosts(plan, wanted);
        const built = limited.clusters.filter(({ isBuilt }) => isBuilt);
        const counts = built.map((cluster) => gpuHostNames(cluster).length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Math.min(wanted, 24));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        for (const { hosts, powerFeeds } of built) {
          const perFeed = powerFeeds.map(
            ({ name }) =>
              hosts.filter(({ role, powerFeed }) => role === "gpu" && powerFeed === name).length,
          );
          expect(Math.max(...perFeed) - Math.min(...perFeed)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
