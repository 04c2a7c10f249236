import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestContext } from "vitest";
import { stringAt, toPropertyPath } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { createDriver, openDefinition, startTestCluster } from "./testing/real-provider.ts";
import type { Driver, TestCluster } from "./testing/real-provider.ts";

const labels = { app: "stand-in" };
const pod = {
  metadata: { labels },
  spec: { containers: [{ name: "main", image: "registry.test/main:1" }] },
};

interface Case {
  readonly token: string;
  readonly inputs: JsonObject;
  readonly changed: JsonObject;
  readonly paths: readonly string[];
  /** The server writes a value in another form than the program: an import cannot know the program's. */
  readonly isRewritten?: boolean;
}

const named = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  namespace: "kinds",
  ...more,
});

/** Every kind that the stacks use, and a change of it that needs no new object. */
const cases: readonly Case[] = [
  {
    token: "kubernetes:core/v1:ConfigMap",
    inputs: { metadata: named("facts"), data: { "a.b": "1", gone: "x" } },
    changed: { metadata: named("facts"), data: { "a.b": "2", fresh: "y" } },
    paths: ['data["a.b"]', "data.gone", "data.fresh"],
  },
  {
    token: "kubernetes:core/v1:ServiceAccount",
    inputs: { metadata: named("robot"), automountServiceAccountToken: false },
    changed: { metadata: named("robot", { labels }), automountServiceAccountToken: false },
    paths: ["metadata.labels"],
  },
  {
    token: "kubernetes:core/v1:Service",
    inputs: {
      metadata: named("headless"),
      spec: { clusterIP: "None", selector: labels, ports: [{ name: "http", port: 80 }] },
    },
    changed: {
      metadata: named("headless"),
      spec: { clusterIP: "None", selector: labels, ports: [{ name: "http", port: 81 }] },
    },
    paths: ["spec.ports[0].port"],
  },
  {
    token: "kubernetes:core/v1:PersistentVolumeClaim",
    inputs: {
      metadata: named("disk"),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
    },
    changed: {
      metadata: named("disk", { annotations: { note: "kept" } }),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
    },
    paths: ["metadata.annotations"],
    isRewritten: true,
  },
  {
    token: "kubernetes:apps/v1:Deployment",
    inputs: {
      metadata: named("web"),
      spec: { replicas: 2, selector: { matchLabels: labels }, template: pod },
    },
    changed: {
      metadata: named("web"),
      spec: { replicas: 3, selector: { matchLabels: labels }, template: pod },
    },
    paths: ["spec.replicas"],
  },
  {
    token: "kubernetes:apps/v1:DaemonSet",
    inputs: {
      metadata: named("agent"),
      spec: { selector: { matchLabels: labels }, template: pod },
    },
    changed: {
      metadata: named("agent"),
      spec: { selector: { matchLabels: labels }, template: pod, minReadySeconds: 1 },
    },
    paths: ["spec.minReadySeconds"],
  },
  {
    token: "kubernetes:batch/v1:Job",
    inputs: {
      metadata: named("once"),
      spec: { template: { spec: { ...pod.spec, restartPolicy: "Never" } } },
    },
    changed: {
      metadata: named("once"),
      spec: {
        template: { spec: { ...pod.spec, restartPolicy: "Never" } },
        ttlSecondsAfterFinished: 3600,
      },
    },
    paths: ["spec.ttlSecondsAfterFinished"],
  },
  {
    token: "kubernetes:rbac.authorization.k8s.io/v1:Role",
    inputs: {
      metadata: named("reader"),
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    },
    changed: {
      metadata: named("reader"),
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
    },
    paths: ["rules[0].verbs[1]"],
  },
  {
    token: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    inputs: {
      metadata: { name: "stand-in" },
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
    },
    changed: { metadata: { name: "stand-in" }, rules: [] },
    paths: ["rules[0]"],
  },
  {
    token: "kubernetes:policy/v1:PodDisruptionBudget",
    inputs: {
      metadata: named("keep"),
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    },
    changed: {
      metadata: named("keep"),
      spec: { minAvailable: "50%", selector: { matchLabels: labels } },
    },
    paths: ["spec.minAvailable"],
  },
  {
    token: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    inputs: { metadata: named("closed"), spec: { podSelector: {}, policyTypes: ["Ingress"] } },
    changed: {
      metadata: named("closed"),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    paths: ["spec.policyTypes[1]"],
  },
  {
    token: "kubernetes:scheduling.k8s.io/v1:PriorityClass",
    inputs: { metadata: { name: "stand-in" }, value: 1000, description: "first" },
    changed: { metadata: { name: "stand-in" }, value: 1000, description: "second" },
    paths: ["description"],
  },
  {
    token: "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    inputs: {
      metadata: { name: "stand-in" },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["test.ertis.kz"],
              apiVersions: ["v1"],
              operations: ["CREATE"],
              resources: ["nothings"],
            },
          ],
        },
        validations: [{ expression: "true" }],
      },
    },
    changed: {
      metadata: { name: "stand-in" },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["test.ertis.kz"],
              apiVersions: ["v1"],
              operations: ["CREATE"],
              resources: ["nothings"],
            },
          ],
        },
        validations: [{ expression: "1 == 1" }],
      },
    },
    paths: ["spec.validations[0].expression"],
  },
  {
    token: "kubernetes:test.ertis.kz/v1:Widget",
    inputs: { metadata: named("widget"), spec: { watts: 100, list: [1, 2] } },
    changed: { metadata: named("widget"), spec: { watts: 200, list: [1, 3] } },
    paths: ["spec.watts", "spec.list[1]"],
  },
];

/** A server leaves an empty list out or makes it null. */
function withoutEmpty(inputs: JsonObject): JsonObject {
  const entries = Object.entries(inputs);
  return Object.fromEntries(
    entries.filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

let found: TestCluster;
let driver: Driver;

function need(context: TestContext): void {
  if (found.kind === "missing") {
    context.skip(found.reason);
  }
}

beforeAll(async () => {
  found = await startTestCluster("kinds");
  if (found.kind === "cluster") {
    driver = createDriver(found.kubeconfigPath);
    await driver.create("kubernetes:core/v1:Namespace", "kinds", { metadata: { name: "kinds" } });
    const definition = openDefinition("Widget");
    await driver.create(
      "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
      "widget",
      definition,
    );
  }
});

afterAll(async () => {
  if (found.kind === "cluster") {
    await found.stop();
  }
});

for (const { token, inputs, changed, paths, isRewritten } of cases) {
  test(`${token} is made, compared, changed, read and deleted`, async (context) => {
    need(context);
    const made = await driver.create(token, "subject", inputs);
    expect(made.result.kind).toBe("done");
    expect(stringAt(made.result.outputs, "metadata", "uid")).toBeDefined();

    // Nothing changed: neither for the program, nor for a refresh.
    expect((await driver.diff(made, inputs)).changes).toEqual([]);
    const refreshed = await driver.read(made);
    expect(refreshed?.inputs).toEqual(made.inputs);

    const diff = await driver.diff(made, changed);
    expect(diff.changes.map((change) => toPropertyPath(change.path)).toSorted()).toEqual(
      paths.toSorted(),
    );
    expect(diff.replaces).toEqual([]);
    const updated = await driver.update(made, changed);
    expect(updated.result.kind).toBe("done");
    expect((await driver.read(updated))?.inputs).toEqual(updated.inputs);

    // An import without inputs finds what was applied, and at most what the server added to whole lists.
    const imported = await driver.read({ ...updated, inputs: {} });
    if (isRewritten !== true) {
      expect(imported?.inputs).toMatchObject(withoutEmpty(updated.inputs));
    }

    await driver.remove(updated);
    expect(await driver.read(updated)).toBeUndefined();
  });
}
