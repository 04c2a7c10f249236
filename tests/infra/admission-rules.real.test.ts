import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  clusterParts,
  findToolchain,
  missingParts,
  programPath,
  startCluster,
  stopCluster,
} from "@ertis/infra-toolchain";
import { platformManifests } from "@ertis/charts";
import { findCluster } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  anywhere,
  gpus,
  goodImage,
  job,
  namespace,
  pod,
  queued,
  tenant,
} from "./admission-rules/objects.ts";

const clusterName = "admission";
const directory = mkdtempSync(join(tmpdir(), "ertis-admission-"));
const toolchain = await findToolchain();
const missing = missingParts(toolchain, clusterParts);

interface Said {
  readonly isAllowed: boolean;
  readonly message: string;
}

let send: (object: unknown, ...args: readonly string[]) => Said;

/** Those that the platform stack writes for a hall whose hosts draw their peak with one GPU already. */
function hallRules(): readonly unknown[] {
  const parsed = loadPlans();
  const found =
    parsed.kind === "plans" ? findCluster(parsed.plans, "ai-data-center-s1-h2") : undefined;
  if (found === undefined) {
    throw new Error("the AI data center has no second hall any more");
  }
  return platformManifests(found.plan, found.cluster).filter(({ kind }) =>
    kind.startsWith("ValidatingAdmissionPolicy"),
  );
}

beforeAll(async () => {
  if (missing !== undefined) {
    return;
  }
  const cluster = await startCluster({
    name: clusterName,
    crds: [],
    stateDirectory: directory,
    toolchain,
  });
  const kubectl = programPath(toolchain, "kubectl");
  const base = ["--kubeconfig", cluster.kubeconfigPath];
  send = (object, ...args) => {
    const { status, stderr } = spawnSync(kubectl, [...base, ...args], {
      input: JSON.stringify(object),
      encoding: "utf8",
    });
    return { isAllowed: status === 0, message: stderr };
  };
  const apply = (items: readonly unknown[]): void => {
    const list = { apiVersion: "v1", kind: "List", items };
    const said = send(list, "apply", "--server-side", "--validate=strict", "-f", "-");
    expect(said.isAllowed, said.message).toBe(true);
  };
  apply([
    namespace(tenant, "open"),
    namespace("node-health", "node-health"),
    namespace("open"),
    namespace("old"),
  ]);
  // Before there were rules; a new namespace has its service account a moment later.
  const foreign = pod({ namespace: "old", image: "nginx:1", finalizers: ["ertis.kz/test"] });
  await vi.waitFor(() => expect(send(foreign, "create", "-f", "-").message).toBe(""), {
    timeout: 30_000,
    interval: 250,
  });
  apply(hallRules());
  // Rules begin to hold a moment after they are written.
  await vi.waitFor(
    () => {
      expect(create(pod({ image: "nginx:1" })).isAllowed).toBe(false);
      expect(create(job({ labels: {} })).message).toContain("ertis.kz/project");
    },
    { timeout: 60_000, interval: 250 },
  );
}, 240_000);

afterAll(async () => {
  await stopCluster(clusterName, directory);
  rmSync(directory, { recursive: true, force: true });
});

beforeEach((context) => {
  if (missing !== undefined) {
    context.skip(missing);
  }
});

function create(object: unknown, user?: string): Said {
  const as = user === undefined ? [] : ["--as", user, "--as-group", "system:masters"];
  return send(object, "create", "--dry-run=server", "-f", "-", ...as);
}

describe("the rules of a hall, on a real API server", () => {
  test("let a proper job and a proper pod in", () => {
    expect(create(job({ container: gpus(4), annotations: anywhere }))).toMatchObject({
      isAllowed: true,
    });
    expect(create(pod())).toMatchObject({ isAllowed: true });
  });

  test.each([
    ["the default registry", pod({ image: "nginx:1" })],
    ["a foreign registry", pod({ image: "quay.io/a/b:1" })],
    ["a domain that only looks alike", pod({ image: "registry.notertis.kz/a:1" })],
    ["our domain as a path", pod({ image: "quay.io/x.ertis.kz/b:1" })],
    [
      "an init container",
      pod({ spec: { initContainers: [{ name: "first", image: "busybox:1" }] } }),
    ],
    ["the pods of a job", job({ image: "nginx:1" })],
    [
      "an image volume",
      pod({ spec: { volumes: [{ name: "model", image: { reference: "quay.io/a/b:1" } }] } }),
    ],
  ])("refuse an image from %s", (_what, object) => {
    expect(create(object)).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining(
        "images come from registries of the country only (.ertis.kz)",
      ),
    });
  });

  test("refuse an ephemeral container from abroad in a pod that runs", () => {
    expect(send(pod({ namespace: "open" }), "create", "-f", "-").message).toBe("");
    const change = { spec: { ephemeralContainers: [{ name: "debug", image: "busybox:1" }] } };
    const said = send(
      undefined,
      ..."patch pod one -n open --subresource=ephemeralcontainers --type=strategic -p".split(" "),
      JSON.stringify(change),
    );
    expect(said).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("ephemeral containers included"),
    });
  });

  test("take a port in the registry's name", () => {
    expect(create(pod({ image: "registry.small.ertis.kz:5000/a:1" }))).toMatchObject({
      isAllowed: true,
    });
  });

  test("keep paths of the host to the platform's namespaces", () => {
    const spec = { volumes: [{ name: "root", hostPath: { path: "/" } }] };
    expect(create(pod({ namespace: "open", spec }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("hostPath"),
    });
    expect(create(pod({ namespace: "kube-system", spec }))).toMatchObject({ isAllowed: true });
  });

  test.each([
    ["privileged", pod({ container: { securityContext: { privileged: true } } })],
    ["hostNetwork", pod({ spec: { hostNetwork: true } })],
    ["hostPID", job({ spec: { hostPID: true } })],
  ])("refuse %s in projects", (word, object) => {
    expect(create(object)).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining(word),
    });
  });

  test.each([
    ["by its name", { key: "ertis.kz/state", operator: "Exists" }],
    ["with everything else", { operator: "Exists" }],
  ])("refuse to tolerate the state of a host %s", (_how, toleration) => {
    const spec = { tolerations: [toleration] };
    expect(create(pod({ spec }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("only the service account burn-in of node-health"),
    });
    const proof = { ...spec, serviceAccountName: "burn-in" };
    const template = job({ namespace: "node-health", spec: proof, labels: {} });
    expect(create(template)).toMatchObject({ isAllowed: true });
    expect(create(job({ namespace: "node-health", spec, labels: {} })).isAllowed).toBe(false);
  });

  test("ask for a queue where GPUs are asked for", () => {
    const container = gpus(4);
    expect(create(pod({ container, annotations: anywhere }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("kueue.x-k8s.io/queue-name"),
    });
    expect(create(pod({ container, annotations: anywhere, labels: queued }))).toMatchObject({
      isAllowed: true,
    });
    expect(
      create(job({ container, annotations: anywhere, labels: { "ertis.kz/project": "open" } })),
    ).toMatchObject({ isAllowed: false });
  });

  test("ask for a queue, and for whole hosts, where a sidecar takes the GPUs", () => {
    const sidecar = (count: number): Readonly<Record<string, unknown>> => ({
      initContainers: [{ name: "side", image: goodImage, restartPolicy: "Always", ...gpus(count) }],
    });
    expect(create(pod({ spec: sidecar(4), annotations: anywhere }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("kueue.x-k8s.io/queue-name"),
    });
    expect(create(job({ spec: sidecar(2), annotations: anywhere }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("ask for all 4 GPUs of a host"),
    });
    expect(create(job({ spec: sidecar(4), annotations: anywhere })).message).toBe("");
  });

  const jobController = "system:serviceaccount:kube-system:job-controller";
  const jobSetController = "system:serviceaccount:jobset-system:jobset-controller-manager";
  const byJob = { apiVersion: "batch/v1", kind: "Job" };
  const byJobSet = { apiVersion: "jobset.x-k8s.io/v1alpha2", kind: "JobSet" };

  test.each([tenant, "node-health"])(
    "let the Job controller make the pods of a job in %s",
    (at) => {
      // As Kueue leaves them: its own two labels, none of the job's.
      const labels = {
        "batch.kubernetes.io/job-name": "owner",
        "kueue.x-k8s.io/local-queue-name": "default",
        "kueue.x-k8s.io/cluster-queue-name": "research",
      };
      const made = pod({
        namespace: at,
        container: gpus(4),
        annotations: anywhere,
        labels,
        owner: byJob,
      });
      expect(create(made, jobController).message).toBe("");
      for (const user of [undefined, `system:serviceaccount:${at}:default`]) {
        expect(create(made, user)).toMatchObject({
          isAllowed: false,
          message: expect.stringContaining("kueue.x-k8s.io/queue-name"),
        });
      }
    },
  );

  test("let the JobSet controller make jobs without the labels of their JobSet", () => {
    const made = job({ container: gpus(4), annotations: anywhere, labels: {}, owner: byJobSet });
    expect(create(made, jobSetController).message).toBe("");
    expect(create(made).isAllowed).toBe(false);
  });

  test("ask for a queue where a Deployment makes pods with GPUs", () => {
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet" };
    const made = pod({ container: gpus(4), annotations: anywhere, owner });
    expect(create(made, "system:serviceaccount:kube-system:replicaset-controller").isAllowed).toBe(
      false,
    );
  });

  test("ask pods with GPUs how close they must be, and leave others alone", () => {
    expect(create(job({ container: gpus(4) }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("podset-required-topology"),
    });
    expect(create(job())).toMatchObject({ isAllowed: true });
  });

  test("ask jobs for the project of their namespace", () => {
    const wrong = { ...queued, "ertis.kz/project": "another" };
    expect(create(job({ labels: wrong }))).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("with the project of their namespace"),
    });
  });

  test("hold a job to the project it was let in with", () => {
    expect(send(job(), "create", "-f", "-").message).toBe("");
    const relabel = (label: string): Said =>
      send(undefined, "label", "job", "one", "-n", tenant, "--overwrite", label);
    expect(relabel("ertis.kz/project=another")).toMatchObject({
      isAllowed: false,
      message: expect.stringContaining("with the project of their namespace"),
    });
    expect(relabel("ertis.kz/project-").isAllowed).toBe(false);
    expect(relabel("colour=blue").message).toBe("");
    expect(send(undefined, "delete", "job", "one", "-n", tenant).message).toBe("");
  });

  test("ask for whole hosts where a part of one draws the whole peak", () => {
    const options = { annotations: anywhere };
    for (const resource of ["nvidia.com/gpu", "nvidia.com/gb200-nvl72"]) {
      expect(create(job({ ...options, container: gpus(2, resource) }))).toMatchObject({
        isAllowed: false,
        message: expect.stringContaining("ask for all 4 GPUs of a host"),
      });
      expect(create(job({ ...options, container: gpus(4, resource) })).isAllowed).toBe(true);
    }
  });

  test("let what was there before go on and end", () => {
    const old = ["pod", "one", "-n", "old"];
    expect(send(undefined, "label", ...old, "touched=yes").message).toBe("");
    expect(send(undefined, "delete", ...old, "--wait=false").message).toBe("");
    const freed = JSON.stringify({ metadata: { finalizers: null } });
    expect(send(undefined, "patch", ...old, "--type=merge", "-p", freed).message).toBe("");
  });
});
