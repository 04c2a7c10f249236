import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { StackError } from "./stack-error.ts";

/** Where the management cluster's kubeconfig is, or why it is not known. */
export type KubeconfigSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "absent"; readonly reason: string };

/**
 * A path, not the file's content: so no credential comes into the stack's state. Only these two places
 * count; `~/.kube/config` is somebody's own and would be a surprise.
 */
export function findKubeconfig(
  configured: string | undefined,
  environment: string | undefined,
): KubeconfigSource {
  const value = configured ?? environment ?? "";
  const name = configured === undefined ? "KUBECONFIG" : "ertis:managementKubeconfig";
  if (value === "") {
    return {
      kind: "absent",
      reason: "neither ertis:managementKubeconfig nor KUBECONFIG says where the kubeconfig is",
    };
  }
  if (value.includes(":")) {
    throw new StackError(
      `${name} lists several files (${value}). Set ertis:managementKubeconfig to the one of the ` +
        "management cluster.",
    );
  }
  const path = resolve(value);
  return existsSync(path)
    ? { kind: "file", path }
    : { kind: "absent", reason: `${name} says ${path}, which does not exist` };
}
