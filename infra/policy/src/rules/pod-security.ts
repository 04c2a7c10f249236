import { systemNamespaces } from "@ertis/charts";
import { at, listAt, numberAt, textAt, unknownValue } from "../fields.ts";
import { findPod } from "../pods.ts";
import type { Container, Pod } from "../pods.ts";
import { describe } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * Namespaces whose pods are part of the node or of its hardware: network, drivers, disks, sensors, and
 * the machine service that boots hosts. They may use the host; all else holds for them, too.
 */
const hostNamespaces: ReadonlySet<string> = new Set([
  ...systemNamespaces,
  "baremetal-operator-system",
]);

/** Namespaces that need root and nothing more: NVIDIA's field diagnosis runs as root only. */
const rootNamespaces: ReadonlySet<string> = new Set(["node-health"]);

/** Low ports for a process that is not root; the restricted Pod Security Standard allows it, too. */
const harmlessCapability = "NET_BIND_SERVICE";

function check(resource: Resource): readonly string[] {
  const pod = findPod(resource);
  if (pod === undefined || pod.spec === unknownValue) {
    return [];
  }
  const messages = [
    ...(hostNamespaces.has(pod.namespace) ? [] : checkHostUse(pod)),
    ...pod.containers.flatMap((container) => checkContainer(container, pod)),
  ];
  return messages.map((message) => `${describe(resource)}: ${message}`);
}

function checkHostUse(pod: Pod): readonly string[] {
  const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => at(pod.spec, key) === true);
  const paths = listAt(pod.spec, "volumes")
    .map((volume) => textAt(volume, "hostPath", "path"))
    .filter((path) => path !== undefined);
  const allowed = [...hostNamespaces].join(", ");
  const ports = pod.containers.flatMap(({ name, fields }) =>
    listAt(fields, "ports")
      .map((port) => numberAt(port, "hostPort"))
      // 0 is how the API says that there is none.
      .filter((port) => port !== undefined && port !== 0)
      .map((port) => ({ name, port })),
  );
  return [
    ...shared.map((key) => `${key} is on; it is allowed in ${allowed} only. Take it out.`),
    ...ports.map(
      ({ name, port }) =>
        `container ${name} listens on port ${port} of the host; host ports are allowed in ${allowed} only. Use a Service.`,
    ),
    ...paths.map(
      (path) =>
        `a volume mounts ${path} of the host; host paths are allowed in ${allowed} only. Use a claim, an emptyDir or a projected volume.`,
    ),
  ];
}

/** A setting that a container has for itself, or else from its pod. */
function setting(container: Container, pod: Pod, ...path: readonly string[]): unknown {
  return (
    at(container.fields, "securityContext", ...path) ?? at(pod.spec, "securityContext", ...path)
  );
}

function checkContainer(container: Container, pod: Pod): readonly string[] {
  const own = (key: string): unknown => at(container.fields, "securityContext", key);
  const isSystem = hostNamespaces.has(pod.namespace);
  const dropped = at(own("capabilities"), "drop");
  const added = listAt(own("capabilities"), "add").filter(
    (name) => name !== unknownValue && name !== harmlessCapability,
  );
  const seccomp = setting(container, pod, "seccompProfile", "type");
  const wrong: readonly (string | false)[] = [
    !isSystem &&
      !rootNamespaces.has(pod.namespace) &&
      isOther(setting(container, pod, "runAsNonRoot"), [true]) &&
      "may run as root; set securityContext.runAsNonRoot: true",
    !isSystem &&
      isOther(own("allowPrivilegeEscalation"), [false]) &&
      "may gain privileges; set securityContext.allowPrivilegeEscalation: false",
    !isSystem && own("privileged") === true && "is privileged; take privileged out",
    isOther(seccomp, ["RuntimeDefault", "Localhost"]) &&
      "runs without a seccomp profile; set securityContext.seccompProfile.type: RuntimeDefault",
    !isSystem &&
      dropped !== unknownValue &&
      !(Array.isArray(dropped) && dropped.includes("ALL")) &&
      "keeps capabilities; set securityContext.capabilities.drop: [ALL]",
    !isSystem &&
      added.length > 0 &&
      `gets the capabilities ${added.join(", ")}; take them out of securityContext.capabilities.add, where only ${harmlessCapability} may stand`,
  ];
  return wrong
    .filter((message) => message !== false)
    .map((message) => `container ${container.name} ${message}.`);
}

/** Whether a value is known and none of the allowed ones. */
function isOther(value: unknown, allowed: readonly unknown[]): boolean {
  return value !== unknownValue && !allowed.includes(value);
}

export const podSecurity: ResourceRule = {
  kind: "resource",
  name: "pod-security",
  description: "Pods run without root, privileges and the host's files and ports.",
  check,
};
