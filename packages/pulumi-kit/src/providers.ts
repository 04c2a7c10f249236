import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubeconfigSource } from "./kubeconfig-source.ts";
import { StackError } from "./stack-error.ts";
import type { StackFacts } from "./stack-facts.ts";
import { unknownOutput } from "./stack-reference.ts";

/** An update is refused without the management cluster; a preview goes on and says what it cannot know. */
export function requireKubeconfig(
  source: KubeconfigSource,
  { isPreview, warn }: { readonly isPreview: boolean; readonly warn: (message: string) => void },
): void {
  if (source.kind === "file") {
    return;
  }
  if (!isPreview) {
    throw new StackError(
      `The management cluster's kubeconfig is missing: ${source.reason}. Set one of them to a file.`,
    );
  }
  warn(
    `The management cluster is not known (${source.reason}), so nothing is compared with it: what is ` +
      "up already may show as changed.",
  );
}

export function createManagementProvider(source: KubeconfigSource): k8s.Provider {
  return createProvider(
    "management",
    source.kind === "file" ? source.path : unknownOutput<string>(),
  );
}

/**
 * The provider of a hall's or a registered cluster. Its kubeconfig is the Secret that the clusters
 * stack names, read through the management cluster: no kubeconfig crosses a stack output, and in a first
 * preview it is unknown.
 */
export function createWorkloadProvider(
  cluster: string,
  facts: pulumi.Output<StackFacts["clusters"]>,
  management: { readonly provider: k8s.Provider; readonly source: KubeconfigSource },
): k8s.Provider {
  const id =
    management.source.kind === "file"
      ? facts.apply(({ kubeconfigSecret }) => kubeconfigSecret)
      : unknownOutput<string>();
  const secret = k8s.core.v1.Secret.get(`${cluster}-kubeconfig`, id, {
    provider: management.provider,
  });
  const kubeconfig = secret.data.apply((data) => decodeKubeconfig(cluster, data));
  return createProvider(cluster, pulumi.secret(kubeconfig));
}

function decodeKubeconfig(cluster: string, data: Readonly<Record<string, string>>): string {
  const value = data["value"];
  if (value === undefined) {
    throw new StackError(
      `The Secret ${cluster}-kubeconfig has no key "value"; Cluster API writes the kubeconfig there.`,
    );
  }
  return Buffer.from(value, "base64").toString("utf8");
}

/**
 * `clusterIdentifier` says that it is the same cluster however its kubeconfig changes; without it a new
 * kubeconfig replaces every object. Maps are mutable, else each change of a ConfigMap replaces it.
 */
function createProvider(name: string, kubeconfig: pulumi.Input<string>): k8s.Provider {
  return new k8s.Provider(name, {
    kubeconfig,
    clusterIdentifier: name,
    enableServerSideApply: true,
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });
}
