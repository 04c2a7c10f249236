import { findToolchain, missingParts, clusterParts } from "@ertis/infra-toolchain";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anywhere, gpus, goodImage, job, pod, queued, tenant } from "./admission-rules/objects.ts";
import { dryCreate, startRulesServer } from "./admission-rules/rules-server.ts";
import type { RulesServer, Said } from "./admission-rules/rules-server.ts";

const toolchain = await findToolchain();
const missing = missingParts(toolchain, clusterParts);

let server: RulesServer | undefined;

beforeAll(async () => {
  if (missing === undefined) {
    server = await startRulesServer(toolchain);
  }
}, 240_000);

afterAll(async () => {
  await server?.stop();
});

beforeEach((context) => {
  if (missing !== undefined) {
    context.skip(missing);
  }
});

function send(object: unknown, ...args: readonly string[]): Said {
  if (server === undefined) {
    throw new Error("the API server has not started");
  }
  return server.send(object, ...args);
}

function create(object: unknown, user?: string): Said {
  const as = user === undefined ? [] : ["--as", user, "--as-group", "system:masters"];
  return send(object, ...dryCreate, ...as);
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
