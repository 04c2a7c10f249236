import { describe, expect, test } from "vitest";
import { decidePending, pendingCreates, toImportId, toObjectReference } from "./pending.ts";
import type { LiveObject } from "./pending.ts";
import { parseState, revealSecret } from "./state-export.ts";
import type { PendingOperation } from "./state-export.ts";

const provider = "urn:pulumi:main::p::pulumi:providers:kubernetes::local";

function stateWith(...operations: readonly object[]): string {
  return JSON.stringify({
    version: 3,
    deployment: {
      resources: [{ urn: provider, type: "pulumi:providers:kubernetes", custom: true, id: "1" }],
      pending_operations: operations,
    },
  });
}

function creating(type: string, inputs: object): object {
  const urn = `urn:pulumi:main::p::${type}::one`;
  return {
    type: "creating",
    resource: { urn, type, custom: true, provider: `${provider}::1`, inputs },
  };
}

function pending(type: string, inputs: object): PendingOperation {
  const [operation] = parseState(stateWith(creating(type, inputs))).pendingOperations;
  if (operation === undefined) {
    throw new Error("the state has no pending operation");
  }
  return operation;
}

const configMap = pending("kubernetes:core/v1:ConfigMap", {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "one", namespace: "n" },
});
const runs = [{ command: "up", startedAt: new Date("2026-11-25T20:00:00Z") }];
const ours = ["pulumi-kubernetes-1a2b3c4d"];

function present(more: Partial<Extract<LiveObject, { kind: "present" }>> = {}): LiveObject {
  const createdAt = new Date("2026-11-25T20:00:10Z");
  return { kind: "present", createdAt, managers: ours, labels: {}, ...more };
}

describe("a create whose end nobody saw", () => {
  test("made by the interrupted run: imported by its id", () => {
    expect(decidePending(configMap, present(), runs)).toMatchObject({
      kind: "import",
      id: "n/one",
    });
  });

  test("not made: cleared", () => {
    expect(decidePending(configMap, { kind: "absent" }, runs)).toMatchObject({ kind: "clear" });
  });

  test("there before the run began: somebody else's, never taken over", () => {
    const createdAt = new Date("2026-11-25T18:00:00Z");
    expect(decidePending(configMap, present({ createdAt }), runs)).toMatchObject({
      kind: "clear",
      because: "an object of that name is somebody else's",
    });
  });

  test("without a record of the run: ours by the name of its writer", () => {
    expect(decidePending(configMap, present(), [])).toMatchObject({ kind: "import" });
    expect(decidePending(configMap, present({ managers: ["kubectl"] }), [])).toMatchObject({
      kind: "clear",
    });
  });

  test("several interrupted runs: since the first of them", () => {
    const later = { command: "up", startedAt: new Date("2026-11-25T21:00:00Z") };
    expect(decidePending(configMap, present(), [...runs, later])).toMatchObject({ kind: "import" });
  });

  test("made by a stranger while the run went on: never taken over", () => {
    for (const managers of [["kubectl-create"], ["pulumi-resource-kubernetes"], []]) {
      expect(decidePending(configMap, present({ managers }), runs)).toMatchObject({
        kind: "clear",
        because: "an object of that name is somebody else's",
      });
    }
  });

  test("a killed preview or refresh is no run that made anything", () => {
    const createdAt = new Date("2026-11-25T19:30:00Z");
    const earlier = ["preview", "refresh"].map((command) => ({
      command,
      startedAt: new Date("2026-11-25T19:00:00Z"),
    }));
    expect(decidePending(configMap, present({ createdAt }), [...earlier, ...runs])).toMatchObject({
      kind: "clear",
    });
    // Alone they say nothing of when the `up` was: the writer's name decides.
    expect(decidePending(configMap, present(), earlier)).toMatchObject({ kind: "import" });
    expect(decidePending(configMap, present({ managers: [] }), earlier)).toMatchObject({
      kind: "clear",
    });
  });

  test("providers, components and patches have nothing to look for", () => {
    for (const type of ["pulumi:providers:kubernetes", "kubernetes:core/v1:ConfigMapPatch"]) {
      expect(
        decidePending(pending(type, configMap.resource.inputs), undefined, runs),
      ).toMatchObject({
        kind: "clear",
      });
    }
  });

  test("a release is looked up by Helm's own record of it", () => {
    const release = pending("kubernetes:helm.sh/v3:Release", { name: "rook", namespace: "r" });
    const reference = toObjectReference(release.resource);
    expect(reference).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      namespace: "r",
      name: "sh.helm.release.v1.rook.v1",
    });
    expect(reference && toImportId(release.resource, reference)).toBe("r/rook");
    expect(
      decidePending(release, present({ managers: ["helm"], labels: { status: "deployed" } }), runs),
    ).toMatchObject({
      kind: "import",
      id: "r/rook",
    });
    expect(
      decidePending(release, present({ labels: { status: "pending-install" } }), runs),
    ).toMatchObject({ kind: "blocked", advice: expect.stringContaining("helm uninstall") });
  });

  test("an object of the whole cluster has its name for an id", () => {
    const namespace = pending("kubernetes:core/v1:Namespace", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "n" },
    });
    expect(decidePending(namespace, present(), runs)).toMatchObject({ id: "n" });
  });
});

test("only creates need a decision; a refresh finds out about the others", () => {
  const state = parseState(
    stateWith(creating("kubernetes:core/v1:ConfigMap", {}), {
      ...creating("kubernetes:core/v1:Secret", {}),
      type: "deleting",
    }),
  );
  expect(pendingCreates(state).map(({ resource }) => resource.type)).toEqual([
    "kubernetes:core/v1:ConfigMap",
  ]);
});

test("a secret of an exported state is read only where it is plain", () => {
  const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  expect(revealSecret({ ...mark, plaintext: '"kubeconfig"' })).toBe("kubeconfig");
  expect(revealSecret({ ...mark, ciphertext: "…" })).toEqual({ ...mark, ciphertext: "…" });
  expect(revealSecret("plain")).toBe("plain");
});
