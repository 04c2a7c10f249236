import { describe, expect, test } from "vitest";
import { at, hallNamed, listAt, ofKind, only } from "../test-plans.ts";
import { clusterManifests } from "./cluster-manifests.ts";
import { afterKubeadm, beforeKubeadm } from "./virtual-address.ts";

const { plan, cluster } = hallNamed("pavlodar-hub-s1-h1");
const manifests = clusterManifests(plan, cluster, { infrastructure: "metal3" });
const controlPlane = only(manifests, "KubeadmControlPlaneTemplate");
const gpu = ofKind(manifests, "KubeadmConfigTemplate").find(({ metadata }) =>
  metadata.name.startsWith("h100-8-"),
);

const controlPlaneFiles = listAt(
  controlPlane,
  "spec",
  "template",
  "spec",
  "kubeadmConfigSpec",
  "files",
);
const gpuFiles = listAt(gpu, "spec", "template", "spec", "files");

function contentOf(files: readonly unknown[], path: string): string {
  const found = files.filter((file) => at(file, "path") === path);
  expect(found).toHaveLength(1);
  return String(at(found[0], "content"));
}

describe("files of nodes", () => {
  test("each has a path of its own and fits what Cluster API takes", () => {
    for (const files of [controlPlaneFiles, gpuFiles]) {
      const paths = files.map((file) => at(file, "path"));
      expect(new Set(paths).size).toBe(paths.length);
      for (const file of files) {
        const content = at(file, "content");
        expect(content === undefined).toBe(at(file, "contentFrom") !== undefined);
        expect(typeof content === "string" ? content.length : 0).toBeLessThan(10_240);
      }
    }
  });

  test("GPU nodes have the runtime of GPUs, whole cores for pods and cores for the system", () => {
    expect(contentOf(gpuFiles, "/etc/containerd/conf.d/10-ertis.toml")).toContain(
      "containerd.runtimes.nvidia]",
    );
    const kubelet: unknown = JSON.parse(
      contentOf(gpuFiles, "/etc/kubernetes/patches/kubeletconfiguration0+merge.json"),
    );
    expect(kubelet).toMatchObject({
      cpuManagerPolicy: "static",
      topologyManagerPolicy: "best-effort",
      kubeReserved: { cpu: "2" },
      systemReserved: { cpu: "6" },
    });
  });

  test("the control plane has no such runtime, and writes down who did what", () => {
    expect(contentOf(controlPlaneFiles, "/etc/containerd/conf.d/10-ertis.toml")).not.toContain(
      "nvidia",
    );
    const policy: unknown = JSON.parse(
      contentOf(controlPlaneFiles, "/etc/kubernetes/audit/policy.yaml"),
    );
    // The first rule that matches counts: what secrets hold must not reach the last ones.
    const ofSecrets = listAt(policy, "rules").find((rule) =>
      JSON.stringify(rule).includes('"secrets"'),
    );
    expect(at(ofSecrets, "level")).toBe("Metadata");
    expect(listAt(policy, "rules").at(-1)).toEqual({ level: "Metadata" });
  });

  test("what kubeadm is pointed at is written: patches, audit policy, encryption", () => {
    const paths = controlPlaneFiles.map((file) => String(at(file, "path")));
    const configuration = at(controlPlane, "spec", "template", "spec", "kubeadmConfigSpec");
    const flags = listAt(configuration, "clusterConfiguration", "apiServer", "extraArgs");
    const valueOf = (name: string): unknown =>
      at(
        flags.find((flag) => at(flag, "name") === name),
        "value",
      );
    expect(paths).toContain(valueOf("audit-policy-file"));
    expect(paths).toContain(valueOf("encryption-provider-config"));
    const directory = String(at(configuration, "joinConfiguration", "patches", "directory"));
    expect(paths.some((path) => path.startsWith(`${directory}/`))).toBe(true);
  });
});

describe("the virtual address", () => {
  const pod = contentOf(controlPlaneFiles, "/etc/kubernetes/manifests/kube-vip.yaml");

  test("is the one of the plan, from an image of the site", () => {
    const parsed: unknown = JSON.parse(pod);
    expect(listAt(parsed, "spec", "containers", 0, "env")).toContainEqual({
      name: "address",
      value: cluster.networks.controlPlaneAddress,
    });
    expect(String(at(parsed, "spec", "containers", 0, "image"))).toMatch(
      new RegExp(`^${plan.registry}/`, "u"),
    );
  });

  test("the first host starts it with rights and takes them back: each command finds its text", () => {
    const [, from = "", to = ""] = /s#(.+?)#(.+?)#/u.exec(beforeKubeadm) ?? [];
    const [, back = "", original = ""] = /s#(.+?)#(.+?)#/u.exec(afterKubeadm) ?? [];
    expect(pod.split(from)).toHaveLength(2);
    const changed = pod.replace(from, to);
    expect(changed).toContain('"path": "/etc/kubernetes/super-admin.conf"');
    expect(changed.replace(back, original)).toBe(pod);
  });
});
