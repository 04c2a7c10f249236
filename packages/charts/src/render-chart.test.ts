import { describe, expect, test } from "vitest";
import { defaultDenyManifest, namespaceManifest } from "./kinds/core.ts";
import { renderChart } from "./render-chart.ts";

describe("renderChart", () => {
  test("keeps names, empty selectors and the order of the list", () => {
    const rendered = renderChart("test", [
      namespaceManifest("zeta", "restricted"),
      defaultDenyManifest("zeta"),
      namespaceManifest("alpha", "privileged"),
    ]);
    expect(rendered.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      "Namespace/zeta",
      "NetworkPolicy/default-deny",
      "Namespace/alpha",
    ]);
    expect(rendered[1]?.["spec"]).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });

  test("gives the same bytes whatever the order of keys", () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    const one = renderChart("test", [{ ...object, data: { a: "1", b: "2" } }]);
    const other = renderChart("test", [{ ...object, data: { b: "2", a: "1" } }]);
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  test("throws on the same object twice", () => {
    const twice = [namespaceManifest("a", "baseline"), namespaceManifest("a", "restricted")];
    expect(() => renderChart("test", twice)).toThrow(/already a Construct/u);
  });
});
