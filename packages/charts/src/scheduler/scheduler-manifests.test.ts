import { describe, expect, test } from "vitest";
import type { Manifest } from "../manifest.ts";
import { at, listAt, ofKind, only, plans, textsIn } from "../test-plans.ts";
import { schedulerManifests } from "./scheduler-manifests.ts";
import type { SiteText } from "./server-configuration.ts";

const siteTexts: readonly SiteText[] = plans.map(({ site }) => ({
  siteId: site.id,
  text: `site: ${site.id}\n`,
}));

function render(texts: readonly SiteText[] = siteTexts): readonly Manifest[] {
  return schedulerManifests(plans, { siteTexts: texts });
}

const manifests = render();
const deployment = only(manifests, "Deployment");
const pod = at(deployment, "spec", "template", "spec");

describe("the server's Deployment", () => {
  test("never has two writers of the log", () => {
    expect(at(deployment, "spec", "replicas")).toBe(1);
    expect(at(deployment, "spec", "strategy", "type")).toBe("Recreate");
    expect(at(only(manifests, "PersistentVolumeClaim"), "spec", "accessModes")).toEqual([
      "ReadWriteOnce",
    ]);
  });

  test("runs as nobody, and writes only where it must", () => {
    expect(at(pod, "securityContext")).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(at(pod, "automountServiceAccountToken")).toBe(false);
    for (const container of [...listAt(pod, "initContainers"), ...listAt(pod, "containers")]) {
      expect(at(container, "securityContext")).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(at(container, "resources", "limits")).toBeDefined();
      expect(at(container, "resources", "requests")).toBeDefined();
    }
  });

  test("mounts only volumes that it has, from objects that are there", () => {
    const volumes = listAt(pod, "volumes");
    const names = new Set(volumes.map((volume) => at(volume, "name")));
    for (const container of [...listAt(pod, "initContainers"), ...listAt(pod, "containers")]) {
      for (const mount of listAt(container, "volumeMounts")) {
        expect(names).toContain(at(mount, "name"));
      }
    }
    const maps = new Set(ofKind(manifests, "ConfigMap").map(({ metadata }) => metadata.name));
    const used = volumes.flatMap((volume) => [
      at(volume, "configMap", "name"),
      ...listAt(volume, "projected", "sources").map((source) => at(source, "configMap", "name")),
    ]);
    expect(new Set(used.filter((name) => name !== undefined))).toEqual(maps);
    const secrets = volumes.map((volume) => at(volume, "secret", "secretName"));
    expect(secrets).toContain(at(only(manifests, "Certificate"), "spec", "secretName"));
    expect(secrets).toContain(at(only(manifests, "ExternalSecret"), "spec", "target", "name"));
  });

  test("starts anew when a site file changes, and only then", () => {
    const hash = (from: readonly Manifest[]): unknown =>
      at(only(from, "Deployment"), "spec", "template", "metadata", "annotations");
    expect(hash(render())).toEqual(hash(manifests));
    const [first, ...others] = siteTexts;
    const edited = { siteId: first?.siteId ?? "", text: `${first?.text}# edited\n` };
    expect(hash(render([edited, ...others]))).not.toEqual(hash(manifests));
  });
});

describe("the scheduler stack", () => {
  test("writes no secret: people and keys come from the store and the authority", () => {
    expect(ofKind(manifests, "Secret")).toEqual([]);
    expect(
      textsIn(ofKind(manifests, "ConfigMap")).filter(({ text }) =>
        /tokenSha256|PRIVATE/.test(text),
      ),
    ).toEqual([]);
  });

  test("alerts on figures of others, because the server exports none", () => {
    const rules = textsIn(only(manifests, "PrometheusRule")).filter(({ key }) => key === "expr");
    expect(rules.length).toBeGreaterThan(3);
    const metrics = rules.flatMap(({ text }) => text.match(/\b[a-z]+_[a-z_]+(?=\{|\[)/g) ?? []);
    expect(metrics.filter((name) => !/^(?:kube_|kubelet_volume_|certmanager_)/.test(name))).toEqual(
      [],
    );
    const selector = at(only(manifests, "ServiceMonitor"), "spec", "selector", "matchLabels");
    expect(selector).toMatchObject({ "app.kubernetes.io/name": "cert-manager" });
  });

  test("closes the namespace but for its port", () => {
    const policies = ofKind(manifests, "NetworkPolicy");
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(["default-deny", "ertis"]);
    expect(at(policies[1], "spec", "egress")).toEqual([]);
  });

  test("refuses a site file that no ConfigMap holds, and says what to do", () => {
    const long = siteTexts.map((one) => ({ ...one, text: "x".repeat(1_000_001) }));
    expect(() => render(long)).toThrow(/would hold 1000001 bytes, and 1000000 fit.*templates/);
  });
});
