import { expect, test } from "vitest";
import type { KubernetesObject } from "../kubernetes/api-client.ts";
import { desiredStatus } from "./desired-status.ts";
import { externalSecretTarget, kubeconfigSecret } from "./played-secrets.ts";
import { playedKinds } from "./rows.ts";
import { assertLoopback } from "./world.ts";

const now = new Date("2026-11-25T20:00:00.123Z");

function rowOf(kind: string): (typeof playedKinds)[number] {
  const row = playedKinds.find((each) => each.kind === kind);
  if (row === undefined) {
    throw new Error(`nobody plays ${kind}`);
  }
  return row;
}

function object(more: object = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "K",
    metadata: { name: "one", generation: 3, uid: "u" },
    ...more,
  };
}

test("a condition becomes true for the present generation, and says who plays", () => {
  expect(desiredStatus(rowOf("Ironic"), object(), now)).toEqual({
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "PlayedByLocalWorld",
        message: "Ironic standalone operator is not here: local-world plays it",
        lastTransitionTime: "2026-11-25T20:00:00Z",
        observedGeneration: 3,
      },
    ],
  });
});

test("what is written is not written again, until the object changes", () => {
  for (const row of playedKinds) {
    const status = desiredStatus(row, object(), now);
    const written = object({ status });
    expect(desiredStatus(row, written, new Date()), row.kind).toBeUndefined();
    const changed = { ...written, metadata: { ...written.metadata, generation: 4 } };
    if (row.conditions.length > 0) {
      expect(desiredStatus(row, changed, now), row.kind).toBeDefined();
    }
  }
});

test("conditions of others stay", () => {
  const others = [{ type: "Reconciled", status: "False" }];
  const status = desiredStatus(rowOf("Ironic"), object({ status: { conditions: others } }), now);
  expect(status?.["conditions"]).toMatchObject([{ type: "Reconciled" }, { type: "Ready" }]);
});

test("only statuses and Secrets: never a field of a spec", () => {
  for (const row of playedKinds) {
    expect(Object.keys(row.status?.(object()) ?? {}), row.kind).not.toContain("spec");
  }
});

test("the Secret of an ExternalSecret has its keys, its type and no value twice", () => {
  const external = object({
    kind: "ExternalSecret",
    spec: {
      data: [{ secretKey: "username" }, { secretKey: "password" }],
      target: { name: "target", template: { type: "kubernetes.io/basic-auth" } },
    },
  });
  const first = externalSecretTarget(external);
  expect(first).toMatchObject({ type: "kubernetes.io/basic-auth", metadata: { name: "target" } });
  expect(Object.keys(first["data"] ?? {})).toEqual(["username", "password"]);
  expect(externalSecretTarget(external)["data"]).not.toEqual(first["data"]);
  expect(first.metadata.ownerReferences).toMatchObject([{ kind: "ExternalSecret", uid: "u" }]);
});

test("a kubeconfig is kept where Cluster API keeps it", () => {
  expect(kubeconfigSecret(object(), "text")).toMatchObject({
    type: "cluster.x-k8s.io/secret",
    metadata: { name: "one-kubeconfig", labels: { "cluster.x-k8s.io/cluster-name": "one" } },
    data: { value: Buffer.from("text").toString("base64") },
  });
});

test("plays on this machine only", () => {
  assertLoopback("https://127.0.0.1:6443");
  assertLoopback("https://localhost:6443");
  expect(() => assertLoopback("https://10.160.0.2:6443")).toThrow("on this machine only");
  expect(() => assertLoopback("https://127.0.0.1.example.kz:6443")).toThrow("on this machine only");
});
