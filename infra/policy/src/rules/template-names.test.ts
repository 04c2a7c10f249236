import { contentHash } from "@ertis/charts";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { templateNames } from "./template-names.ts";

const spec = {
  template: { spec: { nodeReuse: true, image: { url: "https://x.ertis.kz/a.raw" } } },
};

function template(name: string, changes: { readonly kind?: string; readonly spec?: unknown } = {}) {
  return kubernetesObject({
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
    kind: changes.kind ?? "Metal3MachineTemplate",
    metadata: { name, namespace: "small-s1-h1" },
    spec: changes.spec ?? spec,
  });
}

test("good: the hash of the spec", () => {
  const named = template(`gpu-${contentHash(spec)}`);
  expect(templateNames.check(named, smallFacts())).toEqual([]);
});

test("good: a spec that is not known yet has no hash yet", () => {
  const unknown = template("gpu-00000000", { spec: { template: { spec: { url: unknownValue } } } });
  expect(templateNames.check(unknown, smallFacts())).toEqual([]);
});

test("good: a kind that is no template", () => {
  expect(templateNames.check(template("x", { kind: "Metal3Cluster" }), smallFacts())).toEqual([]);
});

test.each([
  ["no hash", "gpu"],
  ["the hash of an older spec", `gpu-${contentHash({ ...spec, old: true })}`],
])("bad: %s", (_, name) => {
  const [message, ...others] = templateNames.check(template(name), smallFacts());
  expect(message).toContain(`must end in "-${contentHash(spec)}"`);
  expect(others).toEqual([]);
});
