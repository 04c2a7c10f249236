import { existsSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import { OperationProblem } from "../problem.ts";

/** Reads a kubeconfig: its content, or the path of a file. */
export function loadKubeconfig(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig.includes("\n") || kubeconfig.startsWith("{")) {
    config.loadFromString(kubeconfig);
  } else if (existsSync(kubeconfig)) {
    config.loadFromFile(kubeconfig);
  } else {
    throw new OperationProblem(
      "unavailable",
      `no kubeconfig at ${kubeconfig}`,
      "set KUBECONFIG to the management cluster's; npm run up:local starts local clusters and does so itself",
    );
  }
  if (config.getCurrentCluster() === null) {
    throw new OperationProblem(
      "unavailable",
      "the kubeconfig names no current cluster",
      "choose one with: kubectl config use-context",
    );
  }
  return config;
}
