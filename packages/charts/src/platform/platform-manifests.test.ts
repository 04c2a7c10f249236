import { toNumber } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../manifest.ts";
import { burnInProject, projectLabel } from "../queues/projects.ts";
import {
  at,
  type Hall,
  hallNamed,
  halls,
  listAt,
  ofKind,
  only,
  textsIn,
  withHosts,
} from "../test-plans.ts";
import { systemNamespaces } from "./names.ts";
import { platformManifests } from "./platform-manifests.ts";

const hub = hallNamed("pavlodar-hub-s1-h1");

function render({ plan, cluster }: Hall): readonly Manifest[] {
  return platformManifests(plan, cluster);
}

function changed(before: readonly Manifest[], after: readonly Manifest[]): readonly string[] {
  const known = new Set(before.map((manifest) => JSON.stringify(manifest)));
  return after
    .filter((manifest) => !known.has(JSON.stringify(manifest)))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe.each(halls.map((hall): readonly [string, Hall] => [hall.cluster.name, hall]))(
  "the platform of %s",
  (_name, hall) => {
    const manifests = render(hall);

    test("lets only its own namespaces touch the host", () => {
      const privileged = ofKind(manifests, "Namespace").filter(
        ({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] === "privileged",
      );
      const names = privileged.map(({ metadata }) => metadata.name);
      expect(names.filter((name) => !systemNamespaces.includes(name))).toEqual([]);
      expect([...names, "kube-system"].toSorted()).toEqual([...systemNamespaces].toSorted());
    });

    test("closes every project to all others, and bounds its objects", () => {
      const projects = ofKind(manifests, "Namespace").filter(
        ({ metadata }) => metadata.labels?.[projectLabel] !== undefined,
      );
      expect(projects.length).toBeGreaterThan(1);
      for (const { metadata } of projects) {
        const inside = manifests.filter((one) => one.metadata.namespace === metadata.name);
        expect(inside.map((one) => `${one.kind} ${one.metadata.name}`)).toContain(
          "NetworkPolicy default-deny",
        );
        const isTenant = metadata.labels?.[projectLabel] !== burnInProject;
        expect(ofKind(inside, "ResourceQuota")).toHaveLength(isTenant ? 1 : 0);
        expect(ofKind(inside, "LimitRange")).toHaveLength(isTenant ? 1 : 0);
      }
    });

    test("lets every project out to the object store of the hall, if it has one", () => {
      const tenants = ofKind(manifests, "Namespace").filter(({ metadata }) =>
        metadata.name.startsWith("project-"),
      );
      expect(tenants.length).toBeGreaterThan(1);
      for (const { metadata } of tenants) {
        const policies = ofKind(manifests, "NetworkPolicy").filter(
          (one) => one.metadata.namespace === metadata.name,
        );
        expect(policies.flatMap((one) => listAt(one, "spec", "egress"))).toContainEqual({
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "rook-ceph" } },
              podSelector: { matchLabels: { app: "rook-ceph-rgw" } },
            },
          ],
          ports: [{ protocol: "TCP", port: 8080 }],
        });
      }
    });

    test("binds every admission policy, failing closed", () => {
      const policies = ofKind(manifests, "ValidatingAdmissionPolicy");
      const bound = ofKind(manifests, "ValidatingAdmissionPolicyBinding").map((binding) =>
        at(binding, "spec", "policyName"),
      );
      expect(policies.map(({ metadata }) => metadata.name)).toEqual(bound);
      expect(policies.map((policy) => at(policy, "spec", "failurePolicy"))).toEqual(
        policies.map(() => "Fail"),
      );
      const images = policies.find(({ metadata }) => metadata.name === "images-in-country");
      expect(JSON.stringify(images)).toContain(hall.plan.allowedDomains[0]);
    });

    test("compares the draw of every row with the limit that the site file gives it", () => {
      const rules = listAt(only(manifests, "PrometheusRule"), "spec", "groups").flatMap((group) =>
        listAt(group, "rules"),
      );
      const rows = hall.cluster.powerFeeds.flatMap(({ rowIndexes }) => rowIndexes);
      const limits = rules
        .filter((rule) => at(rule, "record") === "ertis:row_usable_watts")
        .map((rule) => at(rule, "expr"));
      expect(limits).toEqual(
        rows.map((index) => {
          const domain = hall.plan.site.domains[index];
          return domain === undefined ? "no row" : `vector(${toNumber(domain.usableWatts)})`;
        }),
      );
    });

    test("asks for whole hosts exactly where a class draws its peak with any GPU", () => {
      const names = ofKind(manifests, "ValidatingAdmissionPolicy").map(
        ({ metadata }) => metadata.name,
      );
      const isNeeded = hall.cluster.nodeClasses.some(({ partUse }) => partUse === "peak");
      expect(names.includes("gpus-by-whole-hosts")).toBe(isNeeded);
    });

    test("proves hosts through the queue, as the one account that may", () => {
      for (const job of ofKind(manifests, "CronJob")) {
        expect(at(job, "spec", "jobTemplate", "metadata", "labels")).toMatchObject({
          "kueue.x-k8s.io/queue-name": "default",
          [projectLabel]: burnInProject,
        });
        const pod = at(job, "spec", "jobTemplate", "spec", "template");
        expect(at(pod, "spec", "serviceAccountName")).toBe("burn-in");
        // The flavor of the queue adds what it has to tolerate, and only when its turn has come.
        expect(at(pod, "spec", "tolerations")).toBeUndefined();
        expect(Object.keys(Object(at(pod, "metadata", "annotations")))).toEqual([
          "kueue.x-k8s.io/podset-unconstrained-topology",
        ]);
      }
    });
  },
);

describe("a change", () => {
  test("of a host's state to burn-in starts the proof, and changes nothing else", () => {
    const first = hub.cluster.hosts.find(({ role }) => role === "gpu");
    const moved = withHosts(hub, (host) => (host === first ? { ...host, state: "burn-in" } : host));
    expect(changed(render(hub), render(moved))).toEqual(["CronJob burn-in-h100-8"]);
    expect(at(only(render(hub), "CronJob"), "spec", "suspend")).toBe(true);
    expect(at(only(render(moved), "CronJob"), "spec", "suspend")).toBe(false);
  });

  test("of storage hosts to two leaves Ceph out: it could not lose one", () => {
    const storage = hub.cluster.hosts.filter(({ role }) => role === "storage").slice(0, 2);
    const cluster = {
      ...hub.cluster,
      hosts: hub.cluster.hosts.filter((host) => host.role !== "storage" || storage.includes(host)),
    };
    const kinds = new Set(render({ ...hub, cluster }).map(({ kind }) => kind));
    expect([...kinds].filter((kind) => kind.startsWith("Ceph"))).toEqual([]);
    expect(ofKind(render(hub), "CephCluster")).toHaveLength(1);
  });
});

test("nothing asks Ceph's makers anything", () => {
  const ceph = only(render(hub), "CephCluster");
  expect(at(ceph, "spec", "cephConfig", "mgr", "mgr/telemetry/enabled")).toBe("false");
  expect(textsIn(ceph).map(({ text }) => text)).toContain(
    `${hub.plan.registry}/quay.io/ceph/ceph:v20.2.2`,
  );
});
