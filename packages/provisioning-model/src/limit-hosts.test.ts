import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { limitHosts } from "./limit-hosts.ts";
import type { ClusterPlan, SitePlan } from "./plan.ts";
import { sampleHalls } from "./sample-halls.ts";
import { itemAt, smallPlan } from "./test-sites.ts";
import { wattQuota } from "./watt-quota.ts";

const plan = smallPlan();

function gpuHostNames({ hosts }: ClusterPlan): readonly string[] {
  return hosts.filter(({ role }) => role === "gpu").map(({ name }) => name);
}

/** The second hall with a class of its own, so that it is no longer like the others. */
function withOtherClass(cluster: ClusterPlan, index: number): ClusterPlan {
  if (index !== 1) {
    return cluster;
  }
  const nodeClasses = cluster.nodeClasses.map((each) => ({ ...each, name: "other" }));
  const [other] = nodeClasses;
  const hosts = cluster.hosts.map((host) =>
    host.nodeClass === undefined || other === undefined ? host : { ...host, nodeClass: other },
  );
  return { ...cluster, nodeClasses, hosts };
}

describe("limitHosts", () => {
  test("takes feeds and rows, then racks in turn, in the order of the site file; halls alike are limited alike", () => {
    const { clusters } = limitHosts(plan, 4);
    expect(clusters.map(gpuHostNames)).toEqual(
      ["small-s1-h1", "small-s1-h2", "small-s1-h3"].map((name) => [
        `${name}-r1-k1-n1`,
        `${name}-r1-k2-n1`,
        `${name}-r2-k1-n1`,
        `${name}-r3-k1-n1`,
      ]),
    );
  });

  test("the sample halls have them all: one of halls alike, else each its share", () => {
    const countsOf = (of: SitePlan): readonly (readonly [string, number])[] =>
      sampleHalls(of).map(({ name }) => {
        const found = limitHosts(of, 8).clusters.find((cluster) => cluster.name === name);
        return [name, found === undefined ? 0 : gpuHostNames(found).length];
      });
    expect(countsOf(plan)).toEqual([["small-s1-h1", 8]]);
    const mixed = { ...plan, clusters: plan.clusters.map(withOtherClass) };
    expect(countsOf(mixed)).toEqual([
      ["small-s1-h1", 4],
      ["small-s1-h2", 4],
    ]);
    // The hall of a later phase is like the first.
    expect(gpuHostNames(itemAt(limitHosts(mixed, 9).clusters, 2))).toHaveLength(5);
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

  test("with any number: sample halls differ by one host at most, and no feed is two ahead of another", () => {
    const mixed = { ...plan, clusters: plan.clusters.map(withOtherClass) };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (wanted) => {
        const limited = limitHosts(mixed, wanted);
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
