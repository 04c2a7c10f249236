import { expect, test } from "vitest";
import { helmReleaseType } from "../resource.ts";
import { kubernetesObject, resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { wattsPerGpu } from "./watts-per-gpu.ts";

const facts = smallFacts();

// (10.2 − 2.5) kW over 8 GPUs are 962.5 W, rounded up; the substation cools with a quarter on top.
const right = { "ertis.kz/hall-watts": "963", "ertis.kz/site-watts": "1204" };

interface Transformation {
  readonly input: string;
  readonly outputs: Readonly<Record<string, string>>;
}

function configuration(transformations: readonly Transformation[]): string {
  const apiVersion = "config.kueue.x-k8s.io/v1beta2";
  return JSON.stringify({ apiVersion, kind: "Configuration", resources: { transformations } });
}

function configMap(text: string) {
  return kubernetesObject({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kueue-configuration", namespace: "kueue-system" },
    data: { "controller_manager_config.yaml": text },
  });
}

const model: Transformation = { input: "nvidia.com/h100-sxm-80gb", outputs: right };

test.each([
  ["the watts of the node class", configuration([model])],
  [
    "any GPU, as there is one model",
    configuration([model, { input: "nvidia.com/gpu", outputs: right }]),
  ],
  ["another ConfigMap", "no configuration of Kueue"],
])("good: %s", (_, text) => {
  expect(wattsPerGpu.check(configMap(text), facts)).toEqual([]);
});

test.each([
  ["no factor", configuration([]), "is no input of a transformation"],
  [
    "a factor too small",
    configuration([{ ...model, outputs: { ...right, "ertis.kz/hall-watts": "900" } }]),
    "counts 900 hall watts and 1204 site watts; a GPU of this hall adds up to 963 W in the hall and 1204 W at the feed",
  ],
  [
    "no site watts",
    configuration([{ ...model, outputs: { "ertis.kz/hall-watts": "963" } }]),
    "and no site watts",
  ],
  [
    "any GPU for less",
    configuration([model, { input: "nvidia.com/gpu", outputs: { "ertis.kz/hall-watts": "1" } }]),
    "nvidia.com/gpu counts 1 hall watts",
  ],
  ["broken text", "apiVersion: config.kueue.x-k8s.io/v1beta2\n{ ]", "is no YAML"],
])("bad: %s", (_, text, says) => {
  const [message, ...others] = wattsPerGpu.check(configMap(text), facts);
  expect(message).toContain("ConfigMap kueue-system/kueue-configuration, data.controller");
  expect(message).toContain(says);
  expect(others).toEqual([]);
});

test("bad: the same text in the values of Kueue's chart", () => {
  const values = { managerConfig: { controllerManagerConfigYaml: configuration([]) } };
  const release = resourceOf(helmReleaseType, "kueue", { inputs: { chart: "kueue", values } });
  expect(wattsPerGpu.check(release, facts)).toEqual([
    expect.stringContaining("values.managerConfig.controllerManagerConfigYaml: nvidia.com/h100"),
  ]);
});

test("bad: any GPU in a hall with two models", () => {
  const { plan, cluster } = facts;
  const [nodeClass] = cluster?.nodeClasses ?? [];
  if (plan === undefined || cluster === undefined || nodeClass === undefined) {
    throw new Error("the small site has a hall with a node class");
  }
  const other = { ...nodeClass, name: "b200-8", gpuModel: "B200" };
  const mixed = { ...cluster, nodeClasses: [nodeClass, other] };
  const messages = wattsPerGpu.check(
    configMap(configuration([model, { input: "nvidia.com/gpu", outputs: right }])),
    smallFacts({ plan, cluster: mixed }),
  );
  expect(messages.join("\n")).toContain("nvidia.com/b200 is no input of a transformation");
  expect(messages.join("\n")).toContain("the hall has 2 GPU models");
});
