import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import type { Resource } from "../resource.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { podSecurity } from "./pod-security.ts";

interface Changes {
  readonly namespace?: string;
  /** Of the pod's spec. */
  readonly pod?: Fields;
  /** Of the container's securityContext. */
  readonly container?: Fields;
  /** Of the container itself. */
  readonly ports?: readonly Fields[];
}

function deployment({
  namespace = "ertis-system",
  pod = {},
  container = {},
  ports = [],
}: Changes): Resource {
  const podSpec = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "server",
        ports,
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          ...container,
        },
      },
    ],
    ...pod,
  };
  return kubernetesObject({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "ertis", namespace },
    spec: { template: { spec: podSpec } },
  });
}

const hostPort = { ports: [{ containerPort: 8080, hostPort: 80 }] };

function adding(...add: readonly unknown[]): Changes {
  return { container: { capabilities: { drop: ["ALL"], add } } };
}

const disk = { volumes: [{ name: "dev", hostPath: { path: "/dev" } }] };

test.each<[string, Changes]>([
  ["restricted", {}],
  [
    "set at the container",
    {
      pod: { securityContext: {} },
      container: { runAsNonRoot: true, seccompProfile: { type: "Localhost" } },
    },
  ],
  ["not known yet", { container: { runAsNonRoot: unknownValue, capabilities: unknownValue } }],
  ["the host's disks in the namespace of storage", { namespace: "rook-ceph", pod: disk }],
  [
    "the host's network for booting hosts",
    { namespace: "baremetal-operator-system", pod: { hostNetwork: true } },
  ],
  ["low ports without root", adding("NET_BIND_SERVICE")],
  ["capabilities not known yet", adding(unknownValue)],
  ["capabilities for what is part of the node", { ...adding("SYS_ADMIN"), namespace: "rook-ceph" }],
  ["a port of the host for what is part of the node", { ...hostPort, namespace: "rook-ceph" }],
  ["a port of the pod alone", { ports: [{ containerPort: 8080, hostPort: 0 }] }],
])("good: %s", (_, changes) => {
  expect(podSecurity.check(deployment(changes), smallFacts())).toEqual([]);
});

test("good: a diagnosis as root, which may nothing else", () => {
  const asRoot = { container: { runAsNonRoot: false }, namespace: "node-health" };
  expect(podSecurity.check(deployment(asRoot), smallFacts())).toEqual([]);
  const privileged = { ...asRoot, container: { privileged: true } };
  expect(podSecurity.check(deployment(privileged), smallFacts())).toHaveLength(1);
});

test("good: a pod that is not known yet", () => {
  const job = kubernetesObject({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j" },
    spec: { template: unknownValue },
  });
  expect(podSecurity.check(job, smallFacts())).toEqual([]);
});

test.each<[string, Changes, string]>([
  [
    "root",
    { pod: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } } },
    "container server may run as root",
  ],
  ["root, said by the container", { container: { runAsNonRoot: false } }, "may run as root"],
  [
    "privilege escalation",
    { container: { allowPrivilegeEscalation: true } },
    "may gain privileges",
  ],
  ["privileged", { container: { privileged: true } }, "is privileged"],
  [
    "no seccomp profile",
    { pod: { securityContext: { runAsNonRoot: true } } },
    "without a seccomp profile",
  ],
  [
    "an unconfined one",
    { container: { seccompProfile: { type: "Unconfined" } } },
    "without a seccomp profile",
  ],
  ["capabilities", { container: { capabilities: { drop: ["NET_RAW"] } } }, "keeps capabilities"],
  ["capabilities added to none", adding("SYS_ADMIN"), "gets the capabilities SYS_ADMIN"],
  [
    "capabilities added beside a harmless one, as root alone may be",
    { ...adding("NET_BIND_SERVICE", "NET_ADMIN"), namespace: "node-health" },
    "gets the capabilities NET_ADMIN;",
  ],
  ["a port of the host", hostPort, "container server listens on port 80 of the host"],
  ["the host's network", { pod: { hostNetwork: true } }, "hostNetwork is on"],
  ["the host's processes", { pod: { hostPID: true } }, "hostPID is on"],
  ["the host's files", { pod: disk }, "a volume mounts /dev of the host"],
])("bad: %s", (_, changes, says) => {
  const [message, ...others] = podSecurity.check(deployment(changes), smallFacts());
  expect(message).toContain(`Deployment ${changes.namespace ?? "ertis-system"}/ertis: `);
  expect(message).toContain(says);
  expect(others).toEqual([]);
});

test("bad: an init container, in a pod made by a CronJob", () => {
  const spec = { initContainers: [{ name: "prepare" }], containers: [] };
  const cronJob = kubernetesObject({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "backup", namespace: "state-database" },
    spec: { jobTemplate: { spec: { template: { spec } } } },
  });
  const messages = podSecurity.check(cronJob, smallFacts());
  expect(messages).toHaveLength(4);
  expect(messages[0]).toContain("container prepare may run as root");
});
