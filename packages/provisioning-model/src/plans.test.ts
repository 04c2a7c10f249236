import { beforeAll, describe, expect, test } from "vitest";
import { loadPlans } from "./load/index.ts";
import type { ClusterPlan, Host, SitePlan } from "./plan.ts";
import {
  delivery,
  itemAt,
  otherFiles,
  plansOf,
  provisioningText,
  replaced,
  siteText,
  smallFiles,
  smallPlan,
} from "./test-sites.ts";

describe("the small site", () => {
  const plan = smallPlan();

  test("a hall is a cluster, named by the numbers of its path", () => {
    expect(plan.clusters.map(({ name, isBuilt, phase }) => [name, isBuilt, phase])).toEqual([
      ["small-s1-h1", true, "first"],
      ["small-s1-h2", true, "first"],
      ["small-s1-h3", false, "second"],
    ]);
  });

  test("hosts: management first, one control plane host a feed, then the nodes", () => {
    const { hosts } = itemAt(plan.clusters, 0);
    expect(hosts.map(({ name }) => name.replace("small-s1-h1-", ""))).toEqual([
      "m1",
      "m2",
      "m3",
      "m4",
      "m5",
      ...["r1", "r2", "r3"].flatMap((row) =>
        ["k1-n1", "k1-n2", "k2-n1", "k2-n2"].map((node) => `${row}-${node}`),
      ),
    ]);
    expect(hosts.slice(0, 5).map(({ role, powerFeed }) => `${role} ${powerFeed}`)).toEqual([
      "control-plane feed-1",
      "control-plane feed-2",
      "control-plane feed-3",
      "storage feed-1",
      "storage feed-2",
    ]);
    expect(itemAt(hosts, 9)).toMatchObject({
      name: "small-s1-h1-r2-k1-n1",
      nodeId: "small/substation-1/hall-1/row-2/rack-1/node-1",
      powerFeed: "feed-2",
      state: "repair",
      ratedWatts: 10_200,
      idleWatts: 2_500,
      bootMac: "02:45:0a:0a:00:44",
      bmcAddress: "redfish-virtualmedia+https://10.10.0.68/redfish/v1/Systems/1",
      isDelivered: false,
      source: { file: "infra/sites/small.yaml", line: 17 },
    });
    const host = itemAt(hosts, 9);
    expect(plan.site.domains[host.rackIndex]?.id).toBe("small/substation-1/hall-1/row-2/rack-1");
    expect(plan.site.domains[host.rowIndex]?.id).toBe("small/substation-1/hall-1/row-2");
  });

  test("networks are slices by the hall's place in the site", () => {
    expect(itemAt(plan.clusters, 2).networks).toEqual({
      bmcCidr: "10.10.2.0/24",
      hostCidr: "10.20.2.0/24",
      hostGateway: "10.20.2.1",
      podCidr: "10.34.0.0/16",
      serviceCidr: "10.64.32.0/20",
      controlPlaneAddress: "10.20.2.2",
      poolStart: "10.20.2.16",
      poolEnd: "10.20.2.254",
    });
  });

  test("a hall that is added with a slice of its own moves no other", () => {
    const halls = "{names: hall-1..hall-2, phase: first, template: hall-a}";
    const site = replaced(
      siteText,
      halls,
      `{name: hall-9, phase: first, template: hall-a}\n        - ${halls}`,
    );
    const pinned = replaced(
      provisioningText,
      "clusters:\n",
      "clusters:\n  small-s1-h9: {slice: 3}\n",
    );
    const { clusters } = smallPlan({ site, provisioning: pinned });
    const podsOf = ({ name, networks }: ClusterPlan): string => `${name} ${networks.podCidr}`;
    expect(clusters.map(podsOf)).toEqual([
      "small-s1-h9 10.35.0.0/16",
      ...plan.clusters.map(podsOf),
    ]);
  });

  test("the version of Kubernetes is told with the line that says it", () => {
    const lineOf = (text: string): number =>
      provisioningText.split("\n").findIndex((line) => line.includes(text)) + 1;
    expect(plan.clusters.map(({ kubernetesSource }) => kubernetesSource.line)).toEqual([
      lineOf("kubernetesVersion: 1.35.6"),
      lineOf("kubernetesVersion: 1.34.9"),
      lineOf("kubernetesVersion: 1.35.6"),
    ]);
  });

  test("a cluster may differ from its site in version and image", () => {
    expect(plan.clusters.map(({ kubernetesVersion }) => kubernetesVersion)).toEqual([
      "1.35.6",
      "1.34.9",
      "1.35.6",
    ]);
    const own = `small-s1-h2: {kubernetesVersion: 1.34.9, hostImage: {url: "https://images.small.ertis.kz/old.raw", sha256: "${"a".repeat(64)}", source: assumption}}`;
    const other = smallPlan({
      provisioning: replaced(provisioningText, "small-s1-h2: {kubernetesVersion: 1.34.9}", own),
    });
    expect(other.clusters.map(({ hostImage }) => hostImage.url)).toEqual([
      "https://images.small.ertis.kz/node.raw",
      "https://images.small.ertis.kz/old.raw",
      "https://images.small.ertis.kz/node.raw",
    ]);
  });

  test("oversubscription is that of the kind, else 1, with its line", () => {
    const ratios = plan.site.domains.map(({ kind, index }) => [
      kind,
      plan.oversubscription[index]?.ratio,
      plan.oversubscription[index]?.source.line,
    ]);
    expect(ratios).toContainEqual(["hall", 1.1, 23]);
    expect(ratios).toContainEqual(["row", 1, 22]);
  });

  test("an entry for a node class goes before that of its kind", () => {
    const entries = `  - {kind: hall, ratio: 1.1, source: assumption}\n  - {kind: hall, nodeClass: h100-8, ratio: 1.2, source: assumption}`;
    const provisioning = replaced(
      provisioningText,
      "  - {kind: hall, ratio: 1.1, source: assumption}",
      entries,
    );
    const { oversubscription, clusters } = smallPlan({ provisioning });
    expect(oversubscription[itemAt(clusters, 0).hall.index]).toMatchObject({ ratio: 1.2 });
  });

  test("a delivery list gives a host its MAC and BMC address", () => {
    const lines = `  small-s1-h1-r1-k1-n2:\n    bootMac: B8-CE-F6-12-34-57\n    bmcAddress: redfish+https://bmc-17.small.ertis.kz/redfish/v1/Systems/System.Embedded.1\n`;
    const delivered = smallPlan({ deliveries: [delivery("small-s1-h1", lines)] });
    const hosts = itemAt(delivered.clusters, 0).hosts.filter(({ isDelivered }) => isDelivered);
    expect(hosts).toEqual([
      expect.objectContaining({
        name: "small-s1-h1-r1-k1-n2",
        bootMac: "b8:ce:f6:12:34:57",
        bmcAddress: "redfish+https://bmc-17.small.ertis.kz/redfish/v1/Systems/System.Embedded.1",
      }),
    ]);
  });

  test("equal files give equal plans, and a second site changes nothing of the first", () => {
    const [first, second] = plansOf(smallFiles(), otherFiles());
    expect(itemAt(itemAt([first], 0)?.clusters ?? [], 1).hosts).toEqual(
      itemAt(plan.clusters, 1).hosts,
    );
    expect(second?.clusters.map(({ name }) => name)).toContain("other-s1-h3");
  });

  test("racks may have any names that end in a number", () => {
    const site = replaced(
      siteText,
      "racks: 2 × rack-a",
      "racks: [{names: cabinet-07..cabinet-08, template: rack-a}]",
    );
    const { clusters } = smallPlan({
      site,
      provisioning: replaced(provisioningText, "r2-k1-n1", "r2-k07-n1"),
    });
    expect(itemAt(clusters, 0).hosts.at(-1)?.name).toBe("small-s1-h1-r3-k08-n2");
  });
});

describe("the sites of the repository", () => {
  let plans: readonly SitePlan[] = [];
  let hosts: readonly Host[] = [];
  let provisioned: readonly ClusterPlan[] = [];

  beforeAll(() => {
    const result = loadPlans();
    expect(result).toMatchObject({ kind: "plans" });
    plans = result.kind === "plans" ? result.plans : [];
    provisioned = plans
      .filter(({ mode }) => mode === "provisioned")
      .flatMap(({ clusters }) => clusters);
    hosts = provisioned.flatMap((cluster) => cluster.hosts);
  });

  test("have 42, 14 and one cluster", () => {
    const counts = plans.map(({ site, clusters, mode }) => [site.id, mode, clusters.length]);
    expect(counts).toEqual([
      ["ai-data-center", "provisioned", 14],
      ["national-supercomputer", "registered", 1],
      ["pavlodar-hub", "provisioned", 42],
    ]);
    const built = plans.flatMap(({ clusters }) => clusters).filter(({ isBuilt }) => isBuilt);
    expect(built.map(({ name, phase, hosts: { length } }) => [name, phase, length])).toEqual([
      ["ai-data-center-s1-h1", "phase-1", 249],
      ["ai-data-center-s1-h2", "phase-1", 443],
      ["national-supercomputer", undefined, 320],
      ["pavlodar-hub-s1-h1", "phase-1", 495],
      ["pavlodar-hub-s1-h2", "phase-1", 495],
    ]);
  });

  test("every node of the power tree is a host, once, in the cluster of its hall", () => {
    for (const { site, clusters } of plans) {
      const nodeIds = clusters.flatMap((cluster) =>
        cluster.hosts.flatMap(({ nodeId }) => (nodeId === undefined ? [] : [nodeId])),
      );
      expect(nodeIds).toEqual(site.nodes.map(({ id }) => id));
      for (const { hall, hosts: own } of clusters) {
        const outside = own.filter(({ nodeId }) => nodeId?.startsWith(`${hall.id}/`) === false);
        expect(outside).toEqual([]);
      }
    }
  });

  test.each(["name", "bootMac", "bmcAddress"] as const)("no %s is there twice", (field) => {
    expect(hosts).toHaveLength(20_160 + 3_936 + 42 * 15 + 10 * 9 + 4 * 11);
    expect(new Set(hosts.map((host) => host[field])).size).toBe(hosts.length);
  });

  test("names fit and are DNS labels; planned MACs are locally administered", () => {
    const odd = hosts.filter(
      ({ name, bootMac }) =>
        !/^[a-z0-9-]{1,51}$/.test(name) || !/^02(:[0-9a-f]{2}){5}$/.test(bootMac),
    );
    expect(odd).toEqual([]);
  });

  test("three control plane hosts stand on three feeds, and feeds are all rows", () => {
    for (const { hosts: own, powerFeeds, hall } of provisioned) {
      const control = own.filter(({ role }) => role === "control-plane");
      expect(new Set(control.map(({ powerFeed }) => powerFeed)).size).toBe(3);
      const plan = plans.find(({ site }) => hall.id.startsWith(site.id));
      const rows = plan?.site.domains.filter(
        ({ kind, id }) => kind === "row" && id.startsWith(`${hall.id}/`),
      );
      expect(powerFeeds.flatMap(({ rowIndexes }) => rowIndexes)).toEqual(
        rows?.map(({ index }) => index),
      );
    }
  });

  test("rows are grouped as the provisioning files say", () => {
    const groups = (name: string): readonly number[] | undefined =>
      provisioned
        .find((cluster) => cluster.name === name)
        ?.powerFeeds.map(({ rowIndexes }) => rowIndexes.length);
    expect(groups("pavlodar-hub-s1-h1")).toEqual([3, 3, 3, 3]);
    expect(groups("ai-data-center-s1-h1")).toEqual([2, 2, 2]);
    expect(groups("ai-data-center-s1-h2")).toEqual([1, 1, 1, 1]);
    expect(groups("ai-data-center-s1-h6")).toEqual([2, 2, 2]);
  });

  test("a registered site has hosts with watts, and nothing that provisioning would need", () => {
    const [cluster] = plans.find(({ mode }) => mode === "registered")?.clusters ?? [];
    expect(
      cluster?.hosts.every(
        ({ role, bmcAddress, bootMac }) => role === "gpu" && bmcAddress === "" && bootMac === "",
      ),
    ).toBe(true);
    expect(cluster?.hosts.reduce((sum, { ratedWatts }) => sum + ratedWatts, 0)).toBe(3_264_000);
  });
});
